// What this folder keeps about people: what they wrote of consultations.
#pragma once

#include "pg/personal_data.hpp"

namespace astrotalk::reviews {

pg::personal_data personal_data();

}  // namespace astrotalk::reviews
