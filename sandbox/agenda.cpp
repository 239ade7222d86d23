#include "agenda.hpp"

#include "core/log.hpp"
#include "core/loop.hpp"

namespace sandbox {

bool agenda::at(astrotalk::instant when, std::function<void()> what) {
    if (waiting_.size() >= limit) return false;
    waiting_.emplace(when, std::move(what));
    return true;
}

void agenda::run_due() {
    while (!waiting_.empty() && waiting_.begin()->first <= astrotalk::clock::now()) {
        const auto what = std::move(waiting_.begin()->second);
        waiting_.erase(waiting_.begin());
        what();
    }
}

std::optional<astrotalk::instant> agenda::next() const {
    if (waiting_.empty()) return std::nullopt;
    return waiting_.begin()->first;
}

astrotalk::task<void> agenda::keep() {
    while (!stopping_) {
        try {
            run_due();
        } catch (const std::exception& e) {
            astrotalk::log::error("agenda.failed", {{"error", astrotalk::log::text(e.what())}});
        }
        co_await astrotalk::sleep_for(std::chrono::milliseconds(5));
    }
}

}  // namespace sandbox
