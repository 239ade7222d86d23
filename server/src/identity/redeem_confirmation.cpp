#include "identity/identity.hpp"
#include "identity/queries.hpp"
#include "identity/rows.hpp"

namespace astrotalk::identity {

task<outcome<signed_in>> redeem_confirmation(service& s, client_ref client, phone_number phone,
                                             uuid challenge, std::string request_id, origin from) {
    const auto family = family_id::make();
    secret token = new_refresh_token();
    const bytes token_hash = hash_of(token);
    auto redeemed = co_await s.pg.write_one<sign_in_row>(
        sql::redeem_confirmation, challenge, hash_of(s.keys, phone), client->id, family, token_hash,
        uuid::v7(), request_id, seal_seen(s.keys, token_hash, from));
    if (!redeemed) co_return error::session_ended;
    if (!redeemed->id) co_return error::user_disabled;
    const session in{family, redeemed->auth_time};
    co_return signed_in{to_person(s.keys, std::move(*redeemed)), in, std::move(token)};
}

}  // namespace astrotalk::identity
