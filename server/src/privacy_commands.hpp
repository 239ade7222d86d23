// The operator's commands about personal data: `astrotalk privacy …`, described in docs/privacy.md.
#pragma once

#include "client_commands.hpp"
#include "settings.hpp"

namespace astrotalk {

void add_privacy_commands(CLI::App& program, const run_command& run);

// What the settings say of retention, contact and recipients, with everything that the features declare.
privacy::data_register register_of(const settings& s);

}  // namespace astrotalk
