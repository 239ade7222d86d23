#include "core/loop.hpp"

#include <gtest/gtest.h>

#include <latch>
#include <thread>

namespace astrotalk {
namespace {
using namespace std::chrono_literals;

task<int> twice(int n) {
    co_await yield();
    co_return 2 * n;
}

TEST(loop_test, runs_a_task_to_its_value) {
    loop l;
    EXPECT_EQ(l.run_until(twice(21)), 42);
}

TEST(loop_test, carries_an_exception_out) {
    auto fail = []() -> task<void> {
        co_await yield();
        throw std::runtime_error("no");
    };
    loop l;
    EXPECT_THROW(l.run_until(fail()), std::runtime_error);
}

TEST(loop_test, an_event_wakes_a_waiter_before_its_time) {
    auto waiting = [](event& e) -> task<bool> { co_return co_await e.wait_for(1h); };
    auto body = [](auto wait) -> task<bool> {
        event e;
        auto setter = [](event& signal) -> task<void> {
            co_await yield();
            signal.set();
        };
        spawn(setter(e));
        co_return co_await wait(e);
    };
    loop l;
    EXPECT_TRUE(l.run_until(body(waiting)));
}

TEST(loop_test, a_wait_ends_at_its_time) {
    auto body = []() -> task<bool> {
        event e;
        co_return co_await e.wait_for(1ms);
    };
    loop l;
    EXPECT_FALSE(l.run_until(body()));
}

TEST(thread_pool_test, computes_elsewhere_and_comes_home) {
    thread_pool pool(2, 16);
    auto body = [](thread_pool& p) -> task<bool> {
        const auto home = std::this_thread::get_id();
        const auto away = co_await p.run([] { return std::this_thread::get_id(); });
        co_return away != home&& std::this_thread::get_id() == home;
    };
    loop l;
    EXPECT_TRUE(l.run_until(body(pool)));
}

task<void> block(thread_pool& pool, std::latch& gate, int& done, bool& refused) {
    try {
        co_await pool.run([&gate] { gate.wait(); });
    } catch (const overloaded&) {
        refused = true;
    }
    ++done;
}

task<bool> fill(thread_pool& pool, std::latch& gate) {
    bool refused = false;
    int done = 0;
    for (int i = 0; i < 3; ++i) spawn(block(pool, gate, done, refused));
    gate.count_down();
    while (done < 3) co_await yield();
    co_return refused;
}

TEST(thread_pool_test, refuses_more_than_its_queue_holds) {
    std::latch gate(1);
    thread_pool pool(1, 1);
    loop l;
    EXPECT_TRUE(l.run_until(fill(pool, gate)));
}

}  // namespace
}  // namespace astrotalk
