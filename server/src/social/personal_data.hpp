// What this folder keeps about people: whom they follow, block and report.
#pragma once

#include <span>

#include "jobs/sealed_data.hpp"
#include "pg/personal_data.hpp"

namespace astrotalk::social {

pg::personal_data personal_data();
std::span<const jobs::sealed_column> sealed_columns();

}  // namespace astrotalk::social
