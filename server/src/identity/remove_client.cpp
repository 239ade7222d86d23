#include "identity/identity.hpp"
#include "identity/queries.hpp"

namespace astrotalk::identity {

task<std::int64_t> end_families_without_client(pg::client& pg) {
    std::int64_t all = 0;
    for (;;) {
        const auto ended = co_await pg.write_one<std::int64_t>(sql::end_families_without_client);
        if (ended.value_or(0) == 0) co_return all;
        all += *ended;
    }
}

// The row goes first: nobody signs in through the client any more, and every node refuses its tokens as soon
// as it has read the clients again.
task<std::optional<std::int64_t>> remove_client(pg::client& pg, std::string id) {
    if (!co_await pg.write_one<std::string>(sql::remove_client, id, uuid::v7())) co_return std::nullopt;
    co_return co_await end_families_without_client(pg);
}

}  // namespace astrotalk::identity
