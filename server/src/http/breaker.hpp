// Keeps calls from another system that does not answer: after some failures in a row nothing is sent for a
// while, then one call tries whether it is back. Whoever waits behind a dead provider would only wait longer.
//
// Thread-safe; one for each provider and process. Time is the caller's steady clock.
#pragma once

#include <chrono>
#include <mutex>

namespace astrotalk::http {

class breaker {
  public:
    using time_point = std::chrono::steady_clock::time_point;
    struct options {
        int failures = 5;  // in a row
        std::chrono::milliseconds rest{10'000};
    };
    breaker() : breaker(options()) {}
    explicit breaker(options how) : how_(how) {}

    // Whether to send. Each yes is followed by `succeeded` or `failed`.
    bool allows(time_point now) {
        const std::lock_guard lock(mutex_);
        if (failed_ < how_.failures) return true;
        if (now < resting_until_) return false;
        resting_until_ = now + how_.rest;  // of those who ask meanwhile, this one tries
        return true;
    }
    void succeeded() {
        const std::lock_guard lock(mutex_);
        failed_ = 0;
    }
    void failed(time_point now) {
        const std::lock_guard lock(mutex_);
        if (++failed_ >= how_.failures) resting_until_ = now + how_.rest;
    }
    bool open(time_point now) const {
        const std::lock_guard lock(mutex_);
        return failed_ >= how_.failures && now < resting_until_;
    }

  private:
    const options how_;
    mutable std::mutex mutex_;
    int failed_ = 0;
    time_point resting_until_{};
};

}  // namespace astrotalk::http
