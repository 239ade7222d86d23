#include "identity/cognito/admin.hpp"

namespace astrotalk::identity::cognito {

namespace {

user_filter read_filter(members& in, const std::string& text) {
    if (text.empty()) return {};
    auto parsed = parse_filter(text, in.served());
    if (parsed) return std::move(*parsed);
    in.refuse("InvalidParameterException",
              parsed.error() == filter_fault::malformed
                  ? "Error while parsing filter."
                  : "Users are found by phone_number, sub, username, status and cognito:user_status.");
    return {};
}

}  // namespace

task<http::response> list_users(service& s, members& in, const administrator& by) {
    check_pool(s, in);
    const auto filter = in.text("Filter", 256);
    const auto wanted = in.strings("AttributesToGet", 50);
    for (const auto& name : wanted.value_or(std::vector<std::string>()))
        if (std::ranges::find(schema(), name) == schema().end())
            in.refuse("InvalidParameterException",
                      "One or more requested attributes do not exist in user pool.");
    auto whom = read_filter(in, filter);
    const std::string scope = "ListUsers:" + filter;
    const auto which = read_page(s, in, "PaginationToken", scope);
    if (in.fault()) co_return refuse(*in.fault());
    auto found = co_await identity::list_users(s, std::move(whom), which, by);
    const auto next =
        cut_page(s, found, which, scope, [](const known_user& last) { return last.who.id.to_string(); });
    json_object body;
    body.add_raw("Users", describe(found, wanted)).add_if("PaginationToken", next);
    co_return answer_with(body);
}

}  // namespace astrotalk::identity::cognito
