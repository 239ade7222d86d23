// "I lost this number": an account moves to another one, after staff's decision and a waiting time in which
// whoever has the old number is told and can stop it by signing in.
//
// ask → prove the new number → wait, and be approved → the number is moved by a schedule. Nobody learns on
// the way whether the lost number has an account, before staff have approved: not from what is answered, how
// long it takes, or what becomes of the request in its two weeks. Staff's own accounts are not recovered like
// this.
//
// Thread safety and lifetime are those of `service`. Refusals are values, an outage throws pg::unavailable.
// States move only forward, by a trigger; each step writes its audit row in its own transaction.
#pragma once

#include "identity/identity.hpp"

namespace astrotalk::identity {

// What nobody approves in this time has ended.
inline constexpr std::chrono::hours recovery_term{14 * 24};

// What its asker is told. `closed` comes when the term is over; earlier only of what had been approved.
enum class recovery_state : std::uint8_t { waiting, approved, moved, number_taken, closed };
BOOST_DESCRIBE_ENUM(recovery_state, waiting, approved, moved, number_taken, closed)

// A request as its asker may know it.
struct recovery_view {
    uuid id;
    recovery_state state = recovery_state::waiting;
    instant earliest;  // the real one of what is approved; before that, the same as for nobody's number
    instant closes_at;
};

struct recovery_row {
    uuid id;
    std::string state;
    instant opened_at, ready_at, expires_at;
    bool approved = false;  // at any time
    instant at;
};
BOOST_DESCRIBE_STRUCT(recovery_row, (), (id, state, opened_at, ready_at, expires_at, approved, at))
recovery_view view_of(const recovery_row& row, std::chrono::seconds wait);

// --- For who lost a number.

struct recovery_request {
    phone_number lost, to;  // not the same
    origin from{};
    std::string request_id;
};
// Sends the new number a code, under every limit that codes have. too_many_codes.
task<result<uuid, send_refusal>> ask_recovery(service& s, client_ref client, recovery_request asked);

enum class proof_error : std::uint8_t { locked_out, code_expired, code_mismatch, number_taken };
struct proved_recovery {
    recovery_view now;
    secret token;  // that its asker sees it by: 32 bytes
};
// From now on it waits, or continues the one that the same two numbers have open: that one tells its asker
// nothing any more. In order of precedence: locked_out, code_expired, code_mismatch; number_taken: the new
// number has an account, which must be closed first.
task<result<proved_recovery, proof_error>> prove_recovery(service& s, uuid which, secret code,
                                                          std::string request_id);
// Nothing when there is none, or the token is not its.
task<std::optional<recovery_view>> find_recovery(service& s, uuid which, secret token);

// --- For staff.

struct recovery_reader {
    user_id id;
    std::string role, reason, request_id;
};
struct recovery_item {
    uuid id;
    astrotalk::user_id user_id;
    std::string state;                  // waiting or approved
    std::string lost_phone, new_phone;  // masked
    instant opened_at, earliest, closes_at;
    money cash, bonus, held;
    instant joined_at;
    bool has_second_factor = false;
    std::optional<instant> last_sign_in;
    std::int32_t others = 0;  // that want the same account just now
};
BOOST_DESCRIBE_STRUCT(recovery_item, (),
                      (id, user_id, state, lost_phone, new_phone, opened_at, earliest, closes_at, cash, bonus,
                       held, joined_at, has_second_factor, last_sign_in, others))
// Newest first, from before the id `before`; one more than `most` when there are more.
task<std::vector<recovery_item>> read_recoveries(service& s, recovery_reader who, uuid before,
                                                 std::int32_t most);

enum class recovery_verdict : std::uint8_t { approve, reject };
struct recovery_decision {
    uuid which;
    recovery_verdict what = recovery_verdict::reject;
    user_id by;
    std::string reason, request_id;
};
struct decided_recovery {
    uuid id;
    astrotalk::user_id user_id;
    std::string state;
    instant ready_at;
};
BOOST_DESCRIBE_STRUCT(decided_recovery, (), (id, user_id, state, ready_at))
// not_found; not_open: decided or ended before; other_approved: another request for the same account.
enum class decision_error : std::uint8_t { not_found, not_open, other_approved };
task<result<decided_recovery, decision_error>> decide_recovery(pg::client& pg, recovery_decision made);

// --- What the steps share.

inline constexpr std::string_view recovery_purpose = "phone_recovery.phone";
std::string place_of_recovery(const std::string& id);
personal open_new_phone(const crypto::keyring& keys, uuid recovery, const bytes& sealed);
// "26 Nov 2026", as calendars in India have it.
std::string day_in_india(instant at);
// To the old number: that somebody asks, for which number, and when it may happen.
bytes recovery_notice(const crypto::keyring& keys, uuid outbox_id, const personal& old_phone,
                      const personal& new_phone, instant earliest, sms::language in);

}  // namespace astrotalk::identity
