// The one place where a constraint of the astrologer table becomes a domain error.
#pragma once

#include "onboarding/domain.hpp"
#include "pg/pg.hpp"

namespace astrotalk::onboarding {

// A constraint that a checked request cannot break is a defect: it throws.
error error_of(const pg::violation& broken);

}  // namespace astrotalk::onboarding
