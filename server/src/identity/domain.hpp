// Who people are to the user pool, and what it may refuse. Pure: no I/O, no JSON, no SQL; time is an
// argument.
#pragma once

#include <boost/describe.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "core/ids.hpp"
#include "core/result.hpp"
#include "core/secret.hpp"
#include "identity/phone_rules.hpp"

namespace astrotalk::identity {

// In order of precedence: the first that holds is the answer.
enum class error : std::uint8_t {
    too_many_codes,   // for this phone, where it was asked for, or in all; or the phone is locked out
    locked_out,       // too many wrong answers for this phone
    code_expired,     // nothing is waiting for this code any more
    session_ended,    // the session is used, superseded, expired or another's
    code_mismatch,    // wrong, and counted
    user_disabled,    // the code was right, the user may not sign in
    token_reused,     // a refresh token came back after its grace: its family has ended
    token_not_valid,  // unknown, or another client's
    token_revoked,    // its session has ended
    token_expired,
};

template <class T>
using outcome = result<T, error>;

// A code that was not sent, and after how long asking again may help.
struct send_refusal {
    error why = error::too_many_codes;
    std::chrono::seconds wait{0};
    friend bool operator==(const send_refusal& a, error b) { return a.why == b; }
};

// A mobile number of a country we serve, in E.164. Cannot be logged.
class phone_number {
  public:
    // Nothing unless `text` is such a number with + and its country code; spaces, dashes, dots and brackets
    // are allowed. A trunk prefix is not, with or without brackets: like Cognito, we take E.164, and one
    // number has one form.
    static std::optional<phone_number> parse(std::string_view text, const phone_plan& served);
    // For what an operator types: throws std::runtime_error in words for them.
    static phone_number parse_or_throw(std::string_view text, const phone_plan& served);

    const std::string& reveal() const { return e164_.reveal(); }
    const personal& e164() const { return e164_; }
    // With its country code, the first `digits` of the national number: many people share it.
    std::string prefix(std::size_t digits) const { return reveal().substr(0, national_at_ + digits); }
    // "+********3210": what a stranger may see.
    std::string masked() const;

  private:
    phone_number(std::string e164, std::size_t national_at)
        : e164_(std::move(e164)), national_at_(national_at) {}
    personal e164_;
    std::size_t national_at_;
};

// Chosen at sign-up. Everything above it is granted, never asked for.
enum class user_kind : std::uint8_t { user, astrologer };
BOOST_DESCRIBE_ENUM(user_kind, user, astrologer)
std::string_view name_of(user_kind kind);
std::optional<user_kind> parse_user_kind(std::string_view text);

enum class code_purpose : std::uint8_t { sign_up, sign_in, change_phone, change_email, recovery };
std::string_view name_of(code_purpose purpose);

// As the pool knows them; what their tokens say.
struct person {
    user_id id;
    personal phone;
    std::optional<personal> name{}, email{};
    bool email_verified = false;
    std::string user_type;
    std::optional<std::string> profile_status, kyc_status;
    std::vector<std::string> groups;
    instant created_at;
};

// One sign-in: a refresh-token family. `id` is the tokens' origin_jti.
struct session {
    family_id id;
    instant auth_time;
    bool second_factor = false;  // was passed
};

// A name as given at sign-up: 1 to 100 characters, none of them a control character.
bool acceptable_name(std::string_view name);

}  // namespace astrotalk::identity
