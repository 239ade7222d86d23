#include "http/json.hpp"
#include "onboarding/onboarding.hpp"
#include "onboarding/queries.hpp"

namespace astrotalk::onboarding::payout {
namespace {

using http::exchange;
using http::response;

response not_astrologer() { return refused({onboarding::error::not_astrologer}); }

task<response> get_account(service& s, exchange& x) {
    if (x.who->user_type != "astrologer") co_return not_astrologer();
    const auto found = co_await find(s, x.caller());
    co_return found ? http::ok(*found) : http::problem(404, "not_found", "No account has been saved yet.");
}

task<response> put_account(service& s, exchange& x) {
    if (x.who->user_type != "astrologer") co_return not_astrologer();
    auto sent = http::from_json<account>(x.in.body);
    if (!sent) co_return http::problem(sent.error());
    auto wanted = tidied(std::move(*sent));
    if (auto found = check(wanted); !found.empty()) co_return http::problem(http::faults{std::move(found)});
    const auto saved = co_await save(s, x.caller(), std::move(wanted), x.request_id);
    co_return saved
        ? http::ok(*saved)
        : http::problem(409, "profile_required", "Save your profile first: PUT /v1/astrologer/profile.");
}

struct steps_body {
    std::vector<step_item> items;
};
BOOST_DESCRIBE_STRUCT(steps_body, (), (items))

task<response> get_steps(service& s, exchange& x) {
    if (x.who->user_type != "astrologer") co_return not_astrologer();
    const auto at = co_await s.pg.read_one<progress>(sql::read_steps, x.caller());
    const auto profile = co_await find_profile(s.pg, x.caller());
    co_return http::ok(steps_body{steps_of(at.value_or(progress{}), profile && missing(*profile).empty())});
}

constexpr http::route<service> table[] = {
    {http::verb::get, "/v1/astrologer/steps", http::access::astrologer, get_steps},
    {http::verb::get, "/v1/astrologer/payout-account", http::access::astrologer, get_account},
    {http::verb::put, "/v1/astrologer/payout-account", http::access::astrologer, put_account},
};

}  // namespace

std::span<const http::route<service>> routes() { return table; }

}  // namespace astrotalk::onboarding::payout
