// What this folder keeps about people: payments.
#pragma once

#include "pg/personal_data.hpp"

namespace astrotalk::recharge {

// What this folder keeps about people. Lives as long as the program.
pg::personal_data personal_data();

}  // namespace astrotalk::recharge
