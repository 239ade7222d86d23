#include "identity/act_on_user.hpp"
#include "identity/end_account.hpp"
#include "identity/queries.hpp"
#include "privacy/privacy.hpp"

namespace astrotalk::identity {
namespace {

struct obligations {
    bool has_bookings = false, has_money = false;
};
BOOST_DESCRIBE_STRUCT(obligations, (), (has_bookings, has_money))

struct locked_account {
    std::string user_type;
    bool fresh = false;
};
BOOST_DESCRIBE_STRUCT(locked_account, (), (user_type, fresh))

// How somebody ends their own account.
struct ending {
    http::principal caller;
    std::string cause;
    bool needs_fresh = false;
    std::string request_id;
};

task<void> end_in(pg::transaction& t, service& s, const ending& how, account_outcome<std::string>& done) {
    const auto& caller = how.caller;
    co_await t.query<user_id>(sql::lock_profile, caller.id);
    const auto account = co_await t.query_one<locked_account>(sql::lock_account, caller.id, caller.session);
    const auto open = co_await t.query_one<obligations>(sql::find_obligations, caller.id);
    if (!account)
        done = account_refusal{account_error::signed_out};
    else if (how.needs_fresh && !account->fresh)
        done = account_refusal{account_error::sign_in_again};
    else if (open->has_bookings)
        done = account_refusal{account_error::has_bookings};
    else if (open->has_money)
        done = account_refusal{account_error::has_money};
    if (!done) co_return;
    done = co_await forget(t, s, caller.id, how.cause, how.request_id);
    co_await t.execute(sql::record_closing, uuid::v7(), caller.id, account->user_type, how.request_id);
}

task<account_outcome<std::string>> end_account(service& s, ending how) {
    account_outcome<std::string> done;
    auto body = [&](pg::transaction& t) {
        done = account_outcome<std::string>(std::string());
        return end_in(t, s, how, done);
    };
    co_await s.pg.transact(body);
    co_return done;
}

}  // namespace

task<account_outcome<void>> close_account(service& s, http::principal caller, std::string request_id) {
    const auto done =
        co_await end_account(s, {std::move(caller), "delete_user", false, std::move(request_id)});
    if (!done) co_return done.error();
    co_return account_outcome<void>();
}

task<account_outcome<std::string>> erase_account(service& s, http::principal caller, std::string request_id) {
    return end_account(s, {std::move(caller), "request", true, std::move(request_id)});
}

// The row stays for what refers to it. A random hash in the phone's place frees the phone, and nothing that
// is sealed is left but the tombstone.
task<std::string> forget(pg::transaction& t, service& s, user_id who, std::string cause,
                         std::string request_id) {
    const bytes nothing = s.keys.seal("pool_user.phone", "", "pool_user.phone:" + who.to_string());
    co_await end_all_families(t, who, cause);
    const auto& known = privacy::register_in_use();
    auto certificate = co_await privacy::erase_person(t, s.keys, known, who, cause, request_id);
    co_await t.execute(sql::forget_profile, who);
    co_await t.execute(sql::forget_user, who, crypto::random_bytes(32), nothing);
    co_return certificate;
}

}  // namespace astrotalk::identity
