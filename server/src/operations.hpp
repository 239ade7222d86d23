// What operators and their tools ask: alive, ready, metrics, the API page; and the test clock of a server
// started for tests.
#pragma once

#include <span>
#include <string_view>

#include "http/http.hpp"
#include "pg/pg.hpp"
#include "redis/redis.hpp"

namespace astrotalk::operations {

struct service {
    pg::client& pg;
    const redis::client* redis;  // null: none is used
    bool test_clock;
};

// The test clock's route is among them only when `test_clock` says so.
void mount(http::router& into, service& self);

}  // namespace astrotalk::operations
