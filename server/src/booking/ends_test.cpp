#include "booking/ends.hpp"

#include <gtest/gtest.h>

#include <map>

namespace astrotalk::booking {
namespace {

using namespace std::chrono_literals;

constexpr instant start = std::chrono::sys_days(std::chrono::year(2030) / 1 / 10) + 9h;
constexpr instant end = start + 30min;

booking sold_for(std::int64_t paise, std::string state = "confirmed") {
    booking b;
    b.id = booking_id::make();
    b.user_id = user_id::make();
    b.astrologer_id = user_id::make();
    b.starts_at = start;
    b.ends_at = end;
    b.minutes = 30;
    b.price = {paise};
    b.state = std::move(state);
    return b;
}

constexpr std::array every_move = {move::cancel,   move::reschedule,     move::check_in,
                                   move::complete, move::report_no_show, move::refund};
constexpr std::array every_side = {side::user, side::astrologer, side::platform};
constexpr const char* every_state[] = {"confirmed", "cancelled", "completed", "no_show"};

// Each moment is one side of a boundary of the policy that is built in.
const std::map<std::string, instant> moments = {
    {"1 two days before", start - 48h},
    {"2 two hours before", start - 2h},
    {"3 later than that", start - 2h + 1us},
    {"4 ten minutes before", start - 10min},
    {"5 the start", start},
    {"6 near the end", end - 1us},
    {"7 the end", end},
    {"8 a day later", end + 24h},
};

// What docs/booking.md says, in the order of its rows, written down apart from the code.
std::optional<error> by_the_book(move what, side by, const std::string& state, bool used_up, char moment) {
    const bool for_staff = what == move::complete || what == move::report_no_show || what == move::refund;
    if (for_staff && by != side::platform) return error::other_side_only;
    if (what == move::reschedule && by != side::user) return error::other_side_only;
    if (what == move::check_in && by == side::platform) return error::other_side_only;
    if (what == move::refund) return std::nullopt;
    if (state == "cancelled") return error::already_cancelled;
    if (state != "confirmed") return error::already_settled;
    if ((what == move::cancel || what == move::reschedule) && moment >= '5') return error::too_late;
    if (what == move::check_in && moment < '4') return error::check_in_too_early;
    if (what == move::check_in && moment >= '7') return error::check_in_too_late;
    if (what == move::reschedule && moment >= '3') return error::reschedule_too_late;
    if (what == move::reschedule && used_up) return error::reschedules_used_up;
    return std::nullopt;
}

TEST(ends, every_move_of_every_side_in_every_state_at_every_moment_is_by_the_book) {
    int refused = 0, allowed = 0;
    for (const auto what : every_move)
        for (const auto by : every_side)
            for (const auto* state : every_state)
                for (const int moves : {0, 1, 2})
                    for (const auto& [name, now] : moments) {
                        booking b = sold_for(30'000, state);
                        b.reschedules = moves;
                        const auto got = refusal_of(what, by, b, now);
                        EXPECT_EQ(got, by_the_book(what, by, state, moves == 2, name[0]))
                            << static_cast<int>(what) << " by " << name_of(by) << ", " << state << ", "
                            << name;
                        ++(got ? refused : allowed);
                    }
    EXPECT_EQ(refused + allowed, 6 * 3 * 4 * 3 * 8);
    EXPECT_GT(allowed, 0);
}

TEST(ends, refusals_are_in_the_order_of_the_enumeration) {
    EXPECT_LT(error::booking_not_found, error::other_side_only);
    EXPECT_LT(error::other_side_only, error::already_cancelled);
    EXPECT_LT(error::already_settled, error::too_late);
    EXPECT_LT(error::too_late, error::reschedule_too_late);
    EXPECT_LT(error::reschedule_too_late, error::reschedules_used_up);
    EXPECT_LT(error::reschedules_used_up, error::same_time);
    EXPECT_LT(error::same_time, error::slot_not_offered);
}

TEST(ends, a_booking_is_the_business_of_its_two_sides_and_of_staff) {
    const auto b = sold_for(1);
    EXPECT_EQ(side_of(b, b.user_id, false), side::user);
    EXPECT_EQ(side_of(b, b.user_id, true), side::user);
    EXPECT_EQ(side_of(b, b.astrologer_id, false), side::astrologer);
    EXPECT_EQ(side_of(b, user_id::make(), true), side::platform);
    EXPECT_EQ(side_of(b, user_id::make(), false), std::nullopt);
}

TEST(ends, a_user_gets_back_what_the_policy_says_for_the_hour) {
    const auto b = sold_for(30'001);
    EXPECT_EQ(cancelled(b, side::user, start - 24h).refund, money{30'001});
    EXPECT_EQ(cancelled(b, side::user, start - 24h + 1us).refund, money{15'001});  // rounded up
    EXPECT_EQ(cancelled(b, side::user, start - 2h).refund, money{15'001});
    EXPECT_EQ(cancelled(b, side::user, start - 2h + 1us).refund, money{0});
    EXPECT_EQ(cancelled(b, side::user, start - 1us).apology, money{0});
    EXPECT_EQ(deadlines_of(b).all_until, start - 24h);
    EXPECT_EQ(deadlines_of(b).part_until, start - 2h);
}

TEST(ends, when_another_side_cancels_all_goes_back_with_an_apology_of_at_most_the_price) {
    for (const auto by : {side::astrologer, side::platform}) {
        const ending expected{booking_state::cancelled, by, {30'000}, {5'000}, {}};
        EXPECT_EQ(cancelled(sold_for(30'000), by, start - 1us), expected);
        EXPECT_EQ(cancelled(sold_for(1'500), by, start - 48h).apology, money{1'500});
    }
}

TEST(ends, what_happened_follows_from_who_came) {
    const instant due = end + 15min;
    for (const bool user : {false, true})
        for (const bool astrologer : {false, true}) {
            auto b = sold_for(30'000);
            if (user) b.user_checked_in_at = start;
            if (astrologer) b.astrologer_checked_in_at = start;
            EXPECT_EQ(settled(b, due - 1us), std::nullopt);
            const auto how = settled(b, due);
            ASSERT_TRUE(how.has_value());
            if (user && astrologer) EXPECT_EQ(*how, completed());
            if (user && !astrologer)
                EXPECT_EQ(*how,
                          (ending{booking_state::no_show, side::astrologer, {30'000}, {5'000}, {10'000}}));
            if (!user && !astrologer)
                EXPECT_EQ(*how, (ending{booking_state::no_show, side::astrologer, {30'000}, {}, {10'000}}));
            if (!user && astrologer)
                EXPECT_EQ(*how, (ending{booking_state::no_show, side::user, {}, {}, {}}));
            b.policy.completed_by = completion::astrologer;
            EXPECT_EQ(settled(b, due)->state, astrologer ? booking_state::completed : booking_state::no_show);
            for (const auto* state : {"cancelled", "completed", "no_show"}) {
                b.state = state;
                EXPECT_EQ(settled(b, due), std::nullopt);
            }
        }
    auto kind = sold_for(30'001);
    kind.astrologer_checked_in_at = start;
    kind.policy.user_no_show_refund_percent = 25;
    EXPECT_EQ(settled(kind, due)->refund, money{7'501});
}

TEST(ends, what_is_kept_is_taken_from_the_bonus_first) {
    const policy by;
    const payment paid{{10'000}, {20'000}};
    EXPECT_EQ(divide(paid, {30'000}, by), (division{{20'000}, {10'000}, {}, {}}));
    EXPECT_EQ(divide(paid, {15'000}, by), (division{{15'000}, {}, {7'500}, {7'500}}));
    EXPECT_EQ(divide(paid, {25'000}, by), (division{{20'000}, {5'000}, {2'500}, {2'500}}));
    EXPECT_EQ(divide(paid, {}, by), (division{{}, {}, {15'000}, {15'000}}));
    EXPECT_EQ(divide(paid, {29'999}, by).commission, money{0});  // rounded down
    EXPECT_EQ(divide(paid, {29'999}, by).earnings, money{1});
}

TEST(ends, money_is_neither_made_nor_lost_and_giving_back_more_takes_from_nobody_but_who_had_it) {
    for (const int basis : {0, 1, 3'333, 5'000, 9'999, 10'000})
        for (const std::int64_t bonus : {0, 1, 7, 50, 99})
            for (const std::int64_t cash : {0, 1, 13, 50, 101}) {
                policy by;
                by.commission_basis_points = basis;
                const payment paid{{bonus}, {cash}};
                division before = divide(paid, {}, by);
                for (std::int64_t refund = 0; refund <= bonus + cash; ++refund) {
                    const auto d = divide(paid, {refund}, by);
                    EXPECT_EQ(d.cash_back + d.bonus_back, money{refund});
                    EXPECT_EQ(d.earnings + d.commission, money{bonus + cash - refund});
                    EXPECT_TRUE(d.cash_back >= before.cash_back && d.bonus_back >= before.bonus_back);
                    EXPECT_TRUE(d.earnings <= before.earnings && d.commission <= before.commission);
                    EXPECT_TRUE(d.bonus_back == money{} || d.cash_back == paid.cash)
                        << "cash goes back first";
                    before = d;
                }
            }
}

TEST(ends, an_extended_hold_never_outlives_the_start) {
    EXPECT_EQ(extended_expiry(start - 20min, 300s, start), start - 15min);
    EXPECT_EQ(extended_expiry(start - 2min, 300s, start), start);
    EXPECT_EQ(extended_expiry(start, 300s, start), start);
}

}  // namespace
}  // namespace astrotalk::booking
