#include "identity/queries.hpp"
#include "identity/recovery.hpp"
#include "identity/send_code.hpp"
#include "identity/tokens.hpp"

namespace astrotalk::identity {
namespace {

struct asked_row {
    bytes new_hash, new_sealed;
    std::optional<astrotalk::user_id> user_id;  // whose number it is, if anybody's
    std::optional<bytes> phone_sealed;
    std::optional<std::string> language;
    bool has_money = false;
    instant at;
};
BOOST_DESCRIBE_STRUCT(asked_row, (), (new_hash, new_sealed, user_id, phone_sealed, language, has_money, at))

// All that a right code leads to, made before it is known whether the code is right and whether anybody has
// the number, so that every answer takes as long.
struct opening {
    uuid which;
    bytes mac, token_hash;
    std::optional<user_id> of;
    std::chrono::seconds wait;
    uuid notice_id;
    bytes notice;
    std::string request_id;
};

struct proof {
    std::optional<bool> correct;  // none: not counted
    std::optional<recovery_row> now;
};

opening prepare(const service& s, uuid which, const asked_row& asked, const secret& code,
                const secret& token) {
    const auto wait = asked.has_money ? s.how.recovery.wait_with_money : s.how.recovery.wait;
    opening made{.which = which,
                 .mac = code_mac(s.keys, code_purpose::recovery, asked.new_hash, code),
                 .token_hash = hash_of(token),
                 .of = asked.user_id,
                 .wait = wait,
                 .notice_id = uuid::v7(),
                 .notice = {},
                 .request_id = {}};
    const personal to = open_new_phone(s.keys, which, asked.new_sealed);
    // To nobody's number none is sent; it is written all the same.
    const personal old = asked.user_id ? open_phone(s.keys, *asked.user_id, *asked.phone_sealed) : to;
    made.notice = recovery_notice(s.keys, made.notice_id, old, to, asked.at + wait,
                                  s.how.registered.language_for(asked.language));
    return made;
}

task<void> answer_and_open(pg::transaction& t, const opening& with, proof& made) {
    made = {};
    made.correct =
        co_await t.query_one<bool>(sql::answer_recovery, with.which, with.mac, uuid::v7(), with.request_id);
    if (!made.correct.value_or(false)) co_return;
    made.now = co_await t.query_one<recovery_row>(
        sql::open_recovery, with.which, with.token_hash, with.of,
        static_cast<std::int32_t>(with.wait.count()),
        static_cast<std::int32_t>(std::chrono::seconds(recovery_term).count()), with.notice_id, with.notice,
        uuid::v7(), with.request_id);
}

// Of two that prove the same numbers at one moment the second, begun again, continues the first.
task<proof> prove(service& s, const opening& with) {
    proof made;
    auto body = [&](pg::transaction& t) -> task<void> { return answer_and_open(t, with, made); };
    bool raced = false;
    try {
        co_await s.pg.transact(body);
    } catch (const pg::error& e) {
        if (e.constraint() != "phone_recovery_open") throw;
        raced = true;
    }
    if (raced) co_await s.pg.transact(body);
    co_return made;
}

}  // namespace

task<result<proved_recovery, proof_error>> prove_recovery(service& s, uuid which, secret code,
                                                          std::string request_id) {
    const auto asked = co_await s.pg.read_one<asked_row>(sql::find_asked, which);
    if (!asked) co_return proof_error::code_expired;
    secret token = new_refresh_token();
    opening with = prepare(s, which, *asked, code, token);
    with.request_id = std::move(request_id);
    const proof made = co_await prove(s, with);
    if (!made.correct)
        co_return co_await is_locked(s, asked->new_hash) ? proof_error::locked_out
                                                         : proof_error::code_expired;
    if (!*made.correct) {
        count_security("wrong_code");
        co_return proof_error::code_mismatch;
    }
    const personal to = open_new_phone(s.keys, which, asked->new_sealed);
    if (const auto number = phone_number::parse(to.reveal(), s.how.served)) count_verified(*number);
    s.wake_outbox();
    if (!made.now) co_return proof_error::code_expired;
    if (made.now->state == "number_taken") co_return proof_error::number_taken;
    co_return proved_recovery{view_of(*made.now, s.how.recovery.wait), std::move(token)};
}

}  // namespace astrotalk::identity
