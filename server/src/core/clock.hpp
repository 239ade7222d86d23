// The process's own clock. Rules about time take the instant as an argument; whoever needs to know it asks
// here. Thread-safe. `advance` moves the clock of this process and of its database sessions: only a server
// started for tests may.
#pragma once

#include <chrono>

namespace astrotalk {

// Instants have the resolution of PostgreSQL's timestamptz.
using instant = std::chrono::sys_time<std::chrono::microseconds>;

namespace clock {

instant now();
std::chrono::microseconds offset();
void advance(std::chrono::microseconds by);

}  // namespace clock
}  // namespace astrotalk
