// What the connections of a loop have in common.
#include "http/session.hpp"

namespace astrotalk::http {
using boost::system::error_code;

void hall::sweep() {
    const auto now = steady::now();
    for (session* each : sessions) {
        if (each->deadline_ > now) continue;
        each->expired_ = true;
        // The refusal of a request that was too slow gets a moment of its own.
        each->deadline_ = now + std::chrono::seconds(2);
        error_code ignored;
        each->socket_.cancel(ignored);
    }
}

void hall::drain() {
    draining = true;
    error_code ignored;
    for (session* each : sessions) {
        if (each->phase_ == session::phase::idle) each->socket_.cancel(ignored);
        each->end_stream();
    }
}

void hall::close_all() {
    error_code ignored;
    for (session* each : sessions) {
        each->end_stream();
        each->socket_.close(ignored);
    }
}

}  // namespace astrotalk::http
