#include "booking/end_booking.hpp"
#include "booking/queries.hpp"
#include "core/clock.hpp"
#include "http/json.hpp"

namespace astrotalk::booking {
namespace {

struct corrected_row {
    uuid id;
    std::optional<std::string> broken;
    BOOST_DESCRIBE_CLASS(corrected_row, (), (id, broken), (), ())
};

move move_of(verdict what) {
    switch (what) {
        case verdict::complete: return move::complete;
        case verdict::no_show: return move::report_no_show;
        case verdict::refund: return move::refund;
    }
    __builtin_unreachable();
}

ending ending_of(const decision& by, const booking& b) {
    switch (by.outcome) {
        case verdict::complete: return completed();
        case verdict::no_show: return missed(b, by.side == absentee::user ? side::user : side::astrologer);
        case verdict::refund:
            return {booking_state::cancelled, side::platform, by.amount.value_or(b.price), {}, {}};
    }
    __builtin_unreachable();
}

// Of a booking that has ended: everything is then as if so much less had been kept in the first place.
task<std::optional<std::string>> correct(service& s, sold b, money more, caller who, std::string reason,
                                         http::idempotency_key key) {
    const auto before = divide(b.paid(), *b.refund, b.policy),
               after = divide(b.paid(), *b.refund + more, b.policy);
    booking corrected = b;
    corrected.refund = *b.refund + more;
    auto body = http::to_json(corrected);
    const auto done = co_await s.pg.try_write<corrected_row>(
        sql::correct_booking, b.id, uuid::v7(), uuid::v7(), after.cash_back - before.cash_back,
        after.bonus_back - before.bonus_back, before.earnings - after.earnings,
        before.commission - after.commission, *b.refund, uuid::v7(), who.id, who.role, reason, who.request_id,
        key.key, fingerprint_of(key), body);
    if (!done.has_value() || done->empty()) co_return std::nullopt;
    co_return std::move(body);
}

}  // namespace

task<outcome<answer>> override_booking(service& s, caller who, http::idempotency_key key, booking_id id,
                                       decision by) {
    for (int tries = 0; tries < most_tries; ++tries) {
        if (auto again = co_await find_replay(s.pg, who.id, key)) co_return std::move(*again);
        const auto b = co_await read_sold(s.pg, id);
        if (!b) co_return refusal{error::booking_not_found};
        const instant now = clock::now();
        if (const auto why = refusal_of(move_of(by.outcome), side::platform, *b, now))
            co_return co_await refuse_or_replay(s.pg, who.id, key, {*why});
        const bool open = b->state == "confirmed";
        const money left = b->price - b->refund.value_or(money{});
        const money asked = by.amount.value_or(left);
        if (by.outcome == verdict::refund && (asked > left || asked == money{})) {
            refusal more{error::refund_too_large};
            more.refund = left;
            co_return co_await refuse_or_replay(s.pg, who.id, key, std::move(more));
        }
        std::optional<std::string> body;
        if (open) {
            cause why{who.id, who.role, "booking.override", by.reason, who.request_id, key, false};
            body = co_await end_booking(s, *b, ending_of(by, *b), now, std::move(why));
        } else {
            body = co_await correct(s, *b, asked, who, by.reason, key);
        }
        if (body) co_return answer{200, std::move(*body), false, id.value};
    }
    throw pg::unavailable();
}

}  // namespace astrotalk::booking
