// The user pool: signing up and in with a phone and an SMS code, tokens and their end. Speaks Cognito's
// protocol.
//
// `user_pool`, `live_pool`, `keyring`, the signing pool, `revocations` and `admin_credentials` are shared by
// all threads; a `service` and its calls belong to one loop. Errors: refusals are values (identity::error),
// an outage throws pg::unavailable or `overloaded`. Every statement that changes something writes its audit
// row itself, and every message is an outbox row of the same statement.
#pragma once

#include <chrono>
#include <functional>
#include <span>
#include <string>
#include <variant>

#include "core/loop.hpp"
#include "core/money.hpp"
#include "core/task.hpp"
#include "crypto/keyring.hpp"
#include "email/address.hpp"
#include "geo/atlas.hpp"
#include "http/http.hpp"
#include "identity/admin_credentials.hpp"
#include "identity/domain.hpp"
#include "identity/profile.hpp"
#include "identity/revocations.hpp"
#include "identity/send_limits.hpp"
#include "identity/user_pool.hpp"
#include "identity/verify.hpp"
#include "identity/web_session.hpp"
#include "jobs/sealed_data.hpp"
#include "pg/pg.hpp"
#include "sms/templates.hpp"

namespace astrotalk::identity {

struct settings {
    int otp_length = 6;
    money welcome_bonus{10'000};
    std::chrono::minutes code_lifetime{10};  // at most 10
    send_limits sending{};
    phone_plan served = phone_plan::india();
    std::string support_contact{};  // for whom no code reaches; empty: none
    web_settings web{};
    // How long whoever has a number that somebody calls lost can stop it.
    struct {
        std::chrono::seconds wait = std::chrono::hours(72), wait_with_money = std::chrono::hours(168);
    } recovery{};
    const geo::atlas* atlas = nullptr;  // null: nobody knows where addresses are
    sms::registration registered{};     // says in which languages codes may be sent
    bool offers_email = false;          // e-mail can be sent, so accounts may have an address
};

struct service {
    service(
        pg::client& database, const crypto::keyring& keyring, thread_pool& signers, const user_pool& users,
        const live_pool& current, const settings& how, const revocations& ended, admin_credentials& admins,
        std::function<void()> sms_queued = [] {})
        : pg(database),
          keys(keyring),
          signing(signers),
          pool(users),
          live(current),
          how(how),
          admin_keys(admins),
          tokens(users, current, ended),
          wake_outbox(std::move(sms_queued)) {}

    pg::client& pg;
    const crypto::keyring& keys;
    thread_pool& signing;
    const user_pool& pool;
    live_pool::reader live;  // app clients and signing keys
    const settings how;
    admin_credentials& admin_keys;
    verifier tokens;                    // the gateway asks it too
    std::function<void()> wake_outbox;  // after a commit that queued a message
};

std::span<const http::route<service>> routes();
// The web apps' own, below `session_path`. Browsers send a cookie there.
inline constexpr std::string_view session_path = "/v1/session/";
std::span<const http::route<service>> session_routes();
// For who lost their number, and for the staff that decides on it: recovery.hpp.
std::span<const http::route<service>> recovery_routes();
// A problem that was answered before an operation of /cognito/ ran, as the exception that its clients read.
// Leaves those of other routes alone.
void restate_refusal(std::string_view route, http::response& r);

// --- Use cases, each for the app client that asks. `request_id` goes into the audit trail.

struct sign_up_request {
    phone_number phone;
    user_kind kind = user_kind::user;
    std::optional<personal> name;
    std::string request_id;
    origin from{};
    std::optional<email::address> email{};  // kept, not verified
};
struct signed_up {
    user_id id;
    uuid challenge;
};
// too_many_codes. A phone that has an account is answered like any other, with an id that is nobody's and a
// challenge that no code opens; its owner is told by SMS. Nothing else about the user pool tells either.
task<result<signed_up, send_refusal>> sign_up(service& s, client_ref client, sign_up_request r);

// The new challenge. Whether the phone is known cannot be told from it. too_many_codes: nothing was sent or
// counted then, and no wait became longer. `wanted_by`: who wants this phone for theirs, and alone may
// answer.
task<result<uuid, send_refusal>> send_code(service& s, client_ref client, phone_number phone,
                                           code_purpose purpose, origin from,
                                           std::optional<user_id> wanted_by = {});

struct confirmation {
    phone_number phone;
    std::optional<uuid> challenge;  // none: the phone's latest
    secret code;
    std::string request_id;
};
// The challenge that the confirmed may redeem once for tokens. locked_out, code_expired, code_mismatch.
task<outcome<uuid>> confirm_sign_up(service& s, client_ref client, confirmation c);

struct signed_in {
    person who;
    session in;
    secret refresh_token;  // empty: the one that was used stays good
};
// The second factor that comes before a sign-in: see second_factor.hpp.
enum class factor_demand : std::uint8_t { code, set_up };
struct factor_challenge {
    uuid id;  // good for three minutes
    user_id of;
    factor_demand what;
    personal device;  // what its owner calls it; empty: nothing
};
using answered = std::variant<signed_in, factor_challenge>;
// locked_out, session_ended, code_mismatch, user_disabled.
task<outcome<answered>> answer_code(service& s, client_ref client, phone_number phone, uuid challenge,
                                    secret code, std::string request_id, origin from = {});
// session_ended, user_disabled.
task<outcome<signed_in>> redeem_confirmation(service& s, client_ref client, phone_number phone,
                                             uuid challenge, std::string request_id, origin from = {});
// With or without rotation, as the client has it. token_reused, token_not_valid, token_revoked,
// token_expired, user_disabled.
task<outcome<signed_in>> refresh(service& s, client_ref client, secret refresh_token, std::string request_id,
                                 origin from = {});

struct token_set {
    std::string access, id;
    secret refresh;
    int expires_in;  // seconds
};
task<token_set> issue_tokens(service& s, client_ref client, signed_in to);

// Ends the token's family. A token that is not one of ours, or ended before, is no fault.
task<void> revoke_token(service& s, client_ref client, secret refresh_token, std::string request_id);
// Ends every sign-in of the caller. token_revoked when the caller's own has ended.
task<outcome<void>> end_sessions(service& s, http::principal caller, std::string request_id);

// Only while the session is open.
task<std::optional<person>> find_person(service& s, user_id id, family_id in);

// --- At start.

struct pool_options {
    std::string region = "ap-south-1";
    // An origin ("https://auth.example.in"). The issuer is this and the pool's id, fixed at first start.
    std::string public_origin;
    std::string access_key_pem, id_key_pem;  // both or neither; neither: generated at first start
};
// The pool of this installation; the first time, makes it, with its apps' client and its keys. Throws
// std::runtime_error with a message for the operator.
task<user_pool> bootstrap(pg::client& pg, const crypto::keyring& keys, pool_options how);

// --- For operators and demo data.

struct new_person {
    phone_number phone;
    personal name;
    user_kind kind = user_kind::user;
    std::vector<std::string> groups;
    money welcome_bonus;
};
// A confirmed user without a code; an existing one gets the name and the groups.
task<user_id> create_person(pg::client& pg, const crypto::keyring& keys, new_person who);
// A member of staff: `role` is admin, or support, who only reads. An existing user keeps other roles.
// Throws std::runtime_error when the phone or the name is not acceptable.
task<user_id> create_admin(pg::client& pg, const crypto::keyring& keys, const phone_plan& served,
                           std::string phone, std::string name, std::string role = "admin");

// An authenticator is lost: its secret is forgotten and every sign-in of its owner ends. False when nobody
// has this phone.
task<bool> reset_factor(pg::client& pg, const crypto::keyring& keys, const sms::registration& texts,
                        phone_number phone);
// For demonstration data: an authenticator whose secret is written down, as it is shown to its owner.
task<std::string> give_factor(pg::client& pg, const crypto::keyring& keys, user_id to);
// The code of this moment. Nothing when `shown` is no secret.
std::optional<secret> current_code(std::string_view shown);

// App clients. The settings are acceptable: faults_of gives nothing.
struct added_client {
    std::string id;
    secret client_secret;  // empty: a public client. Shown once, stored sealed
};
task<added_client> add_client(pg::client& pg, const crypto::keyring& keys, app_client wanted,
                              bool confidential);
// The main one first. Secrets are opened.
task<std::vector<app_client>> list_clients(pg::client& pg, const crypto::keyring& keys);
// The new secret; the old one stays good for `overlap`. Nothing when no confidential client has this id.
task<std::optional<secret>> rotate_client_secret(pg::client& pg, const crypto::keyring& keys, std::string id,
                                                 std::chrono::seconds overlap);
// Ends its sign-ins too; how many. Nothing when no client but the main one has this id.
task<std::optional<std::int64_t>> remove_client(pg::client& pg, std::string id);
// What a removal left undone; how many it ended.
task<std::int64_t> end_families_without_client(pg::client& pg);

// Signing keys.
struct key_entry {
    std::string kid, token_use;
    bool supplied = false;
    instant signs_from;
    std::optional<instant> retired_at;
    std::string state;  // next, current, retired or gone
};
task<std::vector<key_entry>> list_keys(pg::client& pg);
// Long enough for every verifier to have fetched the new key before it signs: twice what the JWKS may be
// cached for.
inline constexpr std::chrono::seconds jwks_lifetime{300}, key_notice = 2 * jwks_lifetime;
// Gives the key in use a successor, published now; the instant from which it signs. Nothing when one is
// waiting already.
task<std::optional<instant>> rotate_key(pg::client& pg, const crypto::keyring& keys, token_use use);

// What of the user pool is sealed, for a change of the data key.
std::span<const jobs::sealed_column> sealed_columns();

// --- Background duties, for a schedule.

// Reads clients and keys again when they have changed; twice a second on every node.
task<void> follow_pool(pg::client& pg, const crypto::keyring& keys, live_pool& into);
// Rotates keys older than `age`, unless they were supplied, and forgets those long gone. Hourly, on one node.
task<void> rotate_old_keys(pg::client& pg, const crypto::keyring& keys, thread_pool& drawing,
                           std::chrono::seconds age);

// One reading; every 200 ms on every node.
task<void> tail_revocations(pg::client& pg, revocations& into);
// Old sign-ins, those of removed clients, revocations and guards; hourly, on one node.
task<void> prune_sign_ins(pg::client& pg);
// Moves the accounts that are approved and have waited, and tells old numbers once more. Every second, on one
// node; on two at once it does nothing twice.
task<void> move_numbers(pg::client& pg, const crypto::keyring& keys, const sms::registration& registered);
// Ends what nobody decided on in its two weeks and forgets what is long over; every minute, on one node.
task<void> expire_recoveries(pg::client& pg);
// Makes phones that are new, or older than the index, findable by how they begin; every second, on one node.
task<void> index_phones(pg::client& pg, const crypto::keyring& keys);

}  // namespace astrotalk::identity
