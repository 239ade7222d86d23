#include "http/json.hpp"
#include "onboarding/onboarding.hpp"

namespace astrotalk::onboarding {
namespace {

using http::exchange;
using http::response;

response no_profile_yet() { return http::problem(404, "not_found", "No profile has been saved yet."); }

// The gateway lets in whoever it calls an astrologer; a profile is for those who signed up as one.
bool signed_up_as_user(const exchange& x) { return x.who->user_type != "astrologer"; }

template <class T>
response answer(const outcome<T>& done) {
    return done ? http::ok(*done) : refused(done.error());
}

task<response> get_profile(service& s, exchange& x) {
    if (signed_up_as_user(x)) co_return refused({error::not_astrologer});
    const auto found = co_await find_profile(s.pg, x.caller());
    co_return found ? http::ok(*found) : no_profile_yet();
}

task<response> put_profile(service& s, exchange& x) {
    if (signed_up_as_user(x)) co_return refused({error::not_astrologer});
    auto sent = http::from_json<profile_draft>(x.in.body);
    if (!sent) co_return http::problem(sent.error());
    auto draft = tidied(std::move(*sent));
    if (auto found = check(draft); !found.empty()) co_return http::problem(http::faults{std::move(found)});
    co_return answer(co_await save_profile(s.pg, s.keys, x.caller(), std::move(draft), x.request_id));
}

task<response> post_submission(service& s, exchange& x) {
    if (signed_up_as_user(x)) co_return refused({error::not_astrologer});
    co_return answer(co_await submit_profile(s.pg, x.caller(), x.request_id, s.quality_review));
}

task<response> put_prices(service& s, exchange& x) {
    if (signed_up_as_user(x)) co_return refused({error::not_astrologer});
    const auto sent = http::from_json<channel_prices>(x.in.body);
    if (!sent) co_return http::problem(sent.error());
    if (auto found = check(*sent); !found.empty()) co_return http::problem(http::faults{std::move(found)});
    co_return answer(co_await set_prices(s.pg, x.caller(), *sent, x.request_id));
}

task<response> get_availability(service& s, exchange& x) {
    if (signed_up_as_user(x)) co_return refused({error::not_astrologer});
    const auto found = co_await find_availability(s.pg, x.caller());
    co_return found ? http::ok(*found) : no_profile_yet();
}

task<response> put_availability(service& s, exchange& x) {
    if (signed_up_as_user(x)) co_return refused({error::not_astrologer});
    auto sent = http::from_json<availability>(x.in.body);
    if (!sent) co_return http::problem(sent.error());
    if (auto found = check(*sent); !found.empty()) co_return http::problem(http::faults{std::move(found)});
    co_return answer(co_await set_availability(s.pg, x.caller(), std::move(*sent), x.request_id));
}

constexpr http::route<service> table[] = {
    {http::verb::get, "/v1/astrologer/profile", http::access::astrologer, get_profile},
    {http::verb::put, "/v1/astrologer/profile", http::access::astrologer, put_profile},
    {http::verb::post, "/v1/astrologer/profile/submit", http::access::astrologer, post_submission},
    {http::verb::put, "/v1/astrologer/prices", http::access::astrologer, put_prices},
    {http::verb::get, "/v1/astrologer/availability", http::access::astrologer, get_availability},
    {http::verb::put, "/v1/astrologer/availability", http::access::astrologer, put_availability},
};

}  // namespace

response refused(const refusal& why) {
    switch (why.code) {
        case error::not_astrologer:
            return http::problem(403, "not_astrologer",
                                 "Only those who signed up as astrologers have a profile.");
        case error::astrologer_not_found:
            return http::problem(404, "astrologer_not_found", "There is no such astrologer.");
        case error::already_submitted:
            return http::problem(409, "already_submitted",
                                 "The profile waits for a decision or is approved.");
        case error::not_pending:
            return http::problem(409, "not_pending", "The profile does not wait for a decision.");
        case error::kyc_not_completed:
            return http::problem(409, "kyc_not_completed", "The astrologer's identity check has not passed.");
        case error::profile_incomplete:
            return http::problem({.status = 409,
                                  .code = "profile_incomplete",
                                  .title = "The profile is not complete.",
                                  .errors = why.missing,
                                  .extra = {},
                                  .retry_after_seconds = {}});
    }
    return http::problem(500, "internal", "");
}

std::span<const http::route<service>> routes() { return table; }

}  // namespace astrotalk::onboarding
