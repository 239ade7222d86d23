// What this folder keeps about people: astrologers.
#pragma once

#include "pg/personal_data.hpp"

namespace astrotalk::onboarding {

pg::personal_data personal_data();

}  // namespace astrotalk::onboarding
