#include "identity/identity.hpp"
#include "identity/queries.hpp"
#include "identity/tokens.hpp"

namespace astrotalk::identity {

task<outcome<void>> end_sessions(service& s, http::principal caller, std::string request_id) {
    const auto role = caller.user_type.empty() ? std::string("user") : caller.user_type;
    const auto ended = co_await s.pg.write_one<std::int64_t>(sql::end_sessions, caller.id, caller.session,
                                                             uuid::v7(), request_id, role);
    if (ended.value_or(0) == 0) co_return error::token_not_valid;
    co_return outcome<void>();
}

task<void> revoke_token(service& s, client_ref client, secret refresh_token, std::string request_id) {
    co_await s.pg.execute(sql::revoke_family, hash_of(refresh_token), client->id, uuid::v7(), request_id);
}

}  // namespace astrotalk::identity
