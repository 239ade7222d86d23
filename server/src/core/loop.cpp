#include "core/loop.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "core/verify.hpp"

namespace astrotalk {
namespace asio = boost::asio;

namespace {
thread_local loop* running = nullptr;

struct timer_awaiter {
    asio::steady_timer timer;
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> caller) {
        timer.async_wait([caller](boost::system::error_code) { caller.resume(); });
    }
    void await_resume() const noexcept {}
};

struct back_of_queue {
    loop& home;
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> caller) { home.post(caller); }
    void await_resume() const noexcept {}
};
}  // namespace

loop::loop() : context_(std::make_unique<asio::io_context>(1)) {}
loop::~loop() = default;

void loop::run() {
    loop* const outer = std::exchange(running, this);
    auto keep_alive = asio::make_work_guard(*context_);
    context_->restart();
    context_->run();
    running = outer;
}

void loop::stop() { context_->stop(); }
void loop::post(std::function<void()> handler) { asio::post(*context_, std::move(handler)); }

loop& loop::current() {
    verify(running != nullptr);
    return *running;
}

task<void> sleep_for(std::chrono::nanoseconds duration) {
    co_await timer_awaiter{asio::steady_timer(loop::current().context(), duration)};
}

task<void> yield() { co_await back_of_queue{loop::current()}; }

// Lives in the waiting frame. The timer is what resumes it: at its end, or earlier when `set` cancels it.
struct event::waiter {
    event& signal;
    asio::steady_timer timer;

    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> caller) {
        signal.waiting_.push_back(this);
        timer.async_wait([caller](boost::system::error_code) { caller.resume(); });
    }
    void await_resume() { std::erase(signal.waiting_, this); }
};

void event::set() {
    set_ = true;
    for (waiter* each : waiting_) each->timer.cancel();
}

task<bool> event::wait_for(std::chrono::nanoseconds duration) {
    if (!set_) co_await waiter{*this, asio::steady_timer(loop::current().context(), duration)};
    co_return set_;
}

struct thread_pool::state {
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<std::function<void()>> queue;
    std::size_t limit;
    bool closing = false;
    std::vector<std::thread> threads;

    void serve() {
        for (;;) {
            std::function<void()> work;
            {
                std::unique_lock lock(mutex);
                changed.wait(lock, [this] { return closing || !queue.empty(); });
                if (queue.empty()) return;
                work = std::move(queue.front());
                queue.pop_front();
            }
            work();
        }
    }
};

thread_pool::thread_pool(unsigned threads, std::size_t queue_limit) : state_(std::make_unique<state>()) {
    state_->limit = queue_limit;
    for (unsigned i = 0; i < threads; ++i) state_->threads.emplace_back([s = state_.get()] { s->serve(); });
}

thread_pool::~thread_pool() {
    {
        std::lock_guard lock(state_->mutex);
        state_->closing = true;
    }
    state_->changed.notify_all();
    for (auto& thread : state_->threads) thread.join();
}

void thread_pool::submit(std::function<void()> work) {
    {
        std::lock_guard lock(state_->mutex);
        if (state_->queue.size() >= state_->limit) throw overloaded();
        state_->queue.push_back(std::move(work));
    }
    state_->changed.notify_one();
}

}  // namespace astrotalk
