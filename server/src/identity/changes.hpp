// A phone or an e-mail address that waits to be verified, and the account that it is for.
#pragma once

#include "email/texts.hpp"
#include "identity/account.hpp"

namespace astrotalk::identity {

struct account_row {
    bytes phone_hash, phone_sealed;
    std::string user_type;
    bool fresh = false;  // signed in a moment ago
};
BOOST_DESCRIBE_STRUCT(account_row, (), (phone_hash, phone_sealed, user_type, fresh))

inline constexpr std::string_view change_purpose = "phone_change.phone";
std::string place_of_change(const std::string& user);

// Nothing when none waits.
task<std::optional<phone_number>> find_waiting_phone(service& s, user_id of);

inline constexpr std::string_view email_change_purpose = "email_change.email";
std::string place_of_email_change(const std::string& user);

// What an account has, and what waits to take its place.
struct known_email {
    std::optional<email::address> current, waiting;
    bool verified = false;
    sms::language language = sms::language::en;
};
// Nothing when the session has ended.
task<std::optional<known_email>> find_email(service& s, http::principal caller);
// Keyed, of the address as it is written to.
bytes hash_of(const crypto::keyring& keys, const email::address& of);
// The payload of an outbox row of the kind email.send.
bytes seal_letter(const service& s, uuid outbox_id, const email::address& to, const email::letter& what,
                  std::optional<instant> not_after = {});

}  // namespace astrotalk::identity
