// What this folder keeps about people: money.
#pragma once

#include "pg/personal_data.hpp"

namespace astrotalk::wallet {

pg::personal_data personal_data();

}  // namespace astrotalk::wallet
