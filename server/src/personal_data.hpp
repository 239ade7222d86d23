// The register of personal data: every feature's declaration, gathered. A feature is registered by its line
// in personal_data.cpp, and nowhere else.
#pragma once

#include <string_view>
#include <vector>

#include "jobs/sealed_data.hpp"
#include "privacy/privacy.hpp"

namespace astrotalk {

std::vector<pg::personal_data> all_personal_data();
// Every sealed column, for a change of the data key and for the scan.
std::vector<jobs::sealed_column> all_sealed_columns();

privacy::data_register make_register(privacy::retention_days days, std::string contact,
                                     std::vector<privacy::recipient> recipients);

}  // namespace astrotalk
