// What this folder keeps about people: what a listing shows of an astrologer, and when they are there.
#pragma once

#include "pg/personal_data.hpp"

namespace astrotalk::directory {

pg::personal_data personal_data();

}  // namespace astrotalk::directory
