#include "identity/account.hpp"
#include "identity/queries.hpp"
#include "identity/tokens.hpp"

namespace astrotalk::identity {

task<account_outcome<void>> change_name(service& s, http::principal caller, std::optional<personal> name,
                                        std::string request_id) {
    std::optional<bytes> sealed;
    if (name) sealed = seal_name(s.keys, caller.id, *name);
    const auto changed = co_await s.pg.write_one<user_id>(sql::change_own_name, caller.id, caller.session,
                                                          sealed, uuid::v7(), request_id);
    if (!changed) co_return account_refusal{account_error::signed_out};
    co_return account_outcome<void>();
}

}  // namespace astrotalk::identity
