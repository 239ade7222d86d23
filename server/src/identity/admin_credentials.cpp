#include "identity/admin_credentials.hpp"

#include <stdexcept>

#include "identity/queries.hpp"

namespace astrotalk::identity {

BOOST_DESCRIBE_STRUCT(listed_credential, (), (id, label, created_at))

namespace {

using std::chrono::steady_clock;

constexpr std::chrono::seconds stale_after{3};

struct sealed_row {
    std::string id;
    bytes secret_sealed;
};
BOOST_DESCRIBE_STRUCT(sealed_row, (), (id, secret_sealed))

struct pool_name {
    std::string region, id;
};
BOOST_DESCRIBE_STRUCT(pool_name, (), (region, id))

std::string place_of(const std::string& id) { return "admin_credential.secret:" + id; }

// As AWS's own look: AKIA and 16 characters of base32, and 40 of base64 for 240 random bits.
admin_credential draw(const pool_name& pool) {
    constexpr std::string_view base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    std::string id = "AKIA";
    for (int i = 0; i < 16; ++i) id += base32[crypto::random_below(base32.size())];
    return {std::move(id), secret(crypto::base64_encode(crypto::random_bytes(30))), pool.region, pool.id};
}

bytes sealed(const crypto::keyring& keys, const admin_credential& made) {
    return keys.seal("admin_credential", made.secret_access_key.reveal(), place_of(made.access_key_id));
}

}  // namespace

void admin_credentials::apply(by_id found, steady_clock::time_point asked) {
    std::lock_guard lock(mutex_);
    current_ = std::make_shared<const by_id>(std::move(found));
    asked_.store(asked.time_since_epoch().count(), std::memory_order_release);
}

bool admin_credentials::fresh() const {
    const auto asked = asked_.load(std::memory_order_acquire);
    if (asked == 0) return false;
    return steady_clock::now() - steady_clock::time_point(steady_clock::duration(asked)) <= stale_after;
}

std::optional<bytes> admin_credentials::find(const std::string& access_key_id) const {
    std::shared_ptr<const by_id> known;
    {
        std::lock_guard lock(mutex_);
        known = current_;
    }
    const auto found = known->find(access_key_id);
    if (found == known->end()) return std::nullopt;
    return found->second;
}

task<void> tail_admin_credentials(pg::client& pg, admin_credentials& into) {
    const auto asked = steady_clock::now();
    admin_credentials::by_id found;
    for (auto& row : co_await pg.read<sealed_row>(sql::load_credentials))
        found.emplace(std::move(row.id), std::move(row.secret_sealed));
    into.apply(std::move(found), asked);
}

task<std::optional<secret>> find_admin_secret(pg::client& pg, const crypto::keyring& keys,
                                              admin_credentials& known, std::string access_key_id) {
    if (!known.fresh()) co_await tail_admin_credentials(pg, known);
    const auto found = known.find(access_key_id);
    if (!found) co_return std::nullopt;
    auto opened = keys.open("admin_credential", *found, place_of(access_key_id));
    if (!opened) throw std::runtime_error("an admin key does not open under the master key");
    co_return secret(std::move(*opened));
}

task<void> make_first_credential(pg::client& pg, const crypto::keyring& keys,
                                 std::function<void(const admin_credential&)> keep) {
    auto body = [&](pg::transaction& t) -> task<void> {
        const auto pool = co_await t.query_one<pool_name>(sql::claim_first_credential);
        if (!pool) co_return;
        const auto made = draw(*pool);
        co_await t.execute(sql::create_credential, made.access_key_id, sealed(keys, made), "first start",
                           uuid::v7());
        // Before the commit: a key that nobody was told of would be of no use, and there is no second first.
        keep(made);
    };
    co_await pg.transact(body);
}

task<std::optional<admin_credential>> add_credential(pg::client& pg, const crypto::keyring& keys,
                                                     std::string label) {
    if (label.empty() || label.size() > 60)
        throw std::runtime_error("the label must have 1 to 60 characters");
    const auto pool = co_await pg.read_one<pool_name>(sql::find_pool_name);
    if (!pool) throw std::runtime_error("there is no user pool yet: start the server once");
    const auto made = draw(*pool);
    const auto stored = co_await pg.write_one<std::string>(sql::create_credential, made.access_key_id,
                                                           sealed(keys, made), label, uuid::v7());
    if (!stored) co_return std::nullopt;
    co_return made;
}

task<std::vector<listed_credential>> list_credentials(pg::client& pg) {
    return pg.read<listed_credential>(sql::list_credentials);
}

task<bool> remove_credential(pg::client& pg, std::string access_key_id) {
    const auto gone = co_await pg.write_one<std::string>(sql::remove_credential, access_key_id, uuid::v7());
    co_return gone.has_value();
}

}  // namespace astrotalk::identity
