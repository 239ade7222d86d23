#include "identity/act_on_user.hpp"
#include "identity/queries.hpp"
#include "identity/rows.hpp"

namespace astrotalk::identity {
namespace {

struct known_row : person_row {
    instant updated_at;
    bool enabled = false, confirmed = false;
};
BOOST_DESCRIBE_STRUCT(known_row, (person_row), (updated_at, enabled, confirmed))

known_user to_known(const crypto::keyring& keys, known_row row) {
    known_user known{
        .who = {}, .updated_at = row.updated_at, .enabled = row.enabled, .confirmed = row.confirmed};
    known.who = to_person(keys, std::move(row));
    return known;
}

std::vector<known_user> to_known(const crypto::keyring& keys, std::vector<known_row> rows) {
    std::vector<known_user> known;
    for (auto& row : rows) known.push_back(to_known(keys, std::move(row)));
    return known;
}

// Newest first: the first page begins before an id that is after all others.
uuid before(const page& which) {
    const auto last = which.after ? uuid::parse(*which.after) : std::nullopt;
    return last.value_or(*uuid::parse("ffffffff-ffff-ffff-ffff-ffffffffffff"));
}

}  // namespace

task<admin_outcome<known_user>> read_user(service& s, user_name who, administrator by) {
    auto row = co_await s.pg.write_one<known_row>(sql::admin_read_user, who.id, phone_hash_of(s.keys, who),
                                                  uuid::v7(), detail_of(by), by.request_id);
    if (!row) co_return admin_error::user_not_found;
    co_return to_known(s.keys, std::move(*row));
}

task<std::vector<known_user>> list_users(service& s, user_filter whom, page which, administrator by) {
    if (whom.nobody) co_return std::vector<known_user>();
    if (whom.phone_prefix)
        co_return to_known(s.keys,
                           co_await s.pg.write<known_row>(
                               sql::admin_list_by_prefix, prefix_hash(s.keys, whom.phone_prefix->reveal()),
                               before(which), which.most, uuid::v7(), by.access_key, by.request_id));
    if (whom.phone) {
        const user_name who{.id = {}, .phone = whom.phone};
        const auto id = co_await s.pg.read_one<user_id>(sql::find_user, who.id, phone_hash_of(s.keys, who));
        if (!id) co_return std::vector<known_user>();
        whom.first = whom.last = *id;
    }
    co_return to_known(s.keys, co_await s.pg.write<known_row>(
                                   sql::admin_list_users, before(which), whom.first, whom.last, whom.enabled,
                                   whom.confirmed, which.most, uuid::v7(), by.access_key, by.request_id));
}

task<admin_outcome<std::vector<known_user>>> list_users_in_group(service& s, std::string name, page which,
                                                                 administrator by) {
    if (!co_await s.pg.read_one<group>(sql::find_group, name)) co_return admin_error::group_not_found;
    co_return to_known(s.keys,
                       co_await s.pg.write<known_row>(sql::admin_list_group, name, before(which), which.most,
                                                      uuid::v7(), by.access_key, by.request_id));
}

}  // namespace astrotalk::identity
