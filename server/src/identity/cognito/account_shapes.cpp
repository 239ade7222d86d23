#include <algorithm>

#include "identity/cognito/account.hpp"

namespace astrotalk::identity::cognito {
namespace {

constexpr std::string_view invalid = "InvalidParameterException";
constexpr std::string_view digits = "0123456789abcdefghijklmnopqrstuvwxyz";
constexpr std::string_view session_prefix = "tkn";
constexpr std::size_t session_digits = 25;  // 36^25 > 2^128

refusal explain(account_error why) {
    switch (why) {
        case account_error::signed_out: return {"NotAuthorizedException", "Access Token has been revoked"};
        case account_error::sign_in_again:
            return {"NotAuthorizedException",
                    "Changing this attribute needs a sign-in of the last ten minutes. Sign in again."};
        case account_error::unchanged: return {invalid, "The user has this value already."};
        case account_error::nothing_to_verify:
            return {invalid, "No change of this attribute waits for a code."};
        case account_error::too_many_codes:
        case account_error::locked_out:
            return {"LimitExceededException", "Attempt limit exceeded, please try after some time."};
        case account_error::code_expired:
            return {"ExpiredCodeException", "Invalid code provided, please request a code again."};
        case account_error::code_mismatch:
            return {"CodeMismatchException", "Invalid verification code provided, please try again."};
        case account_error::taken:
            return {"AliasExistsException", "An account with the given phone_number already exists."};
        case account_error::has_bookings:
            return {invalid,
                    "There are open bookings. Cancel them, or wait until they are settled, before deleting "
                    "the account."};
        case account_error::has_money: break;
    }
    return {invalid, "There is money in the wallet. Have it paid out before deleting the account."};
}

}  // namespace

std::optional<signed_in_caller> check_caller(service& s, members& in) {
    auto who = read_caller(s, in);
    if (!who) return std::nullopt;
    auto client = s.live.get()->find_client(who->client_id);
    if (!client) {
        in.refuse("NotAuthorizedException", "Invalid Access Token");
        return std::nullopt;
    }
    return signed_in_caller{std::move(*who), std::move(client)};
}

http::response refuse(const account_refusal& why) {
    refusal explained = explain(why.why);
    if (why.wait.count() == 0) return refuse(explained);
    explained.message += fmt::format(" Try again in {} seconds.", why.wait.count());
    auto r = refuse(explained);
    r.headers.emplace_back("retry-after", std::to_string(why.wait.count()));
    return r;
}

void check_verifiable(const service& s, members& in, std::string_view attribute) {
    if (attribute == "email")
        check_email_offered(s, in);
    else if (attribute != "phone_number")
        in.refuse(invalid, "Only phone_number and email are verified by a code.");
}

// Division of the 128-bit number by 36, digit by digit from the last.
std::string session_name(family_id session) {
    auto rest = session.value.bytes;
    std::string name(session_digits, '0');
    for (auto at = name.rbegin(); at != name.rend(); ++at) {
        unsigned carry = 0;
        for (auto& byte : rest) {
            const unsigned part = carry * 256 + byte;
            byte = static_cast<std::uint8_t>(part / 36);
            carry = part % 36;
        }
        *at = digits[carry];
    }
    return std::string(session_prefix) + name;
}

std::optional<family_id> parse_session_name(std::string_view name) {
    if (name.size() != session_prefix.size() + session_digits || !name.starts_with(session_prefix))
        return std::nullopt;
    uuid value;
    for (const char c : name.substr(session_prefix.size())) {
        const auto digit = digits.find(c);
        if (digit == std::string_view::npos) return std::nullopt;
        auto carry = static_cast<unsigned>(digit);
        for (auto byte = value.bytes.rbegin(); byte != value.bytes.rend(); ++byte) {
            const unsigned part = *byte * 36u + carry;
            *byte = static_cast<std::uint8_t>(part & 0xff);
            carry = part >> 8;
        }
        if (carry != 0) return std::nullopt;
    }
    return family_id{value};
}

}  // namespace astrotalk::identity::cognito
