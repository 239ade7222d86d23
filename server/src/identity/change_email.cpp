#include "http/json.hpp"
#include "identity/account.hpp"
#include "identity/changes.hpp"
#include "identity/queries.hpp"
#include "identity/send_code.hpp"
#include "identity/tokens.hpp"
#include "jobs/jobs.hpp"

namespace astrotalk::identity {
namespace {

struct email_row {
    std::optional<bytes> email_sealed;
    bool email_verified = false;
    std::optional<std::string> language;
    std::optional<bytes> waiting_sealed;
};
BOOST_DESCRIBE_STRUCT(email_row, (), (email_sealed, email_verified, language, waiting_sealed))

// The payload of email.send.
struct email_payload {
    personal to;
    std::string subject;
    secret text;
    std::optional<instant> not_after;
    BOOST_DESCRIBE_CLASS(email_payload, (), (to, subject, text, not_after), (), ())
};

email::address parse_stored(const std::string& text) {
    auto parsed = email::address::parse(text);
    if (!parsed) throw std::runtime_error("a stored e-mail address is none");
    return *std::move(parsed);
}

email::address open_waiting(const crypto::keyring& keys, user_id of, const bytes& sealed) {
    const auto opened = keys.open(email_change_purpose, sealed, place_of_email_change(of.to_string()));
    if (!opened) throw std::runtime_error("an e-mail address that waits does not open under the master key");
    return parse_stored(*opened);
}

// One for all users, however they write it.
bytes guard_of(const crypto::keyring& keys, const email::address& to) {
    bytes key{'a'};
    const bytes mac = keys.mac("email-mailbox", to.mailbox());
    key.insert(key.end(), mac.begin(), mac.end());
    return key;
}

task<account_outcome<void>> send_to(service& s, const http::principal& caller, const email::address& to,
                                    sms::language in) {
    const secret code = draw_code(s.how.otp_length);
    const bytes hash = hash_of(s.keys, to);
    const auto outbox_id = uuid::v7();
    const std::string values[] = {code.reveal(), std::to_string(s.how.code_lifetime.count())};
    // A code that arrives after its time would only puzzle.
    const bytes letter =
        seal_letter(s, outbox_id, to, email::write("code", in, values), clock::now() + s.how.code_lifetime);
    const bytes sealed =
        s.keys.seal(email_change_purpose, to.reveal(), place_of_email_change(caller.id.to_string()));
    const auto lifetime = static_cast<int>(std::chrono::seconds(s.how.code_lifetime).count());
    for (int turn = 0; turn < turns; ++turn) {
        const auto answer = co_await s.pg.try_write<sent_row>(
            sql::send_email_code, caller.id, caller.session, guard_of(s.keys, to), hash, sealed,
            code_mac(s.keys, code_purpose::change_email, hash, code), lifetime, outbox_id, letter);
        if (!answer) continue;
        const sent_row& sent = answer->front();
        if (sent.wait > 0)
            co_return account_refusal{account_error::too_many_codes, refuse_to_send(sent).wait};
        if (!sent.known) co_return account_refusal{account_error::signed_out};
        s.wake_outbox();
        co_return account_outcome<void>();
    }
    throw std::runtime_error("a code by e-mail lost every race for a place among those that are sent");
}

}  // namespace

std::string place_of_email_change(const std::string& user) { return "email_change.email:" + user; }

bytes hash_of(const crypto::keyring& keys, const email::address& of) {
    return keys.mac("email-index", of.reveal());
}

bytes seal_letter(const service& s, uuid outbox_id, const email::address& to, const email::letter& what,
                  std::optional<instant> not_after) {
    return jobs::seal_payload(s.keys, outbox_id,
                              http::to_json(email_payload{to.text(), what.subject, what.text, not_after}));
}

task<std::optional<known_email>> find_email(service& s, http::principal caller) {
    const auto row = co_await s.pg.read_one<email_row>(sql::find_email, caller.id, caller.session);
    if (!row) co_return std::nullopt;
    known_email known;
    known.verified = row->email_verified;
    known.language = sms::language_of(row->language.value_or("en"));
    if (row->email_sealed)
        known.current = parse_stored(open_email(s.keys, caller.id, *row->email_sealed).reveal());
    if (row->waiting_sealed) known.waiting = open_waiting(s.keys, caller.id, *row->waiting_sealed);
    co_return known;
}

task<account_outcome<void>> change_email(service& s, http::principal caller, email::address to) {
    const auto known = co_await find_email(s, caller);
    if (!known) co_return account_refusal{account_error::signed_out};
    if (known->verified && known->current == to) co_return account_refusal{account_error::unchanged};
    co_return co_await send_to(s, caller, to, known->language);
}

task<account_outcome<email::address>> send_email_code(service& s, http::principal caller) {
    const auto known = co_await find_email(s, caller);
    if (!known) co_return account_refusal{account_error::signed_out};
    const auto& to = known->waiting || known->verified ? known->waiting : known->current;
    if (!to) co_return account_refusal{account_error::nothing_to_verify};
    const auto sent = co_await send_to(s, caller, *to, known->language);
    if (!sent) co_return sent.error();
    co_return *to;
}

}  // namespace astrotalk::identity
