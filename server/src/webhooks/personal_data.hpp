// What this folder keeps about people: what other systems said of them.
#pragma once

#include "pg/personal_data.hpp"

namespace astrotalk::webhooks {

pg::personal_data personal_data();

}  // namespace astrotalk::webhooks
