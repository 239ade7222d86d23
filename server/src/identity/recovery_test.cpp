#include "identity/recovery.hpp"

#include <gtest/gtest.h>

namespace astrotalk::identity {
namespace {

using std::chrono::hours;

const instant opened = std::chrono::sys_days(std::chrono::year(2026) / 11 / 23) + hours(10);

recovery_row row(std::string state, bool approved, hours after) {
    return {.id = {},
            .state = std::move(state),
            .opened_at = opened,
            .ready_at = opened + hours(168),
            .expires_at = opened + recovery_term,
            .approved = approved,
            .at = opened + after};
}
recovery_state shown(std::string state, bool approved = false, hours after = hours(1)) {
    return view_of(row(std::move(state), approved, after), hours(72)).state;
}

TEST(recovery_view, tells_of_what_was_not_approved_that_it_waits_whatever_became_of_it) {
    for (const auto* state : {"waiting", "rejected", "stopped", "superseded", "expired", "void"}) {
        EXPECT_EQ(shown(state), recovery_state::waiting) << state;
        EXPECT_EQ(shown(state, false, recovery_term - hours(1)), recovery_state::waiting) << state;
        EXPECT_EQ(shown(state, false, recovery_term), recovery_state::closed) << state;
        EXPECT_EQ(view_of(row(state, false, hours(1)), hours(72)).earliest, opened + hours(72)) << state;
    }
}

TEST(recovery_view, tells_what_becomes_of_what_was_approved) {
    EXPECT_EQ(shown("approved", true), recovery_state::approved);
    EXPECT_EQ(view_of(row("approved", true, hours(1)), hours(72)).earliest, opened + hours(168));
    EXPECT_EQ(shown("moved", true, recovery_term), recovery_state::moved);
    EXPECT_EQ(shown("number_taken", true), recovery_state::number_taken);
    for (const auto* state : {"rejected", "stopped", "void"})
        EXPECT_EQ(shown(state, true), recovery_state::closed) << state;
}

TEST(day_in_india, is_the_day_of_its_calendar) {
    EXPECT_EQ(day_in_india(opened), "23 Nov 2026");
    EXPECT_EQ(day_in_india(opened + hours(8)), "23 Nov 2026");
    EXPECT_EQ(day_in_india(opened + hours(8) + std::chrono::minutes(30)), "24 Nov 2026");
    EXPECT_EQ(day_in_india(opened + hours(24 * 39)), "1 Jan 2027");
}

}  // namespace
}  // namespace astrotalk::identity
