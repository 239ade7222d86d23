#include "identity/act_on_user.hpp"
#include "identity/end_account.hpp"

namespace astrotalk::identity {

task<admin_outcome<void>> delete_user(service& s, user_name who, administrator by) {
    const auto request_id = by.request_id;
    auto change = [&s, request_id](pg::transaction& t, user_id id) -> task<admin_outcome<void>> {
        co_await forget(t, s, id, "admin_delete", request_id);
        co_return admin_outcome<void>();
    };
    return act_on_user(s, std::move(who), {"user.delete", std::move(by), {}, true}, change);
}

}  // namespace astrotalk::identity
