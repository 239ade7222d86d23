#include <gtest/gtest.h>

#include "jobs/jobs.hpp"
#include "pg/testing.hpp"

namespace astrotalk::jobs {
namespace {

using namespace std::chrono_literals;
using pg::testing::database;

TEST(lease, is_held_by_one_and_taken_over_when_it_is_given_back) {
    const database db;
    pg::testing::run(db, [](pg::client& c) -> task<void> {
        lease first(c, "duty", 10s), second(c, "duty", 10s), other(c, "other", 10s);
        EXPECT_TRUE(co_await first.hold());
        EXPECT_FALSE(co_await second.hold());
        EXPECT_TRUE(co_await other.hold());
        co_await first.release();
        EXPECT_FALSE(first.held());
        lease third(c, "duty", 10s);
        EXPECT_TRUE(co_await third.hold());
    });
}

TEST(lease, is_renewed_while_held_and_runs_out_when_its_holder_is_silent) {
    const database db;
    pg::testing::run(db, [](pg::client& c) -> task<void> {
        lease first(c, "duty", 300ms), second(c, "duty", 300ms);
        for (int i = 0; i < 20; ++i) {
            EXPECT_TRUE(co_await first.hold());
            EXPECT_FALSE(co_await second.hold());
            co_await sleep_for(40ms);
        }
        co_await sleep_for(400ms);
        EXPECT_FALSE(first.held()) << "by its own clock, without asking";
        EXPECT_TRUE(co_await second.hold());
        EXPECT_FALSE(co_await first.hold());
    });
}

TEST(lease, is_lost_at_its_end_when_it_cannot_be_renewed) {
    const database db;
    pg::testing::run(db, [&](pg::client& c) -> task<void> {
        lease mine(c, "duty", 400ms);
        EXPECT_TRUE(co_await mine.hold());
        db.execute("alter table lease rename to lease_away");
        co_await sleep_for(200ms);
        EXPECT_TRUE(co_await mine.hold()) << "still ours: nobody else can have it yet";
        co_await sleep_for(300ms);
        EXPECT_FALSE(co_await mine.hold());
        db.execute("alter table lease_away rename to lease");
        co_await sleep_for(200ms);
        EXPECT_TRUE(co_await mine.hold());
    });
}

struct tally {
    int first = 0, second = 0, everywhere = 0, failed = 0;
};

task<void> count_up(int& n) {
    ++n;
    co_return;
}
task<void> fail_after(int& n) {
    ++n;
    throw std::runtime_error("not today");
    co_return;
}

// Looks often, and gives up after twenty seconds.
task<void> stop_when(scheduler& s, std::function<bool()> enough) {
    for (int i = 0; i < 2000 && !enough(); ++i) co_await sleep_for(10ms);
    s.stop();
}

TEST(scheduler, a_duty_runs_on_one_node_and_passes_on) {
    const database db;
    tally t;
    pg::testing::run(db, [&t](pg::client& c) -> task<void> {
        scheduler first(c), second(c);
        first.every(20ms, "count", "duty", [&t] { return count_up(t.first); });
        second.every(20ms, "count", "duty", [&t] { return count_up(t.second); });
        second.every(20ms, "everywhere", "", [&t] { return count_up(t.everywhere); });
        second.every(20ms, "fails", "", [&t] { return fail_after(t.failed); });
        spawn(stop_when(first, [&t] { return t.first > 5 && t.everywhere > 5; }));
        spawn(stop_when(second, [&t] { return t.second > 5 && t.failed > 5; }));
        spawn(first.run());
        while (t.first == 0) co_await sleep_for(1ms);  // it has the duty before the other may ask
        co_await second.run();
    });
    EXPECT_GT(t.first, 5);
    EXPECT_GT(t.second, 5) << "given back by the first when it stopped";
    EXPECT_GT(t.everywhere, t.second) << "the second waited for the duty, and for that alone";
    EXPECT_GT(t.failed, 5) << "a failure does not end a schedule";
    EXPECT_EQ(db.execute("select count(*) from lease"), "0");
}

}  // namespace
}  // namespace astrotalk::jobs
