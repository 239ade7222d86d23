#include "identity/cognito/admin.hpp"

namespace astrotalk::identity::cognito {

task<http::response> list_groups(service& s, members& in, const administrator&) {
    constexpr std::string_view scope = "ListGroups";
    check_pool(s, in);
    const auto which = read_page(s, in, "NextToken", scope);
    if (in.fault()) co_return refuse(*in.fault());
    auto found = co_await identity::list_groups(s, which);
    const auto next = cut_page(s, found, which, scope, [](const group& last) { return last.name; });
    json_object body;
    body.add_raw("Groups", describe(s, found)).add_if("NextToken", next);
    co_return answer_with(body);
}

}  // namespace astrotalk::identity::cognito
