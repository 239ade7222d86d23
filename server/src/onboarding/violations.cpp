#include "onboarding/violations.hpp"

#include <stdexcept>

namespace astrotalk::onboarding {

error error_of(const pg::violation& broken) {
    if (broken.constraint == "astrologer_complete") return error::profile_incomplete;
    throw std::logic_error("onboarding broke " + broken.constraint);
}

}  // namespace astrotalk::onboarding
