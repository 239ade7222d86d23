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

// Asked before anything is written: what is refused in part is refused whole.
task<bool> lacks_email(pg::transaction& t, user_id id, const attribute_changes& to) {
    if (!to.email_verified.value_or(false)) co_return false;
    if (to.email) co_return !to.email->has_value();
    co_return !(co_await t.query_one<bool>(sql::has_email, id)).value_or(false);
}

task<void> write_email(pg::transaction& t, const crypto::keyring& keys, user_id id,
                       const attribute_changes& to) {
    const bool verified = to.email_verified.value_or(false);
    if (to.email) {
        std::optional<bytes> sealed;
        if (*to.email) sealed = seal_email(keys, id, **to.email);
        co_await t.execute(sql::write_email, id, sealed, verified);
    } else if (to.email_verified) {
        co_await t.execute(sql::mark_email, id, verified);
    }
}

}  // namespace

task<admin_outcome<void>> update_user(service& s, user_name who, attribute_changes to, administrator by) {
    auto change = [&s, to = std::move(to)](pg::transaction& t, user_id id) -> task<admin_outcome<void>> {
        if (co_await lacks_email(t, id, to)) co_return admin_error::no_email;
        if (to.kind) {
            const auto changed = co_await change_type(t, id, *to.kind);
            if (!changed) co_return changed;
        }
        if (to.name) {
            std::optional<bytes> sealed;
            if (*to.name) sealed = seal_name(s.keys, id, **to.name);
            co_await t.execute(sql::change_name, id, sealed);
        }
        co_await write_email(t, s.keys, id, to);
        co_return admin_outcome<void>();
    };
    co_return co_await act_on_user(s, std::move(who), {"user.update", std::move(by)}, change);
}

}  // namespace astrotalk::identity
