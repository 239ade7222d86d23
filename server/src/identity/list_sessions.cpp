#include "identity/account.hpp"
#include "identity/queries.hpp"
#include "identity/tokens.hpp"
#include "identity/user_agent.hpp"

namespace astrotalk::identity {
namespace {

struct session_row {
    family_id id;
    std::string client_id;
    instant auth_time, seen_at;
    bytes seen_with;
    std::optional<bytes> seen_sealed;
};
BOOST_DESCRIBE_STRUCT(session_row, (), (id, client_id, auth_time, seen_at, seen_with, seen_sealed))

}  // namespace

task<std::vector<session_entry>> list_sessions(service& s, http::principal caller,
                                               std::optional<family_id> after, std::int32_t most) {
    std::vector<session_entry> found;
    for (auto& row :
         co_await s.pg.read<session_row>(sql::list_sessions, caller.id, caller.session, after, most)) {
        session_entry each{.id = row.id,
                           .client_id = std::move(row.client_id),
                           .began = row.auth_time,
                           .last_seen = row.seen_at,
                           .device = "unknown",
                           .address = {},
                           .current = row.id == caller.session};
        if (row.seen_sealed) {
            const origin seen = open_seen(s.keys, row.seen_with, *row.seen_sealed);
            each.device = describe_agent(seen.agent);
            each.address = seen.address;
            if (s.how.atlas) each.place = s.how.atlas->find(seen.address);
        }
        found.push_back(std::move(each));
    }
    co_return found;
}

}  // namespace astrotalk::identity
