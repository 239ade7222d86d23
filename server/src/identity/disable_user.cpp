#include "identity/act_on_user.hpp"
#include "identity/queries.hpp"

namespace astrotalk::identity {

task<admin_outcome<void>> disable_user(service& s, user_name who, administrator by) {
    auto change = [](pg::transaction& t, user_id id) -> task<admin_outcome<void>> {
        co_await t.execute(sql::set_enabled, id, false);
        co_await end_all_families(t, id, "admin_disable");
        co_return admin_outcome<void>();
    };
    return act_on_user(s, std::move(who), {"user.disable", std::move(by)}, change);
}

task<admin_outcome<void>> enable_user(service& s, user_name who, administrator by) {
    auto change = [](pg::transaction& t, user_id id) -> task<admin_outcome<void>> {
        co_await t.execute(sql::set_enabled, id, true);
        co_return admin_outcome<void>();
    };
    return act_on_user(s, std::move(who), {"user.enable", std::move(by)}, change);
}

task<admin_outcome<void>> sign_out_user(service& s, user_name who, administrator by) {
    auto change = [](pg::transaction& t, user_id id) -> task<admin_outcome<void>> {
        co_await end_all_families(t, id, "admin_sign_out");
        co_return admin_outcome<void>();
    };
    return act_on_user(s, std::move(who), {"session.end_all", std::move(by)}, change);
}

}  // namespace astrotalk::identity
