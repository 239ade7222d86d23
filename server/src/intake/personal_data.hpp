// What this folder keeps about people. See pg/personal_data.hpp.
#pragma once

#include "pg/personal_data.hpp"

namespace astrotalk::intake {

pg::personal_data personal_data();

}  // namespace astrotalk::intake
