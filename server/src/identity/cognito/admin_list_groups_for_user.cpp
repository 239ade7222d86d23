#include "identity/cognito/admin.hpp"

namespace astrotalk::identity::cognito {

task<http::response> admin_list_groups_for_user(service& s, members& in, const administrator&) {
    check_pool(s, in);
    const auto name = in.required("Username", 128);
    const std::string scope = "AdminListGroupsForUser:" + name;
    const auto which = read_page(s, in, "NextToken", scope);
    if (in.fault()) co_return refuse(*in.fault());
    auto found = co_await list_groups_of(s, user_name::parse(name, in.served()), which);
    if (!found) co_return refuse(found.error(), s);
    const auto next = cut_page(s, *found, which, scope, [](const group& last) { return last.name; });
    json_object body;
    body.add_raw("Groups", describe(s, *found)).add_if("NextToken", next);
    co_return answer_with(body);
}

}  // namespace astrotalk::identity::cognito
