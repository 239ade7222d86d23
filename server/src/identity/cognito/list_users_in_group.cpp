#include "identity/cognito/admin.hpp"

namespace astrotalk::identity::cognito {

task<http::response> list_users_in_group(service& s, members& in, const administrator& by) {
    check_pool(s, in);
    const auto name = read_group_name(in);
    const std::string scope = "ListUsersInGroup:" + name;
    const auto which = read_page(s, in, "NextToken", scope);
    if (in.fault()) co_return refuse(*in.fault());
    auto found = co_await identity::list_users_in_group(s, name, which, by);
    if (!found) co_return refuse(found.error(), s);
    const auto next =
        cut_page(s, *found, which, scope, [](const known_user& last) { return last.who.id.to_string(); });
    json_object body;
    body.add_raw("Users", describe(*found)).add_if("NextToken", next);
    co_return answer_with(body);
}

}  // namespace astrotalk::identity::cognito
