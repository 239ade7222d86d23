#include "identity/act_on_user.hpp"
#include "identity/queries.hpp"

namespace astrotalk::identity {

// The row stays for what refers to it. A random hash in the phone's place frees the phone, and nothing that
// is sealed is left.
task<admin_outcome<void>> delete_user(service& s, user_name who, administrator by) {
    auto change = [&s](pg::transaction& t, user_id id) -> task<admin_outcome<void>> {
        const bytes nothing = s.keys.seal("pool_user.phone", "", "pool_user.phone:" + id.to_string());
        co_await end_all_families(t, id, "admin_delete");
        co_await t.execute(sql::forget_user, id, crypto::random_bytes(32), nothing);
        co_await t.execute(sql::forget_profile, id);
        co_return admin_outcome<void>();
    };
    return act_on_user(s, std::move(who), {"user.delete", std::move(by), {}, true}, change);
}

}  // namespace astrotalk::identity
