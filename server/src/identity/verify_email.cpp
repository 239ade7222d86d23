#include "identity/account.hpp"
#include "identity/changes.hpp"
#include "identity/queries.hpp"
#include "identity/send_code.hpp"
#include "identity/tokens.hpp"

namespace astrotalk::identity {
namespace {

task<account_error> explain_uncounted(service& s, user_id who) {
    const bool locked = (co_await s.pg.read_one<bool>(sql::is_email_locked, who)).value_or(false);
    if (locked) count_security("locked_out");
    co_return locked ? account_error::locked_out : account_error::code_expired;
}

}  // namespace

task<account_outcome<void>> verify_email(service& s, http::principal caller, secret code,
                                         std::string request_id) {
    const auto known = co_await find_email(s, caller);
    if (!known) co_return account_refusal{account_error::signed_out};
    if (!known->waiting) co_return account_refusal{account_error::nothing_to_verify};
    const bytes hash = hash_of(s.keys, *known->waiting);
    const auto notice_id = uuid::v7();
    std::optional<bytes> notice;
    if (known->verified && known->current && !(*known->current == *known->waiting))
        notice = seal_letter(s, notice_id, *known->current, email::write("changed", known->language, {}));
    const auto correct = co_await s.pg.write_one<bool>(
        sql::answer_email, caller.id, caller.session,
        code_mac(s.keys, code_purpose::change_email, hash, code), hash,
        seal_email(s.keys, caller.id, *known->waiting), notice_id, notice, uuid::v7(), request_id);
    if (!correct) co_return account_refusal{co_await explain_uncounted(s, caller.id)};
    if (!*correct) {
        count_security("wrong_code");
        co_return account_refusal{account_error::code_mismatch};
    }
    if (notice) s.wake_outbox();
    co_return account_outcome<void>();
}

}  // namespace astrotalk::identity
