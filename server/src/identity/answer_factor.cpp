#include "identity/act_on_user.hpp"
#include "identity/queries.hpp"
#include "identity/rows.hpp"
#include "identity/second_factor.hpp"
#include "identity/send_code.hpp"
#include "identity/software_token.hpp"
#include "identity/totp.hpp"

namespace astrotalk::identity {
namespace {

struct asked_row {
    astrotalk::user_id user_id;
    bytes secret_sealed;
    instant at;
    bool locked = false;
};
BOOST_DESCRIBE_STRUCT(asked_row, (), (user_id, secret_sealed, at, locked))

struct passed_row : sign_in_row {
    bool spent = false;
};
BOOST_DESCRIBE_STRUCT(passed_row, (sign_in_row), (spent))

}  // namespace

// The secret is read first, because only here it opens; whatever may have changed since is decided by the
// statement that counts the answer.
task<factor_outcome<signed_in>> answer_factor(service& s, client_ref client, user_name who, uuid challenge,
                                              secret code, std::string request_id, origin from) {
    const auto phone_hash = phone_hash_of(s.keys, who);
    const auto asked = co_await s.pg.read_one<asked_row>(sql::find_factor_challenge, challenge, client->id,
                                                         phone_hash, who.id);
    if (!asked) co_return factor_error::session_ended;
    if (asked->locked) {
        count_security("locked_out");
        co_return factor_error::locked_out;
    }
    const auto token = open_token(s.keys, asked->user_id, asked->secret_sealed);
    const auto step = totp::step_of(token.key, code.reveal(), asked->at);
    const auto family = family_id::make();
    secret refresh_token = new_refresh_token();
    const bytes token_hash = hash_of(refresh_token);
    auto row = co_await s.pg.write_one<passed_row>(sql::answer_factor, challenge, client->id, phone_hash,
                                                   who.id, step, family, token_hash, uuid::v7(), request_id,
                                                   seal_seen(s.keys, token_hash, from), uuid::v7());
    if (!row) co_return factor_error::session_ended;
    if (!row->correct) {
        count_security("wrong_second_factor");
        co_return factor_error::code_mismatch;
    }
    if (!row->id) co_return factor_error::user_disabled;
    if (!row->spent) co_return factor_error::code_used;
    const session in{family, row->auth_time, true};
    co_return signed_in{to_person(s.keys, std::move(*row)), in, std::move(refresh_token)};
}

task<factor_outcome<signed_in>> redeem_set_up(service& s, client_ref client, user_name who, uuid challenge,
                                              std::string request_id, origin from) {
    const auto family = family_id::make();
    secret token = new_refresh_token();
    const bytes token_hash = hash_of(token);
    auto row = co_await s.pg.write_one<sign_in_row>(
        sql::redeem_set_up, challenge, client->id, phone_hash_of(s.keys, who), who.id, family, token_hash,
        uuid::v7(), request_id, seal_seen(s.keys, token_hash, from));
    if (!row || !row->id) co_return factor_error::session_ended;
    const session in{family, row->auth_time, true};
    co_return signed_in{to_person(s.keys, std::move(*row)), in, std::move(token)};
}

}  // namespace astrotalk::identity
