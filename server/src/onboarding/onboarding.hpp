// Becoming an astrologer: the profile, its submission and the decision about it, the prices and the
// weekly hours.
//
// Thread safety: none; a service and its calls belong to one loop. Errors: refusals are values
// (onboarding::refusal), an outage throws pg::unavailable. Every change writes its audit row in the same
// statement. Editing an approved profile keeps its approval; what an edit may not do is leave it incomplete.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "core/task.hpp"
#include "http/http.hpp"
#include "jobs/sealed_data.hpp"
#include "onboarding/digio.hpp"
#include "onboarding/domain.hpp"
#include "onboarding/funnel.hpp"
#include "onboarding/kyc_service.hpp"
#include "onboarding/kyc_staff.hpp"
#include "onboarding/payout_account.hpp"
#include "onboarding/steps.hpp"
#include "onboarding/uploads.hpp"
#include "pg/pg.hpp"

namespace astrotalk::onboarding {

template <class T>
using outcome = result<T, refusal>;

// Nothing when the astrologer has saved none yet.
task<std::optional<profile>> find_profile(pg::client& pg, user_id astrologer);
task<std::optional<availability>> find_availability(pg::client& pg, user_id astrologer);

// The arguments have passed their `check`. `request_id` goes into the audit trail. What differs from a
// profile that was there is a correction, and has its certificate.
task<outcome<profile>> save_profile(pg::client& pg, const crypto::keyring& keys, user_id astrologer,
                                    profile_draft draft, std::string request_id);
// Who has passed the identity check is approved by it, unless `quality_review` leaves that to staff.
task<outcome<profile>> submit_profile(pg::client& pg, user_id astrologer, std::string request_id,
                                      bool quality_review = false);
// All of them: a channel without a price is off; who has none is not listed. What is held keeps its price.
task<outcome<profile>> set_prices(pg::client& pg, user_id astrologer, channel_prices prices,
                                  std::string request_id);
task<outcome<availability>> set_availability(pg::client& pg, user_id astrologer, availability hours,
                                             std::string request_id);

enum class verdict : std::uint8_t { approve, reject };

struct decision {
    user_id astrologer;
    verdict what = verdict::reject;
    user_id by;  // the admin
    std::string reason;
    std::string request_id;
};

// Approves or rejects a pending profile, once; approves only who has passed the identity check. The
// astrologer's next tokens carry it.
task<outcome<profile>> decide_profile(pg::client& pg, decision made);

// Profiles of a status in the order of their submission (drafts by id), after a position in it; at most
// `most`.
task<std::vector<profile>> list_profiles(pg::client& pg, std::string status, instant submitted_after,
                                         uuid id_after, std::int32_t most);

// The answer to a refusal: shared with the admin's routes, so that a code means one thing.
http::response refused(const refusal& why);

struct service {
    pg::client& pg;
    const crypto::keyring& keys;
    bool quality_review = false;
};

// What this folder seals.
std::span<const jobs::sealed_column> sealed_columns();

std::span<const http::route<service>> routes();

}  // namespace astrotalk::onboarding
