#include "identity/account.hpp"
#include "identity/queries.hpp"

namespace astrotalk::identity {

task<account_outcome<void>> remove_email(service& s, http::principal caller, std::string request_id) {
    const auto removed = co_await s.pg.write_one<user_id>(sql::remove_own_email, caller.id, caller.session,
                                                          uuid::v7(), request_id);
    if (!removed) co_return account_refusal{account_error::signed_out};
    co_return account_outcome<void>();
}

}  // namespace astrotalk::identity
