#include "administration/administration.hpp"
#include "administration/queries.hpp"
#include "core/log.hpp"
#include "core/masked_phone.hpp"

namespace astrotalk::administration {
namespace {

struct stored_user {
    user_id id;
    std::string user_type;
    std::vector<std::string> groups;
    bytes phone_sealed;
    std::optional<std::string> profile_status;
    bool enabled = false, confirmed = false;
    instant created_at;
};
BOOST_DESCRIBE_STRUCT(stored_user, (),
                      (id, user_type, groups, phone_sealed, profile_status, enabled, confirmed, created_at))

personal phone_of(const crypto::keyring& keys, const stored_user& row) {
    auto opened = keys.open("pool_user.phone", row.phone_sealed, "pool_user.phone:" + row.id.to_string());
    if (!opened) log::error("user.phone_does_not_open", {{"user", row.id}});
    return opened ? personal(std::move(*opened)) : personal();
}

}  // namespace

task<std::vector<user>> read_users(service& s, staff who, uuid before, std::int32_t most) {
    auto rows = co_await s.pg.write<stored_user>(sql::read_users, before, most, uuid::v7(), who.id,
                                                 who.reason, who.request_id, std::string(who.role));
    std::vector<user> shown;
    for (auto& row : rows)
        shown.push_back({row.id, std::move(row.user_type), std::move(row.groups),
                         masked_phone(phone_of(s.keys, row)), std::move(row.profile_status), row.enabled,
                         row.confirmed, row.created_at});
    co_return shown;
}

}  // namespace astrotalk::administration
