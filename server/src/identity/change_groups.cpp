#include "identity/act_on_user.hpp"
#include "identity/queries.hpp"

namespace astrotalk::identity {

task<admin_outcome<void>> add_to_group(service& s, user_name who, std::string name, administrator by) {
    auto change = [name](pg::transaction& t, user_id id) -> task<admin_outcome<void>> {
        if (!co_await t.query_one<group>(sql::find_group, name)) co_return admin_error::group_not_found;
        co_await t.execute(sql::add_to_group, id, name);
        co_return admin_outcome<void>();
    };
    co_return co_await act_on_user(s, std::move(who), {"group.add_user", std::move(by), name}, change);
}

task<admin_outcome<void>> remove_from_group(service& s, user_name who, std::string name, administrator by) {
    auto change = [name](pg::transaction& t, user_id id) -> task<admin_outcome<void>> {
        if (!co_await t.query_one<group>(sql::find_group, name)) co_return admin_error::group_not_found;
        if (co_await t.execute(sql::remove_from_group, id, name) > 0)
            co_await end_all_families(t, id, "admin_remove_from_group");
        co_return admin_outcome<void>();
    };
    co_return co_await act_on_user(s, std::move(who), {"group.remove_user", std::move(by), name}, change);
}

task<admin_outcome<group>> create_group(service& s, created_group made, administrator by) {
    auto stored = co_await s.pg.write_one<group>(sql::create_group, made.name, made.description,
                                                 made.precedence, uuid::v7(), by.access_key, by.request_id);
    if (stored) co_return std::move(*stored);
    const auto known = co_await s.pg.read_one<group>(sql::find_group, made.name);
    co_return known ? admin_error::group_exists : admin_error::too_many_groups;
}

task<std::vector<group>> list_groups(service& s, page which) {
    return s.pg.read<group>(sql::list_groups, which.after.value_or(""), which.most);
}

task<admin_outcome<std::vector<group>>> list_groups_of(service& s, user_name who, page which) {
    const auto id = co_await s.pg.read_one<user_id>(sql::find_user, who.id, phone_hash_of(s.keys, who));
    if (!id) co_return admin_error::user_not_found;
    co_return co_await s.pg.read<group>(sql::list_groups_of, *id, which.after.value_or(""), which.most);
}

}  // namespace astrotalk::identity
