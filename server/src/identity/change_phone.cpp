#include "identity/account.hpp"
#include "identity/changes.hpp"
#include "identity/queries.hpp"
#include "identity/send_code.hpp"
#include "identity/tokens.hpp"

namespace astrotalk::identity {
namespace {

// Not for whom the caller is, but how many numbers they try.
origin counted_by_user(origin from, user_id who) {
    from.device = "user:" + who.to_string();
    return from;
}

task<account_outcome<void>> send_to(service& s, client_ref client, const http::principal& caller,
                                    const phone_number& to, origin from) {
    const auto known = co_await s.pg.read_one<account_row>(sql::find_account, caller.id, caller.session);
    if (!known) co_return account_refusal{account_error::signed_out};
    if (!known->fresh) co_return account_refusal{account_error::sign_in_again};
    if (known->phone_hash == hash_of(s.keys, to)) co_return account_refusal{account_error::unchanged};
    const auto sent = co_await send_code(s, std::move(client), to, code_purpose::change_phone,
                                         counted_by_user(std::move(from), caller.id), caller.id);
    if (!sent) co_return account_refusal{account_error::too_many_codes, sent.error().wait};
    co_return account_outcome<void>();
}

}  // namespace

std::string place_of_change(const std::string& user) { return "phone_change.phone:" + user; }

task<std::optional<phone_number>> find_waiting_phone(service& s, user_id of) {
    const auto sealed = co_await s.pg.read_one<bytes>(sql::find_change, of);
    if (!sealed) co_return std::nullopt;
    const auto opened = s.keys.open(change_purpose, *sealed, place_of_change(of.to_string()));
    if (!opened) throw std::runtime_error("a phone that waits does not open under the master key");
    // Nothing when its country is served no longer.
    co_return phone_number::parse(*opened, s.how.served);
}

task<account_outcome<void>> change_phone(service& s, client_ref client, http::principal caller,
                                         phone_number to, origin from) {
    const auto sent = co_await send_to(s, std::move(client), caller, to, std::move(from));
    if (!sent) co_return sent;
    const bytes sealed = s.keys.seal(change_purpose, to.reveal(), place_of_change(caller.id.to_string()));
    co_await s.pg.execute(sql::await_change, caller.id, hash_of(s.keys, to), sealed);
    co_return account_outcome<void>();
}

task<account_outcome<phone_number>> send_change_code(service& s, client_ref client, http::principal caller,
                                                     origin from) {
    const auto waiting = co_await find_waiting_phone(s, caller.id);
    if (!waiting) co_return account_refusal{account_error::nothing_to_verify};
    const auto sent = co_await send_to(s, std::move(client), caller, *waiting, std::move(from));
    if (!sent) co_return sent.error();
    co_return *waiting;
}

}  // namespace astrotalk::identity
