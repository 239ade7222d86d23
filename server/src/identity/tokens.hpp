// What tokens say and how the small secrets are made. Pure but for the random generator. Thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "crypto/keyring.hpp"
#include "email/address.hpp"
#include "identity/domain.hpp"
#include "identity/send_limits.hpp"
#include "identity/user_pool.hpp"

namespace astrotalk::identity {

// The claims of Cognito's tokens, as JSON, for a client. `event` is one per authentication event.
std::string access_claims(const std::string& issuer, const app_client& client, const person& who,
                          const session& in, uuid event, instant now);
std::string id_claims(const std::string& issuer, const app_client& client, const person& who,
                      const session& in, uuid event, instant now);

// Refresh tokens are 32 bytes in base64url, and only their SHA-256 is stored. A token's successor follows
// from it under a key, so those that refresh in parallel get the same one.
secret new_refresh_token();
secret successor_of(const crypto::keyring& keys, const secret& refresh_token);
bytes hash_of(const secret& refresh_token);
bool is_refresh_token(std::string_view text);

// One-time codes: uniform over all of `digits` digits. What is stored is a MAC, which the database cannot be
// searched for.
secret draw_code(int digits);
bytes code_mac(const crypto::keyring& keys, code_purpose purpose, const bytes& to_hash, const secret& code);

// Phones are found by a keyed hash and sealed for their row.
bytes hash_of(const crypto::keyring& keys, const phone_number& phone);
bytes seal_phone(const crypto::keyring& keys, user_id id, const phone_number& phone);
bytes seal_name(const crypto::keyring& keys, user_id id, const personal& name);
bytes seal_city(const crypto::keyring& keys, user_id id, const personal& city);
bytes seal_email(const crypto::keyring& keys, user_id id, const email::address& address);
personal open_phone(const crypto::keyring& keys, user_id id, const bytes& sealed);
personal open_name(const crypto::keyring& keys, user_id id, const bytes& sealed);
personal open_city(const crypto::keyring& keys, user_id id, const bytes& sealed);
personal open_email(const crypto::keyring& keys, user_id id, const bytes& sealed);

// Where a session was, sealed for the row of the token that was given there.
inline constexpr std::string_view seen_purpose = "refresh_token.seen";
inline std::string place_of_seen(const std::string& token_hash) { return "refresh_token.seen:" + token_hash; }
bytes seal_seen(const crypto::keyring& keys, const bytes& token_hash, const origin& from);
origin open_seen(const crypto::keyring& keys, const bytes& token_hash, const bytes& sealed);

// Cognito's Session string: a challenge id and a MAC over it, its kind and whose it is. 43 characters.
enum class session_kind : char {
    select = 's',
    sign_up = 'u',
    sign_in = 'i',  // the code as SMS_OTP
    custom = 'x',   // the code as CUSTOM_CHALLENGE
    confirmed = 'c',
    // Of nobody in particular, because two operations that take them name nobody: see below.
    factor = 'f',      // the authenticator's code
    set_up = 'e',      // an authenticator that is to be set up
    was_set_up = 'd',  // one that has been
};
std::string session_string(const crypto::keyring& keys, session_kind kind, uuid challenge,
                           const bytes& phone_hash);
// The challenge, unless the string is of another kind, for another phone, or not ours. Sessions of the second
// factor are made and opened with an empty hash; their challenge says whose they are.
std::optional<uuid> open_session(const crypto::keyring& keys, session_kind kind, std::string_view text,
                                 const bytes& phone_hash);

}  // namespace astrotalk::identity
