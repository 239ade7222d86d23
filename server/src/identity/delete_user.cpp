#include "identity/account.hpp"
#include "identity/act_on_user.hpp"

namespace astrotalk::identity {

task<admin_outcome<void>> delete_user(service& s, user_name who, administrator by) {
    auto change = [&s](pg::transaction& t, user_id id) -> task<admin_outcome<void>> {
        co_await forget(t, s.keys, id, "admin_delete");
        co_return admin_outcome<void>();
    };
    return act_on_user(s, std::move(who), {"user.delete", std::move(by), {}, true}, change);
}

}  // namespace astrotalk::identity
