#include "identity/account.hpp"
#include "identity/changes.hpp"
#include "identity/queries.hpp"
#include "identity/send_code.hpp"
#include "identity/tokens.hpp"

namespace astrotalk::identity {
namespace {

// The phone as proved, and the message to the one that it replaces.
struct proved_phone {
    phone_number phone;
    bytes hash, mac, replaced;
    uuid notice_id;
    bytes notice;
};

task<account_outcome<void>> answer_and_take(pg::transaction& t, const service& s,
                                            const http::principal& caller, const proved_phone& proved,
                                            const std::string& request_id) {
    const auto correct = co_await t.query_one<bool>(sql::answer_change, caller.id, caller.session, proved.mac,
                                                    proved.hash, uuid::v7(), request_id);
    if (!correct) co_return account_refusal{account_error::code_expired};
    if (!*correct) co_return account_refusal{account_error::code_mismatch};
    const auto taken = co_await t.query_one<user_id>(
        sql::take_phone, caller.id, proved.hash, seal_phone(s.keys, caller.id, proved.phone), proved.replaced,
        proved.notice_id, proved.notice, uuid::v7(), request_id);
    // Disabled, or another phone was taken, since it was read whose account this is.
    if (!taken) co_return account_refusal{account_error::signed_out};
    co_return account_outcome<void>();
}

}  // namespace

task<account_outcome<void>> verify_phone(service& s, http::principal caller, secret code,
                                         std::string request_id) {
    const auto known = co_await s.pg.read_one<account_row>(sql::find_account, caller.id, caller.session);
    if (!known) co_return account_refusal{account_error::signed_out};
    const auto waiting = co_await find_waiting_phone(s, caller.id);
    if (!waiting) co_return account_refusal{account_error::nothing_to_verify};
    const bytes hash = hash_of(s.keys, *waiting);
    proved_phone proved{.phone = *waiting,
                        .hash = hash,
                        .mac = code_mac(s.keys, code_purpose::change_phone, hash, code),
                        .replaced = known->phone_hash,
                        .notice_id = uuid::v7(),
                        .notice = {}};
    const auto old = open_phone(s.keys, caller.id, known->phone_sealed);
    proved.notice =
        seal_sms(s.keys, proved.notice_id, old, sms::write("phone_changed", sms::language::en, {}));

    account_outcome<void> done;
    auto body = [&](pg::transaction& t) -> task<void> {
        done = co_await answer_and_take(t, s, caller, proved, request_id);
    };
    try {
        co_await s.pg.transact(body);
    } catch (const pg::error& e) {
        if (e.constraint() != "pool_user_phone") throw;
        co_return account_refusal{account_error::taken};
    }
    if (done) {
        count_verified(proved.phone);
        s.wake_outbox();
    } else if (done.error() == account_error::code_expired) {
        if (co_await is_locked(s, hash)) co_return account_refusal{account_error::locked_out};
    } else if (done.error() == account_error::code_mismatch) {
        count_security("wrong_code");
    }
    co_return done;
}

}  // namespace astrotalk::identity
