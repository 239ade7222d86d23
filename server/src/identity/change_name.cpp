#include "identity/account.hpp"
#include "identity/queries.hpp"
#include "identity/rows.hpp"
#include "identity/tokens.hpp"
#include "privacy/privacy.hpp"

namespace astrotalk::identity {

task<account_outcome<void>> change_name(service& s, http::principal caller, std::optional<personal> name,
                                        std::string request_id) {
    std::optional<bytes> sealed;
    if (name) sealed = seal_name(s.keys, caller.id, *name);
    bool changed = false;
    auto body = [&](pg::transaction& t) -> task<void> {
        co_await t.query<user_id>(sql::lock_user, caller.id, std::optional<bytes>());
        const auto before = co_await t.query_one<person_row>(sql::find_person, caller.id, caller.session);
        changed = (co_await t.query_one<user_id>(sql::change_own_name, caller.id, caller.session, sealed,
                                                 uuid::v7(), request_id))
                      .has_value();
        if (!changed || !before || !before->name_sealed) co_return;
        const auto said = open_name(s.keys, caller.id, *before->name_sealed);
        if (name && name->reveal() == said.reveal()) co_return;
        co_await privacy::certify_correction(t, s.keys,
                                             {.subject = caller.id,
                                              .data_class = "identity.account",
                                              .fields = {"name"},
                                              .by = caller.id,
                                              .role = caller.user_type.empty() ? "user" : caller.user_type,
                                              .request_id = request_id});
    };
    co_await s.pg.transact(body);
    if (!changed) co_return account_refusal{account_error::signed_out};
    co_return account_outcome<void>();
}

}  // namespace astrotalk::identity
