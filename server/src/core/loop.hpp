// One thread's event loop, and the ways to wait on it.
//
// A loop is run by one thread; `post` and `stop` may be called from any thread, everything else from its own.
// Asio stays behind `context()`, which only the few files that own sockets include.
#pragma once

#include <atomic>
#include <chrono>
#include <coroutine>
#include <functional>
#include <memory>
#include <vector>

#include "core/task.hpp"

namespace boost::asio {
class io_context;
}

namespace astrotalk {

class loop {
  public:
    loop();
    ~loop();
    loop(const loop&) = delete;
    loop& operator=(const loop&) = delete;

    // Runs handlers on the calling thread until `stop`. May be called again afterwards.
    void run();
    // Runs `work` to its end on the calling thread and gives back its value. For commands and tests.
    template <class T>
    T run_until(task<T> work);

    void stop();
    void post(std::function<void()> handler);
    boost::asio::io_context& context() { return *context_; }

    // The loop that this thread runs; an assertion fails when it runs none.
    static loop& current();

  private:
    std::unique_ptr<boost::asio::io_context> context_;
};

// Resumes on the current loop after at least `duration`. Driven by the steady clock, which tests do not move.
task<void> sleep_for(std::chrono::nanoseconds duration);

// Resumes on the current loop after what is already queued.
task<void> yield();

// A signal between coroutines of one loop: `wait_for` suspends until `set` or until `duration` has passed,
// and says whether it was set. Any number may wait. It stays set until `reset`. It must outlive its waiters.
class event {
  public:
    void set();
    void reset() { set_ = false; }
    bool is_set() const { return set_; }
    task<bool> wait_for(std::chrono::nanoseconds duration);

  private:
    struct waiter;
    bool set_ = false;
    std::vector<waiter*> waiting_;
};

// A bounded pool of threads for work that would block a loop. `run` comes back on the loop that called it.
// When `queue_limit` calls wait, `run` throws `overloaded`.
struct overloaded : std::exception {
    const char* what() const noexcept override { return "too much work is waiting"; }
};

class thread_pool {
  public:
    thread_pool(unsigned threads, std::size_t queue_limit);
    ~thread_pool();  // waits for the work under way
    thread_pool(const thread_pool&) = delete;

    template <class F, class R = std::invoke_result_t<F>>
    task<R> run(F work);

  private:
    void submit(std::function<void()> work);
    struct state;
    std::unique_ptr<state> state_;
};

template <class T>
T loop::run_until(task<T> work) {
    std::exception_ptr failure;
    if constexpr (std::is_void_v<T>) {
        auto body = [](task<T> inner, loop& self, std::exception_ptr& error) -> task<void> {
            try {
                co_await std::move(inner);
            } catch (...) {
                error = std::current_exception();
            }
            self.stop();
        };
        post([&, started = std::make_shared<task<T>>(std::move(work))] {
            spawn(body(std::move(*started), *this, failure));
        });
        run();
        if (failure) std::rethrow_exception(failure);
    } else {
        std::optional<T> value;
        auto body = [](task<T> inner, loop& self, std::optional<T>& out,
                       std::exception_ptr& error) -> task<void> {
            try {
                out.emplace(co_await std::move(inner));
            } catch (...) {
                error = std::current_exception();
            }
            self.stop();
        };
        post([&, started = std::make_shared<task<T>>(std::move(work))] {
            spawn(body(std::move(*started), *this, value, failure));
        });
        run();
        if (failure) std::rethrow_exception(failure);
        return std::move(*value);
    }
}

template <class F, class R>
task<R> thread_pool::run(F work) {
    struct awaiter {
        thread_pool& pool;
        F& work;
        loop& home;
        std::conditional_t<std::is_void_v<R>, bool, std::optional<R>> value{};
        std::exception_ptr error{};

        bool await_ready() const noexcept { return false; }
        void await_suspend(std::coroutine_handle<> caller) {
            pool.submit([this, caller] {
                try {
                    if constexpr (std::is_void_v<R>)
                        work();
                    else
                        value.emplace(work());
                } catch (...) {
                    error = std::current_exception();
                }
                home.post([caller] { caller.resume(); });
            });
        }
        R await_resume() {
            if (error) std::rethrow_exception(error);
            if constexpr (!std::is_void_v<R>) return std::move(*value);
        }
    };
    co_return co_await awaiter{*this, work, loop::current()};
}

}  // namespace astrotalk
