#include "booking/steps.hpp"
#include "core/clock.hpp"
#include "http/json.hpp"
#include "http/page.hpp"

namespace astrotalk::booking {
namespace {

using http::exchange;
using http::problem;
using http::response;

struct fault {
    int status;
    std::string_view name;
    const char* title;
};

fault fault_of(error why) {
    switch (why) {
        case error::idempotency_key_reused:
            return {422, "idempotency_key_reused", "This Idempotency-Key came with another request before."};
        case error::profile_incomplete:
            return {409, "profile_incomplete", "Complete your profile first: PUT /v1/me/profile."};
        case error::own_time: return {403, "forbidden", "Astrologers cannot book themselves."};
        case error::astrologer_not_found:
            return {404, "astrologer_not_found", "There is no such astrologer."};
        case error::pair_blocked: return {409, "pair_blocked", "One of you has blocked the other."};
        case error::channel_not_offered:
            return {409, "channel_not_offered", "The astrologer does not offer that channel."};
        case error::length_not_offered:
            return {409, "length_not_offered", "The astrologer does not offer that length."};
        case error::free_consultation_used:
            return {409, "free_consultation_used", "You have had your free consultation with them."};
        case error::slot_not_offered:
            return {409, "slot_not_offered", "The astrologer does not offer that time."};
        case error::fully_booked:
            return {409, "fully_booked", "The astrologer takes no more consultations that day or week."};
        case error::slot_taken: return {409, "slot_taken", "That time is taken."};
        case error::user_busy: return {409, "user_busy", "You have another booking at that time."};
        case error::hold_not_found: return {404, "hold_not_found", "You have no such hold."};
        case error::hold_expired: return {409, "hold_expired", "The hold has ended."};
        case error::hold_extended_before:
            return {409, "hold_extended_before", "A hold can be extended once."};
        case error::insufficient_funds: return {402, "insufficient_funds", "The wallet holds too little."};
        case error::booking_not_found: return {404, "booking_not_found", "You have no such booking."};
        case error::already_cancelled: return {409, "already_cancelled", "The booking is cancelled."};
        case error::other_side_only: return {403, "forbidden", "That is for another side of the booking."};
        case error::already_settled: return {409, "already_settled", "The booking has ended."};
        case error::too_late: return {409, "too_late", "The consultation has started."};
        case error::check_in_too_early: return {409, "check_in_too_early", "It is too early to check in."};
        case error::check_in_too_late: return {409, "check_in_too_late", "The consultation is over."};
        case error::reschedule_too_late:
            return {409, "reschedule_too_late", "The start is too near to move the booking."};
        case error::reschedules_used_up:
            return {409, "reschedules_used_up", "The booking has been moved as often as it may be."};
        case error::refund_changed: return {409, "refund_changed", "The refund is less by now."};
        case error::refund_too_large: return {409, "refund_too_large", "That much of the price is not left."};
        case error::same_time: return {409, "same_time", "The booking starts then already."};
        case error::day_out_of_reach:
            return {409, "day_out_of_reach", "That day is over, or more than a year ahead."};
        case error::day_not_found: return {404, "day_not_found", "That day has no hours of its own."};
        case error::time_off_overlaps:
            return {409, "time_off_overlaps", "You are off then already, for some of it."};
        case error::bookings_in_the_way:
            return {409, "bookings_in_the_way", "There are bookings then: say what becomes of them."};
        case error::time_off_not_found: return {404, "time_off_not_found", "There is no such time off."};
        case error::too_many: return {409, "too_many", "There are too many of them."};
    }
    __builtin_unreachable();
}

bool has_alternatives(error why) {
    return why == error::slot_not_offered || why == error::fully_booked || why == error::slot_taken ||
           why == error::user_busy;
}

http::faults fault(std::string pointer, std::string expected) {
    return {{{std::move(pointer), std::move(expected)}}};
}

constexpr const char* lengths = "15, 30, 45 or 60";
constexpr const char* free_lengths = "5, 10 or 15 of a free consultation";

task<response> post_hold(service& s, exchange& x) {
    const auto asked = http::from_json<hold_request>(x.in.body);
    if (!asked) co_return problem(asked.error());
    const bool free = asked->free.value_or(false);
    if (free ? !is_free_length(asked->minutes) : !is_length(asked->minutes))
        co_return problem(fault("/minutes", free ? free_lengths : lengths));
    const auto made = co_await hold_slot(s, caller_of(x), *x.idempotency, *asked);
    if (!made)
        funnel::refused_hold(fault_of(made.error().why).name);
    else if (!made->replayed)
        funnel::held();
    co_return answered(made);
}

task<response> get_hold(service& s, exchange& x) {
    if (const auto id = occupancy_id::parse(x.path_values[0]))
        if (const auto found = co_await view_hold(s, x.caller(), *id)) co_return http::ok(*found);
    co_return refused({error::hold_not_found});
}

task<response> delete_hold(service& s, exchange& x) {
    const auto id = occupancy_id::parse(x.path_values[0]);
    if (!id || !co_await release_hold(s, caller_of(x), *id)) co_return refused({error::hold_not_found});
    response done;
    done.status = 204;
    co_return done;
}

struct book_request {
    occupancy_id hold_id;
    BOOST_DESCRIBE_CLASS(book_request, (), (hold_id), (), ())
};

task<response> post_booking(service& s, exchange& x) {
    const auto asked = http::from_json<book_request>(x.in.body);
    if (!asked) co_return problem(asked.error());
    co_return answered(co_await book(s, caller_of(x), *x.idempotency, asked->hold_id));
}

task<response> get_booking(service& s, exchange& x) {
    if (const auto id = booking_id::parse(x.path_values[0]))
        if (const auto found = co_await find_booking(s, *id))
            if (x.caller() == found->user_id || x.caller() == found->astrologer_id ||
                x.who->in_group("admin"))
                co_return http::ok(*found);
    co_return refused({error::booking_not_found});
}

using lister = task<std::vector<booking>> (*)(service&, user_id, booking_id, std::int32_t);

task<response> list_with(service& s, exchange& x, lister list) {
    const auto asked = http::page_of(x.in);
    if (!asked) co_return problem(asked.error());
    const auto before = http::cursor_id(*asked, http::highest_id);
    if (!before) co_return problem(before.error());
    auto rows = co_await list(s, x.caller(), booking_id{*before}, asked->rows_to_read());
    co_return http::ok(http::page_by_id(std::move(rows), *asked));
}

task<response> get_bookings(service& s, exchange& x) { return list_with(s, x, list_bookings_of_user); }
task<response> get_astrologer_bookings(service& s, exchange& x) {
    return list_with(s, x, list_bookings_of_astrologer);
}

// A whole number of the query, `otherwise` when it is absent, nothing when it is not a number.
std::optional<std::int32_t> number(const exchange& x, std::string_view name, std::int32_t otherwise) {
    const auto text = x.in.parameter(name);
    if (!text) return otherwise;
    std::int32_t value = 0;
    const auto [at, failure] = std::from_chars(text->data(), text->data() + text->size(), value);
    if (failure != std::errc{} || at != text->data() + text->size()) return std::nullopt;
    return value;
}

task<response> get_slots(service& s, exchange& x) {
    const auto from_text = x.in.parameter("from");
    const auto from = from_text ? http::parse_rfc3339(*from_text) : clock::now();
    const auto days = number(x, "days", 7), minutes = number(x, "minutes", 30);
    if (!from) co_return problem(fault("from", "an RFC 3339 instant"));
    if (!days || *days < 1 || *days > 30) co_return problem(fault("days", "1 to 30"));
    if (!minutes || !is_length(*minutes)) co_return problem(fault("minutes", lengths));
    const auto by = channel_named(x.in.parameter("channel").value_or(""));
    if (!by) co_return problem(fault("channel", "chat, call or video"));
    const auto free = x.in.parameter("free").value_or("false");
    if (free != "true" && free != "false") co_return problem(fault("free", "true or false"));
    auto zone = x.in.parameter("zone");
    if (zone && (zone->empty() || zone->size() > 64 || find_zone(*zone) == nullptr))
        co_return problem(fault("zone", "an IANA time zone, such as Asia/Kolkata"));
    const auto astrologer = user_id::parse(x.path_values[0]);
    if (!astrologer) co_return refused({error::astrologer_not_found});
    const range within{*from, *from + std::chrono::days(*days)};
    const auto page = co_await list_slots(s, x.caller(), *astrologer, within, free == "true" ? 0 : *minutes,
                                          *by, std::move(zone));
    if (!page) co_return refused(page.error());
    co_return http::ok(*page);
}

using enum http::access;
using http::idempotent;
using http::verb;

constexpr http::route<service> table[] = {
    {verb::get, "/v1/astrologers/{id}/slots", signed_in, get_slots},
    {verb::post, "/v1/holds", signed_in, post_hold, idempotent::required},
    {verb::get, "/v1/holds/{id}", signed_in, get_hold},
    {verb::delete_, "/v1/holds/{id}", signed_in, delete_hold},
    {verb::post, "/v1/bookings", signed_in, post_booking, idempotent::required},
    {verb::get, "/v1/bookings", signed_in, get_bookings},
    {verb::get, "/v1/bookings/{id}", signed_in, get_booking},
    {verb::get, "/v1/astrologer/bookings", astrologer, get_astrologer_bookings},
};

}  // namespace

caller caller_of(const exchange& x) {
    return {x.caller(), x.who->in_group("admin") ? "admin" : x.who->user_type, x.request_id};
}

response answered(const outcome<answer>& what) {
    if (!what) return refused(what.error());
    response r;
    r.status = what->status;
    r.body = what->body;
    if (what->replayed) r.headers.emplace_back("idempotent-replayed", "true");
    return r;
}

std::string_view code_of(error why) { return fault_of(why).name; }

response refused(const refusal& why) {
    const auto [status, name, title] = fault_of(why.why);
    http::problem_detail what{status, name, title, {}, {}, {}};
    for (const auto& each : why.missing) what.errors.emplace_back(each, "is required");
    if (has_alternatives(why.why)) what.extra.emplace_back("alternatives", http::to_json(why.alternatives));
    if (why.refund) what.extra.emplace_back("refund", std::to_string(why.refund->paise));
    if (why.why == error::bookings_in_the_way) {
        what.extra.emplace_back("bookings", http::to_json(why.in_the_way));
        what.extra.emplace_back("holds", std::to_string(why.holds));
    }
    if (why.funds) {
        what.extra.emplace_back("shortBy", std::to_string(why.funds->short_by.paise));
        what.extra.emplace_back("price", std::to_string(why.funds->price.paise));
        what.extra.emplace_back("available", std::to_string(why.funds->available.paise));
    }
    return problem(what);
}

std::span<const http::route<service>> routes() { return table; }

}  // namespace astrotalk::booking
