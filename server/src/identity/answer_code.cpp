#include "identity/identity.hpp"
#include "identity/queries.hpp"
#include "identity/rows.hpp"
#include "identity/send_code.hpp"

namespace astrotalk::identity {

task<outcome<signed_in>> answer_code(service& s, client_ref client, phone_number phone, uuid challenge,
                                     secret code, std::string request_id, origin from) {
    const bytes phone_hash = hash_of(s.keys, phone);
    const auto family = family_id::make();
    secret token = new_refresh_token();
    const bytes token_hash = hash_of(token);
    auto answered = co_await s.pg.write_one<sign_in_row>(
        sql::verify_code, challenge, phone_hash, client->id,
        code_mac(s.keys, code_purpose::sign_in, phone_hash, code), family, token_hash, uuid::v7(), request_id,
        seal_seen(s.keys, token_hash, from));
    if (!answered) {
        const auto locked = co_await s.pg.read_one<bool>(sql::explain_refusal, phone_hash);
        co_return locked.value_or(false) ? error::locked_out : error::session_ended;
    }
    if (!answered->correct) co_return error::code_mismatch;
    count_verified(phone);
    if (!answered->id) co_return error::user_disabled;
    const session in{family, answered->auth_time};
    co_return signed_in{to_person(s.keys, std::move(*answered)), in, std::move(token)};
}

}  // namespace astrotalk::identity
