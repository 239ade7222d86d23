// What an astrologer is told before a consultation: birth profiles, of which a person keeps several, and the
// intake of a booking, which is a copy of one of them and a question.
//
// The copy is the booking's own: changing or deleting the profile changes no consultation. All of it is
// sealed. Thread safety: a service and its calls belong to one loop. Errors: refusals are values, an outage
// throws pg::unavailable. Changes, and whatever staff read, are audited in their statements.
#pragma once

#include <boost/describe.hpp>
#include <span>
#include <string>
#include <vector>

#include "core/ids.hpp"
#include "core/result.hpp"
#include "core/task.hpp"
#include "crypto/keyring.hpp"
#include "http/http.hpp"
#include "intake/domain.hpp"
#include "jobs/sealed_data.hpp"
#include "pg/pg.hpp"

namespace astrotalk::intake {

// Why a request is refused, in order of precedence.
enum class error : std::uint8_t {
    profile_not_found,  // the caller has no such birth profile
    too_many_profiles,
    booking_not_found,  // or none of the caller's business
    intake_not_found,   // nothing was given, or it is not shown (any more)
    already_cancelled,
    too_late,  // it has started
};
template <class T>
using outcome = result<T, error>;

inline constexpr std::int32_t most_profiles = 10;

struct birth_profile {
    uuid id;
    intake::birth birth;
    instant created_at, updated_at;
};

struct service {
    pg::client& pg;
    const crypto::keyring& keys;
};

// Whoever writes, and in which request.
struct writer {
    user_id id;
    std::string request_id;
};

task<std::vector<birth_profile>> list_birth_profiles(service& s, user_id whose);
// `what` is tidied and has no faults. too_many_profiles; for an account that has ended, pg::unavailable.
task<outcome<birth_profile>> add_birth_profile(service& s, writer who, birth what);
task<outcome<birth_profile>> change_birth_profile(service& s, writer who, uuid id, birth what);
task<bool> remove_birth_profile(service& s, writer who, uuid id);

// What a user gave for a booking.
struct given {
    booking_id id;
    std::optional<intake::birth> birth;
    std::optional<personal> question;
    instant updated_at;
};

// In place of what was given before, until the booking starts.
task<outcome<given>> attach_intake(service& s, writer who, booking_id to, std::optional<uuid> profile,
                                   std::optional<personal> question);
// For the booking's user, and for its astrologer as long as astrologer_may_see.
task<outcome<given>> read_intake(service& s, user_id who, booking_id of);

// Who of the staff reads, as what (admin or support), why, and in which request.
struct staff_reader {
    user_id id;
    std::string role, reason, request_id;
};
task<outcome<given>> read_intake_for_staff(service& s, staff_reader who, booking_id of);

std::span<const jobs::sealed_column> sealed_columns();
std::span<const http::route<service>> routes();

}  // namespace astrotalk::intake
