#include "identity/identity.hpp"
#include "identity/queries.hpp"
#include "identity/send_code.hpp"
#include "identity/tokens.hpp"

namespace astrotalk::identity {

task<outcome<uuid>> confirm_sign_up(service& s, client_ref client, confirmation c) {
    const bytes phone_hash = hash_of(s.keys, c.phone);
    const uuid redeemable = uuid::v7();
    const auto correct = co_await s.pg.write_one<bool>(
        sql::confirm_sign_up, phone_hash, c.challenge, client->id,
        code_mac(s.keys, code_purpose::sign_up, phone_hash, c.code), s.how.welcome_bonus, uuid::v7(),
        uuid::v7(), uuid::v7(), redeemable, c.request_id);
    if (!correct) {
        co_return co_await is_locked(s, phone_hash) ? error::locked_out : error::code_expired;
    }
    if (!*correct) {
        count_security("wrong_code");
        co_return error::code_mismatch;
    }
    count_verified(c.phone);
    co_return redeemable;
}

}  // namespace astrotalk::identity
