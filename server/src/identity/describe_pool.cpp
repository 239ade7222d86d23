#include <stdexcept>

#include "identity/administer.hpp"
#include "identity/queries.hpp"

namespace astrotalk::identity {

BOOST_DESCRIBE_STRUCT(pool_description, (), (id, region, created_at, users))
BOOST_DESCRIBE_STRUCT(client_description, (),
                      (id, name, access_seconds, id_seconds, refresh_seconds, grace_seconds, rotates, flows,
                       readable, writable, created_at))

task<pool_description> describe_pool(service& s) {
    auto found = co_await s.pg.read_one<pool_description>(sql::describe_pool, s.pool.id);
    if (!found) throw std::runtime_error("the pool of this installation is not in its database");
    co_return std::move(*found);
}

task<std::optional<client_description>> describe_client(service& s, std::string id) {
    co_return co_await s.pg.read_one<client_description>(sql::describe_client, id, s.pool.id);
}

}  // namespace astrotalk::identity
