#include "identity/account.hpp"
#include "identity/act_on_user.hpp"
#include "identity/queries.hpp"

namespace astrotalk::identity {
namespace {

struct obligations {
    bool has_bookings = false, has_money = false;
};
BOOST_DESCRIBE_STRUCT(obligations, (), (has_bookings, has_money))

}  // namespace

task<account_outcome<void>> close_account(service& s, http::principal caller, std::string request_id) {
    account_outcome<void> done;
    auto body = [&](pg::transaction& t) -> task<void> {
        done = account_outcome<void>();
        co_await t.query<user_id>(sql::lock_profile, caller.id);
        const auto type = co_await t.query_one<std::string>(sql::lock_account, caller.id, caller.session);
        const auto open = co_await t.query_one<obligations>(sql::find_obligations, caller.id);
        if (!type)
            done = account_refusal{account_error::signed_out};
        else if (open->has_bookings)
            done = account_refusal{account_error::has_bookings};
        else if (open->has_money)
            done = account_refusal{account_error::has_money};
        if (!done) co_return;
        co_await forget(t, s.keys, caller.id, "delete_user");
        co_await t.execute(sql::record_closing, uuid::v7(), caller.id, *type, request_id);
    };
    co_await s.pg.transact(body);
    co_return done;
}

// The row stays for what refers to it. A random hash in the phone's place frees the phone, and nothing that
// is sealed is left.
task<void> forget(pg::transaction& t, const crypto::keyring& keys, user_id who, std::string_view cause) {
    const bytes nothing = keys.seal("pool_user.phone", "", "pool_user.phone:" + who.to_string());
    co_await end_all_families(t, who, cause);
    co_await t.execute(sql::forget_user, who, crypto::random_bytes(32), nothing);
    co_await t.execute(sql::forget_profile, who);
}

}  // namespace astrotalk::identity
