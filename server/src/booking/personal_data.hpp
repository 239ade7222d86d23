// What this folder keeps about people: bookings and holds.
#pragma once

#include "pg/personal_data.hpp"

namespace astrotalk::booking {

pg::personal_data personal_data();

}  // namespace astrotalk::booking
