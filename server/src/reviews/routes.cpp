#include "http/json.hpp"
#include "http/page.hpp"
#include "reviews/reviews.hpp"

namespace astrotalk::reviews {
namespace {

using http::exchange;
using http::faults;
using http::problem;
using http::response;

constexpr std::size_t longest_review = 2000, longest_reply = 1000, longest_reason = 500;

response refused(error why) {
    switch (why) {
        case error::not_found: return problem(404, "not_found", "There is nothing of that id.");
        case error::not_completed:
            return problem(409, "not_completed", "Only a completed paid consultation can be reviewed.");
        case error::too_late: return problem(409, "too_late", "The review cannot be changed any more.");
    }
    __builtin_unreachable();
}

response done(bool found) {
    if (!found) return refused(error::not_found);
    response r;
    r.status = 204;
    return r;
}

faults fault(std::string pointer, std::string_view expected) {
    return {{{std::move(pointer), std::string(expected)}}};
}

struct review_request {
    std::int32_t stars = 0;
    std::string text;
};
BOOST_DESCRIBE_STRUCT(review_request, (), (stars, text))

task<response> put_review(service& s, exchange& x) {
    auto sent = http::from_json<review_request>(x.in.body);
    if (!sent) co_return problem(sent.error());
    if (sent->stars < 1 || sent->stars > 5) co_return problem(fault("/stars", "1 to 5"));
    if (const auto wrong = fault_of(sent->text, 0, longest_review)) co_return problem(fault("/text", *wrong));
    const auto id = booking_id::parse(x.path_values[0]);
    if (!id) co_return refused(error::not_found);
    const auto made = co_await write_review(s, x.caller(), *id, sent->stars, std::move(sent->text));
    if (!made) co_return refused(made.error());
    co_return http::ok(*made);
}

template <class List>
task<response> list_with(service& s, exchange& x, user_id whose, List list) {
    const auto asked = http::page_of(x.in);
    if (!asked) co_return problem(asked.error());
    const auto before = http::cursor_id(*asked, http::highest_id);
    if (!before) co_return problem(before.error());
    auto rows = co_await list(s, whose, *before, asked->rows_to_read());
    co_return http::ok(http::page_by_id(std::move(rows), *asked));
}

task<response> get_reviews(service& s, exchange& x) {
    const auto id = user_id::parse(x.path_values[0]);
    if (!id) co_return refused(error::not_found);
    co_return co_await list_with(s, x, *id, list_reviews);
}
task<response> get_own_reviews(service& s, exchange& x) {
    return list_with(s, x, x.caller(), list_own_reviews);
}
task<response> get_received_reviews(service& s, exchange& x) {
    return list_with(s, x, x.caller(), list_received_reviews);
}

struct reply_request {
    std::string text;
};
BOOST_DESCRIBE_STRUCT(reply_request, (), (text))

task<response> put_reply(service& s, exchange& x) {
    auto sent = http::from_json<reply_request>(x.in.body);
    if (!sent) co_return problem(sent.error());
    if (const auto wrong = fault_of(sent->text, 1, longest_reply)) co_return problem(fault("/text", *wrong));
    const auto id = uuid::parse(x.path_values[0]);
    if (!id) co_return refused(error::not_found);
    co_return done(co_await reply_to_review(s, x.caller(), *id, std::move(sent->text)));
}

task<response> delete_reply(service& s, exchange& x) {
    const auto id = uuid::parse(x.path_values[0]);
    if (!id) co_return refused(error::not_found);
    co_return done(co_await reply_to_review(s, x.caller(), *id, std::nullopt));
}

staff staff_of(const exchange& x, std::string reason) {
    return {x.caller(), x.who->in_group("admin") ? "admin" : "support", std::move(reason), x.request_id};
}

task<response> get_all_reviews(service& s, exchange& x) {
    const auto asked = http::page_of(x.in);
    if (!asked) co_return problem(asked.error());
    const auto before = http::cursor_id(*asked, http::highest_id);
    if (!before) co_return problem(before.error());
    standing in{};
    if (!boost::describe::enum_from_string(x.in.parameter("state").value_or("visible").c_str(), in))
        co_return problem(fault("state", "visible, held or removed"));
    auto why = x.in.parameter("reason").value_or("");
    if (const auto wrong = fault_of(why, 1, 200)) co_return problem(fault("reason", *wrong));
    auto rows = co_await list_reviews_for_staff(s, staff_of(x, std::move(why)), in, *before, asked->limit);
    co_return http::ok(http::page_by_id(std::move(rows), *asked));
}

struct decision {
    standing state{};
    std::string reason;
};
BOOST_DESCRIBE_STRUCT(decision, (), (state, reason))

task<response> post_decision(service& s, exchange& x) {
    auto sent = http::from_json<decision>(x.in.body);
    if (!sent) co_return problem(sent.error());
    if (const auto wrong = fault_of(sent->reason, 1, longest_reason))
        co_return problem(fault("/reason", *wrong));
    const auto id = uuid::parse(x.path_values[0]);
    if (!id) co_return refused(error::not_found);
    co_return done(co_await decide_review(s, staff_of(x, std::move(sent->reason)), *id, sent->state));
}

using enum http::access;
using http::verb;

constexpr http::route<service> table[] = {
    {verb::put, "/v1/bookings/{id}/review", signed_in, put_review},
    {verb::get, "/v1/astrologers/{id}/reviews", signed_in, get_reviews},
    {verb::get, "/v1/me/reviews", signed_in, get_own_reviews},
    {verb::get, "/v1/astrologer/reviews", astrologer, get_received_reviews},
    {verb::put, "/v1/astrologer/reviews/{id}/reply", astrologer, put_reply},
    {verb::delete_, "/v1/astrologer/reviews/{id}/reply", astrologer, delete_reply},
    {verb::get, "/v1/admin/reviews", support, get_all_reviews},
    {verb::post, "/v1/admin/reviews/{id}/decide", admin, post_decision},
};

}  // namespace

std::span<const http::route<service>> routes() { return table; }

}  // namespace astrotalk::reviews
