#include "identity/account.hpp"
#include "identity/queries.hpp"
#include "identity/tokens.hpp"

namespace astrotalk::identity {
namespace {

std::string role_of(const http::principal& caller) {
    return caller.user_type.empty() ? "user" : caller.user_type;
}

}  // namespace

task<outcome<void>> end_sessions(service& s, http::principal caller, std::string request_id) {
    const auto ended = co_await s.pg.write_one<std::int64_t>(sql::end_sessions, caller.id, caller.session,
                                                             uuid::v7(), request_id, role_of(caller));
    if (ended.value_or(0) == 0) co_return error::token_revoked;
    co_return outcome<void>();
}

task<bool> end_session(service& s, http::principal caller, family_id which, std::string request_id) {
    const auto ended = co_await s.pg.write_one<family_id>(sql::end_other_session, caller.id, caller.session,
                                                          which, uuid::v7(), role_of(caller), request_id);
    co_return ended.has_value();
}

task<void> revoke_token(service& s, client_ref client, secret refresh_token, std::string request_id) {
    co_await s.pg.execute(sql::revoke_family, hash_of(refresh_token), client->id, uuid::v7(), request_id);
}

}  // namespace astrotalk::identity
