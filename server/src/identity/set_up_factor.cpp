#include "identity/factor_notice.hpp"
#include "identity/queries.hpp"
#include "identity/second_factor.hpp"
#include "identity/software_token.hpp"
#include "identity/totp.hpp"

namespace astrotalk::identity {
namespace {

struct enrolling_row {
    astrotalk::user_id user_id;
    std::optional<bytes> pending_sealed;
    instant at;
    bool fresh = false, proof_wanted = false;
};
BOOST_DESCRIBE_STRUCT(enrolling_row, (), (user_id, pending_sealed, at, fresh, proof_wanted))

// Those of `enrolling` that are there.
struct rights {
    std::optional<user_id> caller;
    std::optional<family_id> session;
};
rights rights_of(const enrolling& by) {
    if (!by.caller) return {};
    return {by.caller->id, by.caller->session};
}

task<factor_outcome<enrolling_row>> find_enrolling(service& s, enrolling by) {
    const auto [caller, session] = rights_of(by);
    auto row = co_await s.pg.read_one<enrolling_row>(sql::find_enrolling, caller, session, by.challenge);
    if (!row) co_return factor_error::session_ended;
    if (row->proof_wanted) co_return factor_error::proof_wanted;
    co_return std::move(*row);
}

}  // namespace

task<factor_outcome<secret>> associate_token(service& s, enrolling by) {
    const auto found = co_await find_enrolling(s, by);
    if (!found) co_return found.error();
    if (!found->fresh) co_return factor_error::sign_in_again;
    const secret key = totp::new_key();
    co_await s.pg.execute(sql::associate_token, found->user_id, seal_pending(s.keys, found->user_id, key));
    co_return secret(totp::shown(key));
}

// Wrong codes are counted only where a challenge can end: who sets up an authenticator knows its secret.
task<factor_outcome<std::optional<uuid>>> verify_token(service& s, first_code given) {
    const auto found = co_await find_enrolling(s, given.by);
    if (!found) co_return found.error();
    if (!found->pending_sealed) co_return factor_error::not_set_up;
    const secret key = open_pending(s.keys, found->user_id, *found->pending_sealed);
    const auto step = totp::step_of(key, given.code.reveal(), found->at);
    if (!step) {
        if (given.by.challenge) co_await s.pg.execute(sql::count_wrong_set_up, *given.by.challenge);
        co_return factor_error::code_mismatch;
    }
    const uuid next = uuid::v7();
    const auto sealed = seal_token(s.keys, found->user_id, {key, std::move(given.device)});
    const auto notice = co_await write_factor_notice(s.pg, s.keys, s.how.registered, found->user_id);
    const auto stored = co_await s.pg.write_one<user_id>(
        sql::verify_token, found->user_id, rights_of(given.by).session, given.by.challenge,
        *found->pending_sealed, sealed, *step, uuid::v7(), next, given.request_id, notice.outbox_id,
        notice.payload);
    // Somebody associated another meanwhile, or the sign-in has just ended.
    if (!stored) co_return factor_error::session_ended;
    s.wake_outbox();
    co_return given.by.challenge ? std::optional(next) : std::nullopt;
}

}  // namespace astrotalk::identity
