#include "identity/cognito/admin.hpp"

namespace astrotalk::identity::cognito {

task<http::response> admin_disable_user(service& s, members& in, const administrator& by) {
    check_pool(s, in);
    const auto who = read_username(in);
    if (in.fault()) co_return refuse(*in.fault());
    co_return answer_with(co_await disable_user(s, who, by), s);
}

}  // namespace astrotalk::identity::cognito
