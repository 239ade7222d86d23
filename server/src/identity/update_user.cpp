#include "identity/act_on_user.hpp"
#include "identity/queries.hpp"
#include "identity/tokens.hpp"

namespace astrotalk::identity {
namespace {

task<admin_outcome<void>> change_type(pg::transaction& t, user_id id, user_kind to) {
    const auto now = co_await t.query_one<std::string>(sql::find_user_type, id);
    if (now == name_of(to)) co_return admin_outcome<void>();
    if (!co_await t.query_one<user_id>(sql::change_user_type, id, name_of(to)))
        co_return admin_error::has_profile;
    co_await end_all_families(t, id, "admin_user_type");
    co_return admin_outcome<void>();
}

}  // namespace

task<admin_outcome<void>> update_user(service& s, user_name who, attribute_changes to, administrator by) {
    auto change = [&s, to = std::move(to)](pg::transaction& t, user_id id) -> task<admin_outcome<void>> {
        if (to.kind) {
            const auto changed = co_await change_type(t, id, *to.kind);
            if (!changed) co_return changed;
        }
        if (to.name) {
            std::optional<bytes> sealed;
            if (*to.name) sealed = seal_name(s.keys, id, **to.name);
            co_await t.execute(sql::change_name, id, sealed);
        }
        co_return admin_outcome<void>();
    };
    co_return co_await act_on_user(s, std::move(who), {"user.update", std::move(by)}, change);
}

}  // namespace astrotalk::identity
