#include "core/task.hpp"

#include "core/log.hpp"

namespace astrotalk {
namespace {

struct detached {
    struct promise_type {
        detached get_return_object() const noexcept { return {}; }
        std::suspend_never initial_suspend() const noexcept { return {}; }
        std::suspend_never final_suspend() const noexcept { return {}; }
        void return_void() const noexcept {}
        void unhandled_exception() const noexcept { std::terminate(); }
    };
};

detached run_detached(task<void> work) {
    try {
        co_await std::move(work);
    } catch (const std::exception& e) {
        log::error("task.failed", {{"error", log::text(e.what())}});
    }
}

}  // namespace

void spawn(task<void> work) { run_detached(std::move(work)); }

}  // namespace astrotalk
