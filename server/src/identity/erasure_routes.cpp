#include "http/json.hpp"
#include "identity/end_account.hpp"
#include "identity/personal_data.hpp"

namespace astrotalk::identity {
namespace {

using http::exchange;
using http::response;

// What cannot be taken back is not done by a call without a body.
struct erasure_body {
    bool confirm = false;
};
BOOST_DESCRIBE_STRUCT(erasure_body, (), (confirm))

response refused(const account_refusal& why) {
    switch (why.why) {
        case account_error::sign_in_again:
            return http::problem(403, "sign_in_again",
                                 "This needs a sign-in of the last ten minutes: sign in again.");
        case account_error::has_bookings:
            return http::problem(409, "has_bookings",
                                 "There are open bookings: cancel them, or wait until they are settled.");
        case account_error::has_money:
            return http::problem(409, "has_money", "There is money in the wallet: have it paid out first.");
        default: break;
    }
    return http::problem(401, "unauthenticated", "The user may not sign in any more.");
}

task<response> post_erasure(service& s, exchange& x) {
    const auto sent = http::from_json<erasure_body>(x.in.body);
    if (!sent) co_return http::problem(sent.error());
    if (!sent->confirm)
        co_return http::problem(http::faults{{{"/confirm", "true: this cannot be taken back"}}});
    const auto done = co_await erase_account(s, *x.who, x.request_id);
    if (!done) co_return refused(done.error());
    response certificate;
    certificate.headers.emplace_back("cache-control", "no-store");
    certificate.body = *done;
    co_return certificate;
}

constexpr http::route<service> table[] = {
    {http::verb::post, "/v1/me/erasure", http::access::signed_in, post_erasure},
};

}  // namespace

std::span<const http::route<service>> erasure_routes() { return table; }

}  // namespace astrotalk::identity
