#include "onboarding/payout_account.hpp"

#include <algorithm>

#include "core/log.hpp"
#include "http/json.hpp"
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
    instant changed_at;
};
BOOST_DESCRIBE_STRUCT(row, (), (secrets_sealed, ifsc, changed_at))

// What is sealed.
struct secrets {
    personal holder, account_number, pan;
};
BOOST_DESCRIBE_STRUCT(secrets, (), (holder, account_number, pan))

std::string masked_number(const std::string& number) { return "••••••" + number.substr(number.size() - 4); }
std::string masked_pan(const std::string& pan) { return pan.substr(0, 2) + "XXXXXX" + pan.substr(8); }

std::optional<masked_account> opened(const crypto::keyring& keys, user_id who, const row& from) {
    const auto text = keys.open(sealed_purpose, from.secrets_sealed, place_of(who.to_string()));
    const auto read = text ? http::from_json<secrets>(*text) : result<secrets, http::faults>(http::faults{});
    if (!read) {
        log::error("payout_account.does_not_open", {{"user", who}});
        return std::nullopt;
    }
    return masked_account{read->holder.reveal(), masked_number(read->account_number.reveal()), from.ifsc,
                          masked_pan(read->pan.reveal()), from.changed_at};
}

}  // namespace

std::string place_of(const std::string& row) { return fmt::format("{}:{}", sealed_purpose, row); }

account tidied(account sent) {
    const auto& holder = sent.holder.reveal();
    const auto from = holder.find_first_not_of(' '), to = holder.find_last_not_of(' ');
    return {from == holder.npos ? personal() : personal(holder.substr(from, to - from + 1)),
            without_blanks(sent.account_number, false), without_blanks(sent.ifsc, true),
            without_blanks(sent.pan, true)};
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
    co_return opened(s.keys, who, *found);
}

task<std::optional<masked_account>> save(service& s, user_id who, account sent, std::string request_id) {
    const auto text = http::to_json(secrets{sent.holder, sent.account_number, sent.pan});
    const auto saved = co_await s.pg.try_write<row>(
        sql::save_payout_account, who, s.keys.seal(sealed_purpose, text, place_of(who.to_string())),
        sent.ifsc.reveal(), uuid::v7(), request_id);
    if (!saved) {
        if (saved.error().constraint != "payout_account_astrologer")
            throw std::logic_error("a payout account was saved against its own rules");
        co_return std::nullopt;
    }
    co_return opened(s.keys, who, saved->front());
}

}  // namespace astrotalk::onboarding::payout
