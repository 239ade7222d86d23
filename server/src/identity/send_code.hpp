// A code on its way: what the statements that send one need, and what they answer.
#pragma once

#include "identity/identity.hpp"
#include "sms/templates.hpp"

namespace astrotalk::identity {

struct code_letter {
    uuid challenge, outbox_id;
    bytes mac, payload;
    bytes in_hindi;  // the same for who reads Hindi; English where the Hindi text is not registered
    int lifetime_seconds;
};

code_letter write_code(const service& s, const phone_number& phone, const bytes& phone_hash,
                       code_purpose purpose);
bytes seal_sms(const crypto::keyring& keys, uuid outbox_id, const personal& to, const sms::written& message);

// That of our own apps: the first start makes it, and it cannot be removed.
client_ref apps_client(service& s);

struct sent_row {
    std::int32_t wait = 0;             // seconds; 0: sent, or as if
    std::optional<std::string> cause;  // of the wait: phone, address, device, network, prefix or spend
    bool known = false;
    std::optional<std::string> raced;
};
BOOST_DESCRIBE_STRUCT(sent_row, (), (wait, cause, known, raced))

// A statement that others outran says why at its next asking. Each time some limit was reached, so one of
// sixteen slots and a handful of buckets: more turns than this are a fault.
inline constexpr int turns = 24;

send_refusal refuse_to_send(const sent_row& why);

// astrotalk_codes_{sent,verified,refused}_total. Sent and verified are by country code and the first two
// digits: where the second falls behind the first, somebody earns by the messages.
void count_sent(const phone_number& to);
void count_verified(const phone_number& by);

// Whether an answer was refused because of the phone's lock-out, and not for its time or its session.
task<bool> is_locked(const service& s, const bytes& phone_hash);

// astrotalk_security_events_total: wrong_code, locked_out, wrong_second_factor, token_reused, admin_refused.
void count_security(std::string_view event);

}  // namespace astrotalk::identity
