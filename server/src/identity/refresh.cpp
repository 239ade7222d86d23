#include "identity/identity.hpp"
#include "identity/queries.hpp"
#include "identity/rows.hpp"
#include "identity/send_code.hpp"

namespace astrotalk::identity {
namespace {

struct refreshed_row : person_row {
    bool reused = false;
    astrotalk::family_id family_id;
    instant auth_time;
    bool second_factor = false;
};
BOOST_DESCRIBE_STRUCT(refreshed_row, (person_row), (reused, family_id, auth_time, second_factor))

task<error> why_not(pg::client& pg, const bytes& hash, std::string client) {
    const auto expired = co_await pg.read_one<bool>(sql::has_expired, hash, client);
    if (!expired) co_return error::token_not_valid;
    co_return *expired ? error::token_expired : error::token_revoked;
}

}  // namespace

task<outcome<signed_in>> refresh(service& s, client_ref client, secret refresh_token, std::string request_id,
                                 origin from) {
    if (!is_refresh_token(refresh_token.reveal())) co_return error::token_not_valid;
    secret successor;
    std::optional<refreshed_row> found;
    const bytes hash = hash_of(refresh_token);
    if (client->rotates) {
        successor = successor_of(s.keys, refresh_token);
        const bytes next = hash_of(successor);
        found = co_await s.pg.write_one<refreshed_row>(sql::refresh_session, hash, client->id, next,
                                                       client->grace_seconds, uuid::v7(), request_id,
                                                       seal_seen(s.keys, next, from));
    } else {
        found = co_await s.pg.write_one<refreshed_row>(sql::find_refreshable, hash, client->id,
                                                       seal_seen(s.keys, hash, from));
    }
    if (!found) co_return co_await why_not(s.pg, hash, client->id);
    if (found->reused) {
        count_security("token_reused");
        co_return error::token_reused;
    }
    if (!found->id) co_return error::user_disabled;
    const session in{found->family_id, found->auth_time, found->second_factor};
    co_return signed_in{to_person(s.keys, std::move(*found)), in, std::move(successor)};
}

}  // namespace astrotalk::identity
