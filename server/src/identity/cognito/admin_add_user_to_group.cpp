#include "identity/cognito/admin.hpp"

namespace astrotalk::identity::cognito {

task<http::response> admin_add_user_to_group(service& s, members& in, const administrator& by) {
    check_pool(s, in);
    const auto who = read_username(in);
    const auto group = read_group_name(in);
    if (in.fault()) co_return refuse(*in.fault());
    co_return answer_with(co_await add_to_group(s, who, group, by), s);
}

}  // namespace astrotalk::identity::cognito
