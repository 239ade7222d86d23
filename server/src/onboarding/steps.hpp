// How far an astrologer has come on the way to a listed profile: one list, the same on every device. Pure.
#pragma once

#include <boost/describe.hpp>
#include <string>
#include <vector>

#include "onboarding/domain.hpp"

namespace astrotalk::onboarding {

// In the order in which an app asks for them; none but `review` waits for another.
enum class step : std::uint8_t {
    profile,  // the texts: see profile_incomplete
    photo,    // may be left out
    price,
    hours,
    legal_name,
    consent,
    kyc,
    payout_account,  // needed to be paid, not to be listed
    review           // the profile is submitted and approved
};
BOOST_DESCRIBE_ENUM(step, profile, photo, price, hours, legal_name, consent, kyc, payout_account, review)

enum class step_state : std::uint8_t { to_do, waiting, done, failed };
BOOST_DESCRIBE_ENUM(step_state, to_do, waiting, done, failed)

struct step_item {
    step name{};
    step_state state{};
    bool required = true;  // to be listed
};
BOOST_DESCRIBE_STRUCT(step_item, (), (name, state, required))

// What the database says.
struct progress {
    bool photo = false, price = false, hours = false, legal_name = false, consent = false,
         payout_account = false;
    std::string kyc, profile;  // "none": nothing has been saved
};
BOOST_DESCRIBE_STRUCT(progress, (), (photo, price, hours, legal_name, consent, payout_account, kyc, profile))

std::vector<step_item> steps_of(const progress& at, bool profile_complete);

}  // namespace astrotalk::onboarding
