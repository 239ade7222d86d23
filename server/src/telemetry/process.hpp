// What the operating system says of this process, under the names that every Prometheus client library uses.
#pragma once

#include <string>

namespace astrotalk::telemetry {

// Appends CPU seconds, resident and virtual memory, open file descriptors and their limit, threads, and start
// time. What /proc does not tell is left out. Thread-safe.
void append_process_metrics(std::string& out);

}  // namespace astrotalk::telemetry
