#include "onboarding/payout_account.hpp"

#include <algorithm>

#include "core/log.hpp"
#include "http/json.hpp"
#include "jobs/jobs.hpp"
#include "onboarding/domain.hpp"
#include "onboarding/queries.hpp"

namespace astrotalk::onboarding::payout {
namespace {

bool is_letter(char c) { return c >= 'A' && c <= 'Z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Whether it is as the pattern says: A a capital letter, 9 a digit, X either, anything else itself.
bool fits(std::string_view text, std::string_view pattern) {
    return std::ranges::equal(text, pattern, [](char c, char p) {
        if (p == 'A') return is_letter(c);
        if (p == '9') return is_digit(c);
        if (p == 'X') return is_letter(c) || is_digit(c);
        return c == p;
    });
}

personal without_blanks(const personal& text, bool capitals) {
    std::string kept;
    for (const char c : text.reveal()) {
        if (c == ' ' || c == '-') continue;
        kept += capitals && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
    return personal(std::move(kept));
}

struct row {
    bytes secrets_sealed;
    std::string ifsc;
    instant changed_at, payable_from;
};
BOOST_DESCRIBE_STRUCT(row, (), (secrets_sealed, ifsc, changed_at, payable_from))

// What is sealed.
struct secrets {
    personal holder, account_number, pan;
};
BOOST_DESCRIBE_STRUCT(secrets, (), (holder, account_number, pan))

std::string masked_number(const std::string& number) { return "••••••" + number.substr(number.size() - 4); }
std::string masked_pan(const std::string& pan) { return pan.substr(0, 2) + "XXXXXX" + pan.substr(8); }

struct changed {
    std::string user_id;
    instant payable_from;
};
BOOST_DESCRIBE_STRUCT(changed, (), (user_id, payable_from))

std::optional<secrets> opened(const crypto::keyring& keys, user_id who, const row& from) {
    const auto text = keys.open(sealed_purpose, from.secrets_sealed, place_of(who.to_string()));
    auto read = text ? http::from_json<secrets>(*text) : result<secrets, http::faults>(http::faults{});
    if (!read) {
        log::error("payout_account.does_not_open", {{"user", who}});
        return std::nullopt;
    }
    return std::move(*read);
}

std::optional<masked_account> masked(const std::optional<secrets>& read, const row& from) {
    if (!read) return std::nullopt;
    return masked_account{read->holder.reveal(),
                          masked_number(read->account_number.reveal()),
                          from.ifsc,
                          masked_pan(read->pan.reveal()),
                          from.changed_at,
                          from.payable_from};
}

bool same(const account& sent, const std::optional<secrets>& now, const row& stored) {
    return now && sent.ifsc.reveal() == stored.ifsc && sent.holder.reveal() == now->holder.reveal() &&
           sent.account_number.reveal() == now->account_number.reveal() &&
           sent.pan.reveal() == now->pan.reveal();
}

constexpr int most_tries = 8;

}  // namespace

std::string place_of(const std::string& row) { return fmt::format("{}:{}", sealed_purpose, row); }

account tidied(account sent) {
    return {personal(trimmed(sent.holder.reveal())), without_blanks(sent.account_number, false),
            without_blanks(sent.ifsc, true), without_blanks(sent.pan, true)};
}

std::vector<std::pair<std::string, std::string>> check(const account& sent) {
    std::vector<std::pair<std::string, std::string>> found;
    const auto length = printable_length(sent.holder.reveal(), false);
    if (!length || *length < 2 || *length > 100)
        found.emplace_back("/holder", "2 to 100 printable characters, as the bank has them");
    const auto& number = sent.account_number.reveal();
    if (number.size() < 9 || number.size() > 18 || !std::ranges::all_of(number, is_digit))
        found.emplace_back("/accountNumber", "9 to 18 digits");
    if (!fits(sent.ifsc.reveal(), "AAAA0XXXXXX")) found.emplace_back("/ifsc", "an IFSC, such as HDFC0001234");
    if (!fits(sent.pan.reveal(), "AAAPA9999A"))
        found.emplace_back("/pan", "a person's PAN, such as ABCPK1234F");
    return found;
}

task<std::optional<masked_account>> find(service& s, user_id who) {
    const auto found = co_await s.pg.read_one<row>(sql::find_payout_account, who);
    if (!found) co_return std::nullopt;
    co_return masked(opened(s.keys, who, *found), *found);
}

task<std::optional<masked_account>> save(service& s, user_id who, account sent, std::string request_id) {
    const auto text = http::to_json(secrets{sent.holder, sent.account_number, sent.pan});
    const auto sealed = s.keys.seal(sealed_purpose, text, place_of(who.to_string()));
    for (int tries = 0; tries < most_tries; ++tries) {
        const auto first = co_await s.pg.try_write<row>(sql::first_payout_account, who, sealed,
                                                        sent.ifsc.reveal(), uuid::v7(), request_id);
        if (!first) {
            if (first.error().constraint != "payout_account_astrologer")
                throw std::logic_error("a payout account was saved against its own rules");
            co_return std::nullopt;
        }
        if (!first->empty()) co_return masked(opened(s.keys, who, first->front()), first->front());
        const auto before = co_await s.pg.write_one<row>(sql::find_payout_account, who);
        if (!before) continue;
        const auto known = opened(s.keys, who, *before);
        if (same(sent, known, *before)) co_return masked(known, *before);
        const auto job = uuid::v7();
        const auto from = clock::now() + kept_back;
        const auto after = co_await s.pg.write_one<row>(
            sql::change_payout_account, who, sealed, sent.ifsc.reveal(), uuid::v7(), request_id,
            before->secrets_sealed, from, job,
            jobs::seal_payload(s.keys, job, http::to_json(changed{who.to_string(), from})));
        if (after) co_return masked(opened(s.keys, who, *after), *after);
    }
    throw pg::unavailable();
}

}  // namespace astrotalk::onboarding::payout
