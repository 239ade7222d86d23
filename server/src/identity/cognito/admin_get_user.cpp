#include "identity/cognito/admin.hpp"
#include "identity/cognito/second_factor.hpp"

namespace astrotalk::identity::cognito {

task<http::response> admin_get_user(service& s, members& in, const administrator& by) {
    check_pool(s, in);
    const auto who = read_username(in);
    if (in.fault()) co_return refuse(*in.fault());
    const auto found = co_await read_user(s, who, by);
    if (!found) co_return refuse(found.error(), s);
    auto body = describe(*found, "UserAttributes");
    add_factor(body, co_await find_factor(s, found->who.id));
    co_return answer_with(body);
}

}  // namespace astrotalk::identity::cognito
