// What people do to their own account: its name, phone and e-mail address, its sessions, its end.
//
// Every call is bound to the session that `caller` signed in with, which must still be open. Thread safety
// and lifetime are those of `service`; refusals are values, an outage throws pg::unavailable. Each change
// writes its audit row in the same transaction.
#pragma once

#include "identity/identity.hpp"

namespace astrotalk::identity {

// In order of precedence.
enum class account_error : std::uint8_t {
    signed_out,         // the session has ended
    sign_in_again,      // it began more than ten minutes ago
    unchanged,          // the phone or address is theirs already
    nothing_to_verify,  // no change waits for a code
    too_many_codes,     // see send_code
    locked_out,
    code_expired,
    code_mismatch,  // wrong, and counted
    taken,          // another account has the phone, which the caller has proved to have as well
    has_bookings,   // or somebody has one with them
    has_money,      // of their own, or set aside
};
struct account_refusal {
    account_error why;
    std::chrono::seconds wait{0};  // of too_many_codes
    friend bool operator==(const account_refusal& a, account_error b) { return a.why == b; }
};
template <class T>
using account_outcome = result<T, account_refusal>;

// No name: none from now on. signed_out.
task<account_outcome<void>> change_name(service& s, http::principal caller, std::optional<personal> name,
                                        std::string request_id);

// Sends the new phone a code; until it is verified the old one stays. Nobody is told whether another account
// has it before they have proved that they have it, too. sign_in_again, unchanged, too_many_codes.
task<account_outcome<void>> change_phone(service& s, client_ref client, http::principal caller,
                                         phone_number to, origin from);
// To the phone that waits: another code, which ends the one before; the phone. nothing_to_verify, and as
// change_phone.
task<account_outcome<phone_number>> send_change_code(service& s, client_ref client, http::principal caller,
                                                     origin from);
// Whoever has the old phone can no longer sign in, and is told by SMS. Sessions go on; their owner ends those
// they do not know. nothing_to_verify, locked_out, code_expired, code_mismatch, taken.
task<account_outcome<void>> verify_phone(service& s, http::principal caller, secret code,
                                         std::string request_id);

// Sends the address a code; until it is verified the one before stays. It is nobody's way in, so it may be
// many accounts' at once, and needs no sign-in of a moment ago. unchanged: it is theirs and verified.
// too_many_codes: three in 15 minutes and ten a day, to one mailbox and by one user.
task<account_outcome<void>> change_email(service& s, http::principal caller, email::address to);
// Another code, which ends the one before: to the address that waits, or else to one that was told and never
// verified; which it is. nothing_to_verify, too_many_codes.
task<account_outcome<email::address>> send_email_code(service& s, http::principal caller);
// The address is the account's. One that was verified before is told, by e-mail. nothing_to_verify,
// locked_out, code_expired, code_mismatch.
task<account_outcome<void>> verify_email(service& s, http::principal caller, secret code,
                                         std::string request_id);
// Of none there is none either. signed_out.
task<account_outcome<void>> remove_email(service& s, http::principal caller, std::string request_id);

struct session_entry {
    family_id id;
    std::string client_id;
    instant began, last_seen;
    std::string device;                    // "Chrome on Android", as far as its user agent tells
    std::string address;                   // where it was seen last; empty: not known
    std::optional<geo::location> place{};  // of the address, where there is an atlas
    bool current = false;                  // the caller's own
};
// Newest first: `most` and the one after them. signed_out: none.
task<std::vector<session_entry>> list_sessions(service& s, http::principal caller,
                                               std::optional<family_id> after, std::int32_t most);
// Access by its tokens ends on every node within a second. False: not an open session of theirs, or the one
// that asks.
task<bool> end_session(service& s, http::principal caller, family_id which, std::string request_id);

// As an administrator's delete_user. has_bookings, has_money.
task<account_outcome<void>> close_account(service& s, http::principal caller, std::string request_id);

}  // namespace astrotalk::identity
