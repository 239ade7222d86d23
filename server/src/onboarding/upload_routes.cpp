#include "core/aadhaar.hpp"
#include "http/json.hpp"
#include "onboarding/domain.hpp"
#include "onboarding/uploads.hpp"

namespace astrotalk::onboarding::uploads {
namespace {

using http::exchange;
using http::response;

response refused(error why) {
    switch (why) {
        case error::upload_not_found:
            return http::problem(404, "upload_not_found", "There is no such upload.");
        case error::profile_required:
            return http::problem(409, "profile_required",
                                 "Save your profile first: PUT /v1/astrologer/profile.");
        case error::too_many_uploads:
            return http::problem(
                {429, "too_many_uploads", "Too many uploads today: try again tomorrow.", {}, {}, 86'400});
        case error::nothing_sent:
            return http::problem(409, "nothing_sent", "Nothing has been sent to the upload's link.");
    }
    __builtin_unreachable();
}

bool signed_up_as_user(const exchange& x) { return x.who->user_type != "astrologer"; }
response not_astrologer() {
    return http::problem(403, "not_astrologer", "Only those who signed up as astrologers have a profile.");
}

struct uploads_body {
    std::vector<view> items;
};
BOOST_DESCRIBE_STRUCT(uploads_body, (), (items))

task<response> post_upload(service& s, exchange& x) {
    if (signed_up_as_user(x)) co_return not_astrologer();
    auto sent = http::from_json<request>(x.in.body);
    if (!sent) co_return http::problem(sent.error());
    if (auto found = check(*sent); !found.empty()) co_return http::problem(http::faults{std::move(found)});
    const auto asked = co_await ask(s, x.caller(), std::move(*sent));
    co_return asked ? http::ok(*asked, 201) : refused(asked.error());
}

task<response> get_uploads(service& s, exchange& x) {
    if (signed_up_as_user(x)) co_return not_astrologer();
    co_return http::ok(uploads_body{co_await list(s, x.caller())});
}

task<response> post_sent(service& s, exchange& x) {
    if (signed_up_as_user(x)) co_return not_astrologer();
    const auto id = uuid::parse(x.path_values[0]);
    if (!id) co_return refused(error::upload_not_found);
    const auto confirmed = co_await confirm(s, x.caller(), *id);
    co_return confirmed ? http::ok(*confirmed, 202) : refused(confirmed.error());
}

task<response> delete_upload(service& s, exchange& x) {
    if (signed_up_as_user(x)) co_return not_astrologer();
    const auto id = uuid::parse(x.path_values[0]);
    if (!id) co_return refused(error::upload_not_found);
    const auto gone = co_await remove(s, x.caller(), *id, x.request_id);
    if (!gone) co_return refused(gone.error());
    response r;
    r.status = 204;
    co_return r;
}

task<response> get_of_astrologer(service& s, exchange& x) {
    auto reason = x.in.parameter("reason");
    const auto length = reason ? printable_length(*reason, false) : std::nullopt;
    if (!length || *length < 1 || *length > 200)
        co_return http::problem(
            http::faults{{{"reason", "why this is read, 1 to 200 printable characters"}}});
    if (holds_aadhaar_number(*reason))
        co_return http::problem(http::faults{{{"reason", std::string(no_aadhaar_number)}}});
    const auto id = user_id::parse(x.path_values[0]);
    if (!id) co_return http::problem(404, "astrologer_not_found", "There is no such astrologer.");
    const reader who{x.caller(), x.who->in_group("admin") ? "admin" : "support", std::move(*reason),
                     x.request_id};
    co_return http::ok(uploads_body{co_await read(s, who, *id)});
}

constexpr http::route<service> table[] = {
    {http::verb::get, "/v1/astrologer/uploads", http::access::astrologer, get_uploads},
    {http::verb::post, "/v1/astrologer/uploads", http::access::astrologer, post_upload},
    {http::verb::post, "/v1/astrologer/uploads/{id}/sent", http::access::astrologer, post_sent},
    {http::verb::delete_, "/v1/astrologer/uploads/{id}", http::access::astrologer, delete_upload},
    {http::verb::get, "/v1/admin/astrologers/{id}/uploads", http::access::support, get_of_astrologer},
};

}  // namespace

std::span<const http::route<service>> routes() { return table; }

}  // namespace astrotalk::onboarding::uploads
