#include "core/log.hpp"
#include "identity/identity.hpp"
#include "identity/queries.hpp"
#include "identity/user_filter.hpp"

namespace astrotalk::identity {
namespace {

constexpr std::int32_t batch = 500;

struct unindexed {
    user_id id;
    bytes phone_hash, phone_sealed;
};
BOOST_DESCRIBE_STRUCT(unindexed, (), (id, phone_hash, phone_sealed))

}  // namespace

task<void> index_phones(pg::client& pg, const crypto::keyring& keys) {
    std::size_t found = batch, written = 1;
    while (found == batch && written > 0) {  // all of a batch may be in somebody else's hands
        const auto rows = co_await pg.read<unindexed>(sql::read_unindexed, batch);
        std::vector<user_id> ids, owners;
        std::vector<bytes> phones, prefixes;
        for (const auto& row : rows) {
            ids.push_back(row.id);
            phones.push_back(row.phone_hash);
            auto phone =
                keys.open("pool_user.phone", row.phone_sealed, "pool_user.phone:" + row.id.to_string());
            // Found by nothing then, and not read again and again.
            if (!phone) log::error("user.phone_does_not_open", {{"user", row.id}});
            for (auto& hash : prefix_hashes(keys, personal(std::move(phone).value_or("")))) {
                prefixes.push_back(std::move(hash));
                owners.push_back(row.id);
            }
        }
        found = rows.size();
        if (found > 0)
            written = static_cast<std::size_t>(
                co_await pg.execute(sql::index_phones, ids, phones, prefixes, owners));
    }
}

}  // namespace astrotalk::identity
