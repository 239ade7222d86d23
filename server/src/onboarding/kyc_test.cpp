#include "onboarding/kyc.hpp"

#include <gtest/gtest.h>

namespace astrotalk::onboarding::kyc {
namespace {

using namespace std::chrono_literals;

const std::string id = "0198c000-0000-7000-8000-000000000001";
const std::string kid = "KID261123090000000ABCDEFGHIJKLMN";
constexpr instant begun{std::chrono::sys_days(std::chrono::year(2026) / 11 / 23)};
constexpr instant half_way = begun + 15min, over = begun + 30min;

session open_session() {
    return {.now = state::open, .id = id, .kid = kid, .started_at = begun, .expires_at = over};
}

provider_view view(provider_status status, bool submitted = true) {
    return {.kid = kid, .transaction_id = id, .status = status, .submitted = submitted};
}

const judgement good{verdict::approve}, doubtful{verdict::review, {"name_differs"}},
    bad{verdict::reject, {"under_age"}};

TEST(kyc, passes_only_what_digio_approved_and_the_checks_do) {
    const auto passed = next_step(open_session(), view(provider_status::approved), good, {}, half_way);
    EXPECT_EQ(passed.to, state::approved);
    EXPECT_EQ(passed.person, standing::completed);

    const auto completed =
        next_step(open_session(), view(parse_provider_status("COMPLETED")), good, {}, half_way);
    EXPECT_EQ(completed.to, state::in_review) << "completed is not approved";
    EXPECT_TRUE(completed.approve_at_provider);
    EXPECT_FALSE(next_step(open_session(), view(provider_status::approval_pending), good,
                           {.approve_at_provider = false}, half_way)
                     .approve_at_provider);

    const auto held = next_step(open_session(), view(provider_status::approved), doubtful, {}, half_way);
    EXPECT_EQ(held.to, state::in_review);
    EXPECT_TRUE(held.needs_staff);
    EXPECT_EQ(held.reasons, doubtful.reasons);

    const auto refused = next_step(open_session(), view(provider_status::approved), bad, {}, half_way);
    EXPECT_EQ(refused.to, state::rejected);
    EXPECT_EQ(refused.cause, "under_age");
    EXPECT_EQ(refused.person, standing::rejected);
    EXPECT_FALSE(refused.spared);
}

TEST(kyc, refuses_for_good_whether_or_not_digio_refused_first) {
    EXPECT_EQ(next_step(open_session(), view(provider_status::rejected), good, {}, half_way).person,
              standing::failed);
    const auto both = next_step(open_session(), view(provider_status::rejected), bad, {}, half_way);
    EXPECT_EQ(both.cause, "under_age");
    EXPECT_EQ(both.person, standing::rejected);
}

TEST(kyc, staff_pass_what_is_doubtful_but_not_what_the_policy_rejects) {
    auto s = open_session();
    s.now = state::in_review;
    s.needs_staff = true;
    s.staff_approved = true;
    EXPECT_EQ(next_step(s, view(provider_status::approved), doubtful, {}, over).to, state::approved);
    const auto pending =
        next_step(s, view(provider_status::approval_pending), doubtful, {.approve_at_provider = false}, over);
    EXPECT_EQ(pending.to, state::in_review);
    EXPECT_TRUE(pending.approve_at_provider) << "staff's word is passed on";
    EXPECT_EQ(next_step(s, view(provider_status::approved), bad, {}, over).to, state::rejected);
}

TEST(kyc, believes_only_a_request_that_names_the_session) {
    auto other = view(provider_status::approved);
    other.transaction_id = "another";
    EXPECT_EQ(next_step(open_session(), other, good, {}, half_way).to, state::open);
    auto foreign = view(provider_status::approved);
    foreign.kid = "KID261123090000000ZZZZZZZZZZZZZZ";
    EXPECT_EQ(next_step(open_session(), foreign, good, {}, half_way).to, state::open);
}

TEST(kyc, ends_after_half_an_hour_unless_the_person_was_done) {
    const auto requested = view(provider_status::requested, false);
    EXPECT_EQ(next_step(open_session(), requested, good, {}, over + 59s).to, state::open);
    const auto idle = next_step(open_session(), requested, good, {}, over + 1min);
    EXPECT_EQ(idle.to, state::expired);
    EXPECT_TRUE(idle.spared) << "nothing was handed in";
    EXPECT_EQ(idle.person, standing::failed);
    const auto begun_with =
        next_step(open_session(), view(provider_status::requested), good, {}, over + 1min);
    EXPECT_EQ(begun_with.to, state::expired);
    EXPECT_FALSE(begun_with.spared);

    auto late = view(provider_status::approved);
    late.done_at = over + 2min;
    EXPECT_EQ(next_step(open_session(), late, good, {}, over + 3min).to, state::expired);
    late.done_at = over - 1min;
    EXPECT_EQ(next_step(open_session(), late, good, {}, over + 3min).to, state::approved)
        << "in time, and heard of late";

    auto reviewed = open_session();
    reviewed.now = state::in_review;
    EXPECT_EQ(next_step(reviewed, view(provider_status::approval_pending), good, {}, over + 24h).to,
              state::in_review)
        << "who waits for others has all the time";
}

TEST(kyc, what_uses_up_an_attempt_and_what_does_not) {
    const auto burns = [](state end, std::string_view cause, bool submitted) {
        return !spares(end, cause, submitted);
    };
    EXPECT_TRUE(burns(state::rejected, "provider_rejected", true));
    EXPECT_TRUE(burns(state::rejected, "papers_unclear", true));
    EXPECT_TRUE(burns(state::failed, "provider_failed", true));
    EXPECT_TRUE(burns(state::expired, "out_of_time", true));
    EXPECT_TRUE(burns(state::cancelled, "cancelled", true));
    EXPECT_TRUE(burns(state::abandoned, "consent_withdrawn", true));
    EXPECT_FALSE(burns(state::cancelled, "cancelled", false));
    EXPECT_FALSE(burns(state::failed, "provider_failed", false)) << "cancelled on Digio's pages";
    EXPECT_FALSE(burns(state::expired, "out_of_time", false));
    EXPECT_FALSE(burns(state::failed, "call_dropped", true));
    EXPECT_FALSE(burns(state::cancelled, "call_dropped", true));
    EXPECT_FALSE(burns(state::abandoned, "provider_unavailable", true));
    EXPECT_FALSE(burns(state::abandoned, "provider_refused", false));
    EXPECT_FALSE(burns(state::abandoned, "create_unanswered", false));
    EXPECT_FALSE(burns(state::expired, "review_lapsed", true));
}

TEST(kyc, a_dropped_call_leaves_the_attempt) {
    auto dropped = view(provider_status::requested);
    dropped.call_dropped = true;
    EXPECT_EQ(next_step(open_session(), dropped, good, {}, half_way).to, state::open)
        << "there is time for another";
    const auto end = next_step(open_session(), dropped, good, {}, over + 1min);
    EXPECT_EQ(end.to, state::failed);
    EXPECT_EQ(end.cause, "call_dropped");
    EXPECT_TRUE(end.spared);
    dropped.status = provider_status::failed;
    EXPECT_TRUE(next_step(open_session(), dropped, good, {}, half_way).spared);
}

TEST(kyc, an_unanswered_creation_waits_for_a_hint_and_is_given_up) {
    session s{.now = state::creating, .id = id, .started_at = begun, .expires_at = over};
    EXPECT_EQ(next_step(s, silence::unavailable, good, {}, begun + 30s).to, state::creating);
    EXPECT_EQ(next_step(s, silence::unavailable, good, {}, begun + 2min).to, state::unknown);
    s.now = state::unknown;
    EXPECT_EQ(next_step(s, view(provider_status::requested, false), good, {}, begun + 2min).to, state::open);
    EXPECT_EQ(next_step(s, view(provider_status::approved), good, {}, begun + 5min).to, state::approved)
        << "all of its way at once";
    const auto given_up = next_step(s, silence::unavailable, good, {}, begun + 11min);
    EXPECT_EQ(given_up.to, state::abandoned);
    EXPECT_TRUE(given_up.spared);
}

TEST(kyc, bears_digios_silence_for_hours_and_then_spares) {
    EXPECT_EQ(next_step(open_session(), silence::unavailable, good, {}, over + 1h).to, state::open);
    const auto end = next_step(open_session(), silence::not_found, good, {}, over + 7h);
    EXPECT_EQ(end.to, state::abandoned);
    EXPECT_TRUE(end.spared);
}

TEST(kyc, stops_when_consent_is_withdrawn_and_moves_from_no_end) {
    auto s = open_session();
    s.consented = false;
    EXPECT_EQ(next_step(s, view(provider_status::approved), good, {}, half_way).to, state::abandoned);
    for (const auto end : {state::approved, state::rejected, state::failed, state::expired, state::cancelled,
                           state::abandoned}) {
        s.now = end;
        EXPECT_EQ(next_step(s, view(provider_status::approved), good, {}, half_way).to, end);
    }
}

TEST(kyc, checks_are_spread_and_fall_on_the_end) {
    auto s = open_session();
    for (int i = 0; i < 40; ++i) {
        const auto wait = next_check(s, i, begun, 0.999);
        EXPECT_GE(*wait, 7s);
        EXPECT_LE(*wait, 3min);
    }
    EXPECT_LE(*next_check(s, 20, over + 50s, 0.999), 15s) << "its end is looked at when it comes";
    s.now = state::in_review;
    EXPECT_LE(*next_check(s, 0, over, 0.999), 23s);
    EXPECT_GE(*next_check(s, 40, over, 0), 3h);
    EXPECT_LE(*next_check(s, 40, over, 0.999), 9h);
    s.needs_staff = true;
    EXPECT_FALSE(next_check(s, 0, over, 0)) << "it waits for staff, not for Digio";
    s.now = state::approved;
    EXPECT_FALSE(next_check(s, 0, over, 0));
}

TEST(kyc, reads_states_in_any_case) {
    EXPECT_EQ(parse_provider_status("APPROVED"), provider_status::approved);
    EXPECT_EQ(parse_provider_status("Approval_Pending"), provider_status::approval_pending);
    EXPECT_EQ(parse_provider_status("success"), provider_status::approval_pending);
    EXPECT_EQ(parse_provider_status("whatever"), provider_status::unheard_of);
}

}  // namespace
}  // namespace astrotalk::onboarding::kyc
