#include "identity/cognito/admin.hpp"
#include "identity/second_factor.hpp"

namespace astrotalk::identity::cognito {

task<http::response> admin_delete_software_token(service& s, members& in, const administrator& by) {
    check_pool(s, in);
    const auto who = read_username(in);
    if (in.fault()) co_return refuse(*in.fault());
    co_return answer_with(co_await reset_factor(s, who, by), s);
}

}  // namespace astrotalk::identity::cognito
