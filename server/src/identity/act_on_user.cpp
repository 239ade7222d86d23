#include "identity/act_on_user.hpp"

#include "identity/json_object.hpp"
#include "identity/queries.hpp"
#include "identity/tokens.hpp"

namespace astrotalk::identity {

user_name user_name::parse(std::string_view text, const phone_plan& served) {
    return {user_id::parse(text), phone_number::parse(text, served)};
}

std::optional<bytes> phone_hash_of(const crypto::keyring& keys, const user_name& who) {
    if (!who.phone) return std::nullopt;
    return hash_of(keys, *who.phone);
}

std::string detail_of(const administrator& by, const std::optional<std::string>& group) {
    return json_object().add("accessKey", by.access_key).add_if("group", group).text();
}

task<void> end_all_families(pg::transaction& t, user_id of, std::string_view cause) {
    co_await t.execute(sql::end_all_families, of, cause);
}

task<admin_outcome<void>> act_on_user(service& s, user_name who, act what, user_change change) {
    const auto phone_hash = phone_hash_of(s.keys, who);
    const auto id = co_await s.pg.read_one<user_id>(sql::find_user, who.id, phone_hash);
    if (!id) co_return admin_error::user_not_found;
    admin_outcome<void> done = admin_error::user_not_found;
    auto body = [&](pg::transaction& t) -> task<void> {
        done = admin_error::user_not_found;  // deleted in between
        if (what.locks_profile) co_await t.query<user_id>(sql::lock_profile, *id);
        // By the name again: who is found by an unconfirmed phone has another id when it signs up once more.
        const auto locked = co_await t.query<user_id>(sql::lock_user, who.id, phone_hash);
        if (locked.empty()) co_return;
        done = co_await change(t, locked.front());
        if (done)
            co_await t.execute(sql::record_act, uuid::v7(), what.action, locked.front(),
                               detail_of(what.by, what.group), what.by.request_id);
    };
    co_await s.pg.transact(body);
    co_return done;
}

}  // namespace astrotalk::identity
