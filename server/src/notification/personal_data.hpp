// What this folder keeps about people: news and devices.
#pragma once

#include "pg/personal_data.hpp"

namespace astrotalk::notification {

pg::personal_data personal_data();

}  // namespace astrotalk::notification
