#include "onboarding/steps.hpp"

namespace astrotalk::onboarding {
namespace {

step_state done_if(bool done) { return done ? step_state::done : step_state::to_do; }

step_state state_of_kyc(std::string_view status) {
    if (status == "completed") return step_state::done;
    if (status == "in_progress") return step_state::waiting;
    return status == "not_started" ? step_state::to_do : step_state::failed;
}

step_state state_of_review(std::string_view profile) {
    if (profile == "approved") return step_state::done;
    if (profile == "pending") return step_state::waiting;
    return profile == "rejected" ? step_state::failed : step_state::to_do;
}

}  // namespace

std::vector<step_item> steps_of(const progress& at, bool profile_complete) {
    // Who has passed has consented then, and may have withdrawn since.
    const bool passed = at.kyc == "completed";
    return {{step::profile, done_if(profile_complete), true},
            {step::photo, done_if(at.photo), false},
            {step::price, done_if(at.price), true},
            {step::hours, done_if(at.hours), true},
            {step::legal_name, done_if(at.legal_name || passed), true},
            {step::consent, done_if(at.consent || passed), true},
            {step::kyc, state_of_kyc(at.kyc), true},
            {step::payout_account, done_if(at.payout_account), false},
            {step::review, state_of_review(at.profile), true}};
}

}  // namespace astrotalk::onboarding
