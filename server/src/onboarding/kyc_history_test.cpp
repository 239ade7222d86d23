// Ten thousand invented histories of a person, Digio and the line between: webhooks shuffled, repeated,
// delayed and lost; Digio away; the server dying between asking and storing; staff, cancelling, withdrawing.
// The real decisions run over a store that keeps the rules which the database keeps by its constraints.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include "onboarding/kyc.hpp"

namespace astrotalk::onboarding::kyc {
namespace {

using namespace std::chrono_literals;
using seconds = std::chrono::seconds;

constexpr int histories = 10'000;
constexpr instant epoch{std::chrono::sys_days(std::chrono::year(2026) / 11 / 23)};

struct change {
    instant at;
    provider_status status;
    bool submitted = false, dropped = false;
};

enum class creation : std::uint8_t { answers, loses_answer, loses_request, dies_before, dies_after };

// What happens whoever hears of it: the truth.
struct script {
    creation made = creation::answers;
    std::vector<change> truth;  // of one request, in the order of time
    judgement checks;
    std::optional<instant> cancels, withdraws;
    bool digio_rejects = false;
    bool staff_approves = true;
    instant away_from{}, away_to{};  // Digio
};

struct stored_session {
    session now;
    bool spared = false;
    int version = 1, told = 0, ends = 0;
    std::string cause;
    bool kid_hinted = false;
};

struct play {
    const script& story;
    std::mt19937 chance;
    stored_session s;
    std::vector<std::pair<instant, int>>
        letters;  // webhooks that will come, and how often they are worked on
    int approvals_after_withdrawal = 0;

    double uniform() { return std::uniform_real_distribution<>(0, 1)(chance); }
    bool away(instant at) const { return at >= story.away_from && at < story.away_to; }
    bool exists() const {
        return story.made != creation::loses_request && story.made != creation::dies_before;
    }

    provider_answer ask(instant at) const {
        if (away(at)) return silence::unavailable;
        if (!exists() || (s.now.kid.empty() && !s.kid_hinted)) return silence::unavailable;
        provider_view view{.kid = "KID", .transaction_id = "s", .status = provider_status::requested};
        for (const auto& each : story.truth) {
            if (each.at > at) break;
            view.status = each.status;
            view.submitted = view.submitted || each.submitted;
            view.call_dropped = each.dropped;
            if (each.status != provider_status::requested && !view.done_at) view.done_at = each.at;
        }
        return view;
    }

    // What kyc_session's trigger, version and indexes hold; then what the statement does with it.
    bool store(int read_version, const step& next) {
        if (read_version != s.version) return false;
        if (next.to != s.now.now) {
            EXPECT_LT(s.now.now, next.to) << "forward only";
            EXPECT_FALSE(is_end(s.now.now));
            if (is_end(next.to)) ++s.ends;
        }
        if (next.to == state::approved && !s.now.consented) ++approvals_after_withdrawal;
        const bool tells =
            is_end(next.to) && next.to != state::cancelled && next.cause != "consent_withdrawn";
        s.told += tells ? 1 : 0;
        if (s.now.kid.empty() && next.to >= state::open && next.to < state::abandoned) s.now.kid = "KID";
        s.now.now = next.to;
        s.now.submitted = next.submitted;
        s.now.needs_staff = next.needs_staff;
        s.spared = next.spared;
        s.cause = next.cause;
        ++s.version;
        return true;
    }

    // One node looks. It may die before it stores, and another may be at it at the same time.
    void settle(instant at) {
        const auto before = s.now;
        const int version = s.version;
        const auto next = next_step(before, ask(at), story.checks, {}, at);
        if (uniform() < 0.1) return;                             // it died
        if (uniform() < 0.15 && !is_end(s.now.now)) settle(at);  // somebody else was faster
        if (next.changes(before)) store(version, next);
        if (next.approve_at_provider && !away(at)) approved_there = std::min(approved_there, at);
    }
    instant approved_there = instant::max();

    void cancel(instant at) {
        for (int tries = 0; tries < 4 && s.now.now < state::in_review; ++tries) {
            const auto answer = ask(at);
            const auto next = next_step(s.now, answer, story.checks, {}, at);
            if (next.to >= state::in_review) {
                store(s.version, next);
                continue;
            }
            auto known = s.now;
            known.submitted = next.submitted;
            store(s.version, ended(known, state::cancelled, "cancelled"));
        }
    }

    void run();
};

void play::run() {
    s.now = {.now = state::creating, .id = "s", .started_at = epoch, .expires_at = epoch + session_lasts};
    if (story.made == creation::answers) {
        s.now.now = state::open;
        s.now.kid = "KID";
    } else if (story.made == creation::loses_answer || story.made == creation::loses_request) {
        s.now.now = state::unknown;
    }
    if (exists())
        for (const auto& each : story.truth)
            for (int copies = uniform() < 0.3 ? 2 : uniform() < 0.7 ? 1 : 0; copies > 0; --copies)
                letters.emplace_back(each.at + seconds(static_cast<int>(uniform() * 4000)), 1);
    std::ranges::sort(letters);
    std::size_t letter = 0;
    int checks = 0;
    instant next_look = epoch + 20s;
    bool cancelled = false;
    for (instant at = epoch; at < epoch + 96h && !is_end(s.now.now); at += at < epoch + 2h ? 5s : 300s) {
        if (story.withdraws && at >= *story.withdraws) s.now.consented = false;
        for (; letter < letters.size() && letters[letter].first <= at; ++letter) {
            s.kid_hinted = true;
            settle(at);
        }
        if (story.cancels && at >= *story.cancels && !std::exchange(cancelled, true)) cancel(at);
        if (s.now.needs_staff && !s.now.staff_approved && uniform() < 0.3) {
            if (story.staff_approves) {
                s.now.staff_approved = true;
                ++s.version;
            } else {
                store(s.version, ended(s.now, state::rejected, "suspected_fraud"));
            }
        }
        if (at < next_look) continue;
        const auto was = s.now.now;
        settle(at);
        checks = s.now.now == was ? checks + 1 : 0;
        next_look = at + next_check(s.now, checks, at, uniform()).value_or(60s);
    }
}

script write(std::mt19937& chance) {
    const auto below = [&](int n) { return static_cast<int>(chance() % static_cast<unsigned>(n)); };
    script made;
    made.made = below(10) < 6 ? creation::answers : static_cast<creation>(1 + below(4));
    instant at = epoch + seconds(30 + below(600));
    const auto status = [&](provider_status now, bool submitted, bool dropped = false) {
        made.truth.push_back({at, now, submitted, dropped});
        at += seconds(20 + below(700));
    };
    const int fate = below(10);
    if (fate > 0) status(provider_status::requested, true);
    if (below(4) == 0) status(provider_status::requested, true, true);
    if (fate > 1 && fate < 8) status(provider_status::approval_pending, true);
    if (fate == 2 || fate == 3 || fate == 4) status(provider_status::approved, true);
    made.digio_rejects = fate == 5;
    if (fate == 5) status(provider_status::rejected, true);
    if (fate == 8) status(provider_status::failed, true);
    if (fate == 9) status(provider_status::expired, true);
    const int judged = below(6);
    made.checks = judged < 4    ? judgement{verdict::approve}
                  : judged == 4 ? judgement{verdict::review, {"name_differs"}}
                                : judgement{verdict::reject, {"pan_in_use"}};
    made.staff_approves = below(2) == 0;
    if (below(8) == 0) made.withdraws = epoch + seconds(below(2400));
    if (below(8) == 0) made.cancels = epoch + seconds(below(1800));
    made.away_from = epoch + seconds(below(3600));
    made.away_to = made.away_from + seconds(below(3) == 0 ? below(30000) : 0);
    if (made.cancels && *made.cancels >= made.away_from && *made.cancels < made.away_to)
        made.away_to = made.away_from;
    return made;
}

// Digio approves when it is asked to: what comes after the approval of the checks belongs to the truth, too.
script with_approval(script story) {
    const bool waits = !story.truth.empty() && story.truth.back().status == provider_status::approval_pending;
    const bool passes = story.checks.what == verdict::approve ||
                        (story.checks.what == verdict::review && story.staff_approves);
    if (waits && passes)
        story.truth.push_back({story.truth.back().at + 1h, provider_status::approved, false});
    if (waits && !passes && story.checks.what == verdict::approve) story.truth.pop_back();
    return story;
}

TEST(kyc_history, ends_once_whatever_happens_and_is_told_once) {
    std::mt19937 chance(20261123);
    std::map<std::string, int> seen;
    for (int i = 0; i < histories; ++i) {
        const auto story = with_approval(write(chance));
        play first{.story = story, .chance = std::mt19937(static_cast<unsigned>(i)), .s = {}, .letters = {}};
        first.run();
        const auto& s = first.s;
        ASSERT_TRUE(is_end(s.now.now)) << "history " << i << " rests at " << name_of(s.now.now);
        ASSERT_EQ(s.ends, 1) << i;
        ASSERT_EQ(first.approvals_after_withdrawal, 0) << i;
        const bool silent = s.now.now == state::cancelled || s.cause == "consent_withdrawn";
        ASSERT_EQ(s.told, silent ? 0 : 1) << i << " " << name_of(s.now.now);
        ++seen[std::string(name_of(s.now.now)) + " " + s.cause];
        // The same truth, heard of in another way: the same end. Not where it depends on the moment by its
        // nature: on a withdrawal, on a creation that only a webhook can tell of, on a Digio away for half a
        // day, or on whether staff or Digio refuse first.
        if (story.withdraws || story.made != creation::answers || story.away_to - story.away_from > 5h ||
            (story.checks.what == verdict::review && story.digio_rejects))
            continue;
        play again{.story = story,
                   .chance = std::mt19937(static_cast<unsigned>(i + histories)),
                   .s = {},
                   .letters = {}};
        again.run();
        ASSERT_EQ(name_of(again.s.now.now), name_of(s.now.now)) << "history " << i;
        ASSERT_EQ(again.s.cause, s.cause) << "history " << i;
    }
    for (const auto* end :
         {"approved ", "rejected provider_rejected", "rejected pan_in_use", "rejected suspected_fraud",
          "failed provider_failed", "failed call_dropped", "expired out_of_time", "cancelled cancelled",
          "abandoned consent_withdrawn", "abandoned create_unanswered"})
        EXPECT_GT(seen[end], 20) << end << " is hardly told of";
}

}  // namespace
}  // namespace astrotalk::onboarding::kyc
