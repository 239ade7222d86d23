#include "booking/steps.hpp"
#include "http/json.hpp"

namespace astrotalk::booking {
namespace {

using http::exchange;
using http::problem;
using http::response;

http::faults fault(std::string pointer, std::string expected) {
    return {{{std::move(pointer), std::move(expected)}}};
}

task<response> post_extend(service& s, exchange& x) {
    const auto id = occupancy_id::parse(x.path_values[0]);
    if (!id) co_return refused({error::hold_not_found});
    co_return answered(co_await extend_hold(s, caller_of(x), *x.idempotency, *id));
}

struct cancel_request {
    std::optional<std::string> reason;
    std::optional<money> refund;  // as it was shown
    BOOST_DESCRIBE_CLASS(cancel_request, (), (reason, refund), (), ())
};

task<response> post_cancel(service& s, exchange& x) {
    cancel_request asked;
    if (!x.in.body.empty()) {
        auto read = http::from_json<cancel_request>(x.in.body, {.string = 500});
        if (!read) co_return problem(read.error());
        asked = std::move(*read);
    }
    const auto id = booking_id::parse(x.path_values[0]);
    if (!id) co_return refused({error::booking_not_found});
    co_return answered(
        co_await cancel_booking(s, caller_of(x), *x.idempotency, *id, std::move(asked.reason), asked.refund));
}

task<response> get_cancellation(service& s, exchange& x) {
    const auto id = booking_id::parse(x.path_values[0]);
    if (!id) co_return refused({error::booking_not_found});
    const auto shown = co_await preview_cancellation(s, caller_of(x), *id);
    if (!shown) co_return refused(shown.error());
    co_return http::ok(*shown);
}

struct reschedule_request {
    instant starts_at;
    BOOST_DESCRIBE_CLASS(reschedule_request, (), (starts_at), (), ())
};

task<response> post_reschedule(service& s, exchange& x) {
    const auto asked = http::from_json<reschedule_request>(x.in.body);
    if (!asked) co_return problem(asked.error());
    const auto id = booking_id::parse(x.path_values[0]);
    if (!id) co_return refused({error::booking_not_found});
    co_return answered(co_await reschedule_booking(s, caller_of(x), *x.idempotency, *id, asked->starts_at));
}

task<response> post_check_in(service& s, exchange& x) {
    const auto id = booking_id::parse(x.path_values[0]);
    if (!id) co_return refused({error::booking_not_found});
    const auto there = co_await check_in(s, caller_of(x), *id);
    if (!there) co_return refused(there.error());
    co_return http::ok(*there);
}

// What the members say together; nothing when it makes sense.
std::optional<http::faults> fault_of(const decision& by) {
    if (by.reason.empty()) return fault("/reason", "1 to 500 characters");
    if ((by.outcome == verdict::no_show) != by.side.has_value())
        return fault("/side", "user or astrologer, of a no_show alone");
    if (by.amount && (by.outcome != verdict::refund || by.amount->paise <= 0))
        return fault("/amount", "paise above 0, of a refund alone");
    return std::nullopt;
}

task<response> post_override(service& s, exchange& x) {
    auto asked = http::from_json<decision>(x.in.body, {.string = 500});
    if (!asked) co_return problem(asked.error());
    if (const auto wrong = fault_of(*asked)) co_return problem(*wrong);
    const auto id = booking_id::parse(x.path_values[0]);
    if (!id) co_return refused({error::booking_not_found});
    co_return answered(co_await override_booking(s, caller_of(x), *x.idempotency, *id, std::move(*asked)));
}

using enum http::access;
using http::idempotent;
using http::verb;

constexpr http::route<service> table[] = {
    {verb::post, "/v1/holds/{id}/extend", signed_in, post_extend, idempotent::required},
    {verb::post, "/v1/bookings/{id}/cancel", signed_in, post_cancel, idempotent::required},
    {verb::get, "/v1/bookings/{id}/cancellation", signed_in, get_cancellation},
    {verb::post, "/v1/bookings/{id}/reschedule", signed_in, post_reschedule, idempotent::required},
    {verb::post, "/v1/bookings/{id}/check-in", signed_in, post_check_in},
    {verb::post, "/v1/admin/bookings/{id}/override", admin, post_override, idempotent::required},
};

}  // namespace

std::span<const http::route<service>> end_routes() { return table; }

}  // namespace astrotalk::booking
