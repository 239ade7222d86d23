// Of everything that can end a recovery at one moment, one thing does.
#include "identity/recovery_pgtest.hpp"

namespace astrotalk::identity {
namespace {

using namespace testing;
using std::chrono::hours;

using recovery_race = recovery_world;

constexpr pg::statement owner_of{"test.owner_of", "select id from pool_user where phone_hash = $1", 1};

task<bool> decided(world& w, recovery_decision made) {
    co_return (co_await decide_recovery(w.people.pg, std::move(made))).has_value();
}
task<bool> moved(world& w) {
    co_await move_due(w);
    co_return false;
}

// Approved or not, rejected, stopped by the owner and moved by two nodes, all at once.
TEST_F(recovery_race, of_approval_rejection_sign_in_and_move_one_is_the_end) {
    constexpr int rounds = 24;
    std::map<std::string, int> ends;
    in_a_world(db, [&](world& w) -> task<void> {
        for (int round = 0; round < rounds; ++round) {
            const auto old = a_phone(1000 + round), next = a_phone(2000 + round);
            const auto id = co_await w.join(old);
            const auto lost = co_await open(w, old, next);
            clock::advance(hours(73));
            if (round % 2 == 0) co_await approve(w, lost.now.id);
            const auto challenge = (co_await send_code(w.people, old, code_purpose::sign_in)).value();
            const auto code = co_await w.last_code();
            bool owner_in = false;
            auto sign_in = [&]() -> task<bool> {
                owner_in = (co_await answer_code(w.people, old, challenge, code, "r")).has_value();
                co_return owner_in;
            };
            // A move takes several round trips: the others are late by none to seven, to meet all of them.
            auto late = [&](task<bool> act) -> task<bool> {
                for (int trips = round % 8; trips > 0; --trips)
                    co_await w.people.pg.read_one<user_id>(owner_of, hash_of(keys(), old));
                co_return co_await std::move(act);
            };
            auto act = [&](int i) -> task<bool> {
                switch ((i + round) % 5) {
                    case 0: return decided(w, decision(lost.now.id, recovery_verdict::approve));
                    case 1:
                        if (round % 3 == 1) return moved(w);
                        return late(decided(w, decision(lost.now.id, recovery_verdict::reject)));
                    case 2: return late(sign_in());
                    default: return moved(w);
                }
            };
            co_await in_parallel<bool>(5, act);
            const auto settled = state_of(lost.now.id);
            co_await move_due(w);
            const auto end = state_of(lost.now.id);
            if (settled != "approved") EXPECT_EQ(end, settled);
            ++ends[end];
            EXPECT_TRUE(end == "moved" || end == "rejected" || end == "stopped") << end;
            const auto phone = end == "moved" ? next : old;
            EXPECT_EQ(co_await w.people.pg.read_one<user_id>(owner_of, hash_of(keys(), phone)), id);
            EXPECT_EQ(owner_in, end != "moved")
                << "who signed in has kept the account, who could not has not";
        }
    });
    EXPECT_EQ(db.execute("select count(*) from (select subject_id from audit_pending where action in "
                         "('recovery.move', 'recovery.reject') group by 1 having count(*) > 1) x"),
              "0");
    EXPECT_EQ(count("audit_pending where action = 'recovery.move'"), std::to_string(ends["moved"]));
    for (const auto* end : {"moved", "rejected", "stopped"}) EXPECT_GT(ends[end], 0) << "never " << end;
}

TEST_F(recovery_race, movers_of_many_nodes_move_once) {
    in_a_world(db, [&](world& w) -> task<void> {
        for (int i = 0; i < 5; ++i) {
            co_await w.join(a_phone(i));
            co_await approve(w, (co_await open(w, a_phone(i), a_phone(100 + i))).now.id);
        }
        clock::advance(hours(73));
        const auto before = std::stoi(count("outbox"));
        auto node = [&](int) { return moved(w); };
        co_await in_parallel<bool>(8, node);
        EXPECT_EQ(count("outbox"), std::to_string(before + 10)) << "two messages each, and no late reminder";
    });
    EXPECT_EQ(count("phone_recovery where state = 'moved'"), "5");
    EXPECT_EQ(count("audit_pending where action = 'recovery.move'"), "5");
}

TEST_F(recovery_race, two_approvals_of_one_account_and_the_other_request_gives_way) {
    in_a_world(db, [&](world& w) -> task<void> {
        co_await w.join(a_phone(1));
        std::vector<proved_recovery> both;
        both.push_back(co_await open(w, a_phone(1), a_phone(2)));
        both.push_back(co_await open(w, a_phone(1), a_phone(3)));
        const auto listed =
            co_await read_recoveries(w.people, {admin, "support", "call 7", "r"}, http::highest_id, 1);
        EXPECT_EQ(listed.size(), 2u) << "one more says that there is more";
        EXPECT_EQ(listed.at(0).others, 1);
        EXPECT_EQ(listed.at(0).lost_phone, "+91******0001");
        EXPECT_EQ(listed.at(0).new_phone, "+91******0003");
        EXPECT_EQ(listed.at(0).bonus, money{10'000});
        auto choose = [&](int i) {
            return decided(w, decision(both[static_cast<std::size_t>(i)].now.id, recovery_verdict::approve));
        };
        const auto chosen = co_await in_parallel<bool>(2, choose);
        EXPECT_EQ(std::ranges::count(chosen, true), 1);
        const std::size_t winner = state_of(both[0].now.id) == "approved" ? 0 : 1;
        const auto& other = both[1 - winner];
        EXPECT_EQ((co_await decide_recovery(w.people.pg, decision(other.now.id, recovery_verdict::approve)))
                      .error(),
                  decision_error::other_approved);
        clock::advance(hours(73));
        co_await move_due(w);
        EXPECT_EQ(state_of(both[winner].now.id), "moved");
        EXPECT_EQ(state_of(other.now.id), "superseded");
        EXPECT_EQ(co_await seen(w, other), recovery_state::waiting);
    });
    EXPECT_EQ(db.execute("select actor_role || reason || (detail::json ->> 'count') from audit_pending where "
                         "action = 'admin.read_recoveries'"),
              "supportcall 71");
}

TEST_F(recovery_race, no_refresh_under_way_outlives_the_move) {
    in_a_world(db, [&](world& w) -> task<void> {
        co_await w.join(a_phone(1));
        const auto in = co_await w.sign_in(a_phone(1));
        const auto lost = co_await open(w, a_phone(1), a_phone(2));
        co_await approve(w, lost.now.id);
        clock::advance(hours(73));
        const auto token = (co_await issue_tokens(w.people, in)).access;
        EXPECT_TRUE(co_await w.people.tokens.authenticate(w.people.pg, token));
        std::vector<secret> successors;
        auto use = [&](int i) -> task<bool> {
            if (i == 5) co_return co_await moved(w);
            auto done = co_await refresh(w.people, in.refresh_token, "r");
            if (done) successors.push_back(std::move(done->refresh_token));
            co_return done.has_value();
        };
        co_await in_parallel<bool>(12, use);
        EXPECT_EQ(state_of(lost.now.id), "moved");
        for (auto& each : successors)
            EXPECT_EQ((co_await refresh(w.people, std::move(each), "r")).error(), error::token_revoked);
        co_await tail_revocations(w.people.pg, w.ended);
        EXPECT_FALSE(co_await w.people.tokens.authenticate(w.people.pg, token));
    });
    EXPECT_EQ(count("refresh_family where revoked_at is null"), "0");
    EXPECT_EQ(count("revocation where cause = 'phone_recovery'"), "1");
}

TEST_F(recovery_race, states_go_forward_only_and_the_new_number_follows_the_data_key) {
    uuid which;
    in_a_world(db, [&](world& w) -> task<void> {
        co_await w.join(a_phone(1));
        const auto lost = co_await open(w, a_phone(1), a_phone(2));
        which = lost.now.id;
        crypto::keyring ring(bytes(32, 1));
        const auto newest = ring.make_data_key();
        EXPECT_TRUE(ring.learn(newest));
        ring.seal_with(newest.id);
        int columns = 0;
        for (const auto& column : sealed_columns()) {
            if (column.name != "phone_recovery.phone") continue;
            EXPECT_EQ((co_await jobs::reseal(w.people.pg, ring, column)).changed, 1);
            ++columns;
        }
        EXPECT_EQ(columns, 1);
        co_await approve(w, which);
        clock::advance(hours(73));
        co_await move_numbers(w.people.pg, ring, {});
        EXPECT_EQ(state_of(which), "moved");
    });
    for (const auto* state : {"asked", "waiting", "approved", "rejected", "stopped"})
        EXPECT_THROW(db.execute(fmt::format("update phone_recovery set state = '{}'", state)),
                     std::runtime_error);
    EXPECT_EQ(state_of(which), "moved");
}

}  // namespace
}  // namespace astrotalk::identity
