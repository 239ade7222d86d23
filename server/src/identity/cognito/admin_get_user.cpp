#include "identity/cognito/admin.hpp"

namespace astrotalk::identity::cognito {

task<http::response> admin_get_user(service& s, members& in, const administrator& by) {
    check_pool(s, in);
    const auto who = read_username(in);
    if (in.fault()) co_return refuse(*in.fault());
    const auto found = co_await read_user(s, who, by);
    if (!found) co_return refuse(found.error(), s);
    co_return answer_with(describe(*found, "UserAttributes"));
}

}  // namespace astrotalk::identity::cognito
