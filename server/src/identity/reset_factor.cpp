#include "identity/act_on_user.hpp"
#include "identity/factor_notice.hpp"
#include "identity/queries.hpp"
#include "identity/second_factor.hpp"
#include "identity/software_token.hpp"
#include "identity/tokens.hpp"
#include "identity/totp.hpp"

namespace astrotalk::identity {
namespace {

constexpr const char* action = "second_factor.reset";

task<void> forget_factor(pg::transaction& t, const crypto::keyring& keys, const sms::registration& texts,
                         user_id of) {
    const auto notice = co_await write_factor_notice(t, keys, texts, of);
    co_await end_all_families(t, of, "second_factor_reset");
    co_await t.execute(sql::forget_factor, of, notice.outbox_id, notice.payload);
}

}  // namespace

task<admin_outcome<void>> reset_factor(service& s, user_name who, administrator by) {
    auto change = [&s](pg::transaction& t, user_id id) -> task<admin_outcome<void>> {
        co_await forget_factor(t, s.keys, s.how.registered, id);
        co_return admin_outcome<void>();
    };
    return act_on_user(s, std::move(who), {action, std::move(by)}, change);
}

task<bool> reset_factor(pg::client& pg, const crypto::keyring& keys, const sms::registration& texts,
                        phone_number phone) {
    const bytes phone_hash = hash_of(keys, phone);
    const std::optional<user_id> any;
    bool found = false;
    auto body = [&](pg::transaction& t) -> task<void> {
        const auto id = co_await t.query_one<user_id>(sql::lock_user, any, phone_hash);
        found = id.has_value();
        if (!found) co_return;
        co_await forget_factor(t, keys, texts, *id);
        co_await t.execute(sql::record_act, uuid::v7(), action, *id, std::optional<std::string>(),
                           std::optional<std::string>());
    };
    co_await pg.transact(body);
    co_return found;
}

task<std::string> give_factor(pg::client& pg, const crypto::keyring& keys, user_id to) {
    const secret key = totp::new_key();
    co_await pg.execute(sql::give_factor, to, seal_token(keys, to, {key, personal("Demonstration")}));
    co_return totp::shown(key);
}

std::optional<secret> current_code(std::string_view shown) {
    const auto key = totp::read_key(shown);
    if (!key) return std::nullopt;
    return totp::code_at(*key, totp::step_at(clock::now()));
}

}  // namespace astrotalk::identity
