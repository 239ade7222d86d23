// `astrotalk client …`, and what `astrotalk keys` has for signing keys. They work on the database; every
// running node follows within a second. Exit codes: 0 done, 1 refused, 2 not understood.
#pragma once

#include <functional>

#include "settings.hpp"

namespace CLI {
class App;
}

namespace astrotalk {

// Reads the settings, calls what it is given with them, and keeps the exit code.
using run_command = std::function<void(const std::function<int(const settings&)>&)>;

void add_client_commands(CLI::App& program, const run_command& run);
void add_key_commands(CLI::App& keys, const run_command& run);

}  // namespace astrotalk
