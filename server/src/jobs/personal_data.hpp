// What this folder keeps about people: messages under way.
#pragma once

#include "pg/personal_data.hpp"

namespace astrotalk::jobs {

pg::personal_data personal_data();

}  // namespace astrotalk::jobs
