#include "identity/cognito/account.hpp"
#include "identity/cognito/admin.hpp"

namespace astrotalk::identity::cognito {
namespace {

constexpr std::int32_t page_size = 60;

std::string describe(const geo::location& at) {
    json_object location;
    if (!at.city.empty()) location.add("City", at.city);
    return location.add("Country", at.country.empty() ? "unknown" : at.country).text();
}

std::string describe(const session_entry& one) {
    json_object session;
    session.add("SessionId", session_name(one.id)).add("SessionType", "TOKEN").add("ClientId", one.client_id);
    session.add("CreateDate", epoch_seconds(one.began)).add("LastActiveDate", epoch_seconds(one.last_seen));
    session.add("DeviceType", one.device);
    if (!one.address.empty()) session.add("LastIPAddress", one.address);
    if (one.place) session.add_raw("LastLocation", describe(*one.place));
    return session.add("IsCurrentSession", one.current).text();
}

}  // namespace

task<http::response> list_user_sessions(service& s, members& in, const std::string&) {
    const auto caller = check_caller(s, in);
    const auto token = in.optional("NextToken");
    if (in.fault()) co_return refuse(*in.fault());
    const auto scope = "ListUserSessions:" + caller->who.id.to_string();
    std::optional<family_id> after;
    if (token) {
        const auto last = open_page_token(s.keys, scope, *token);
        if (last) after = family_id::parse(*last);
        if (!after) co_return refuse(refusal{"InvalidParameterException", "Invalid NextToken."});
    }
    auto found = co_await list_sessions(s, caller->who, after, page_size);
    // The one that asks is among the open ones, unless it has ended or is on an earlier page.
    if (found.empty() && !after) co_return refuse(account_refusal{account_error::signed_out});
    json_object body;
    if (found.size() > page_size) {
        found.pop_back();
        body.add("NextToken", page_token(s.keys, scope, found.back().id.to_string()));
    }
    std::string list;
    for (const auto& each : found) list += (list.empty() ? "" : ",") + describe(each);
    co_return answer_with(body.add_raw("Sessions", '[' + list + ']'));
}

}  // namespace astrotalk::identity::cognito
