#include "identity/app_client.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "crypto/crypto.hpp"

namespace astrotalk::identity {
namespace {

constexpr std::string_view lower_and_digits = "abcdefghijklmnopqrstuvwxyz0123456789";
constexpr std::array known_flows{flow::user_auth, flow::custom_auth, flow::refresh_token_auth};
constexpr std::array readable_attributes{
    "name", "phone_number", "email", "custom:user_type", "custom:profile_status", "custom:kyc_status"};
// The user type only at sign-up. What staff and KYC decide is not here and never will be.
constexpr std::array writable_attributes{"name", "phone_number", "email", "custom:user_type"};

void check_range(std::vector<std::string>& faults, std::string_view what, int value, int lowest,
                 int highest) {
    if (value < lowest || value > highest)
        faults.push_back(fmt::format("{} must be between {} and {} seconds", what, lowest, highest));
}

template <class List>
void check_names(std::vector<std::string>& faults, std::string_view what,
                 const std::vector<std::string>& given, const List& known) {
    for (const auto& each : given)
        if (std::ranges::find(known, each) == std::end(known))
            faults.push_back(fmt::format("{} can be {}, not {}", what, fmt::join(known, ", "), each));
}

bool contains(const std::vector<std::string>& list, std::string_view what) {
    return std::ranges::find(list, what) != list.end();
}

bool good(const app_client::proof& each, instant now) { return !each.until || now < *each.until; }

}  // namespace

bool app_client::allows(std::string_view flow) const { return contains(flows, flow); }
bool app_client::reads(std::string_view attribute) const {
    if (attribute == "phone_number_verified") return reads("phone_number");
    if (attribute == "email_verified") return reads("email");
    return attribute == "sub" || contains(readable, attribute);
}
bool app_client::writes(std::string_view attribute) const { return contains(writable, attribute); }

bool app_client::accepts_hash(std::string_view username, const std::optional<std::string>& given,
                              instant now) const {
    if (secrets.empty()) return true;
    bool accepted = false;
    for (const auto& each : secrets)
        if (good(each, now))
            accepted |= crypto::equal_constant_time(secret_hash(each.value, username, id),
                                                    given.value_or(std::string()));
    return accepted;
}

// Compared by their hashes, so that the time does not tell how long the secret is.
bool app_client::accepts_secret(const std::optional<std::string>& given, instant now) const {
    if (secrets.empty()) return true;
    const bytes shown = crypto::sha256(given.value_or(std::string()));
    bool accepted = false;
    for (const auto& each : secrets)
        if (good(each, now))
            accepted |= crypto::equal_constant_time(crypto::sha256(each.value.reveal()), shown);
    return accepted;
}

std::vector<std::string> faults_of(const app_client& settings) {
    std::vector<std::string> faults;
    if (settings.name.empty() || settings.name.size() > 128)
        faults.emplace_back("the name must have 1 to 128 characters");
    check_range(faults, "the access token's lifetime", settings.access_seconds, 300, 86'400);
    check_range(faults, "the ID token's lifetime", settings.id_seconds, 300, 86'400);
    check_range(faults, "the refresh token's lifetime", settings.refresh_seconds, 3600, 315'360'000);
    check_range(faults, "the grace", settings.grace_seconds, 0, 60);
    if (settings.refresh_seconds < std::max(settings.access_seconds, settings.id_seconds))
        faults.emplace_back("a refresh token must live at least as long as the other tokens");
    if (settings.flows.empty()) faults.emplace_back("a client needs a flow");
    check_names(faults, "a flow", settings.flows, known_flows);
    if (settings.rotates && settings.allows(flow::refresh_token_auth))
        faults.emplace_back(
            "REFRESH_TOKEN_AUTH needs --no-rotation: with rotation, apps refresh by "
            "GetTokensFromRefreshToken");
    check_names(faults, "a readable attribute", settings.readable, readable_attributes);
    check_names(faults, "a writable attribute", settings.writable, writable_attributes);
    return faults;
}

std::string secret_hash(const secret& client_secret, std::string_view username, std::string_view client_id) {
    std::string over(username);
    over += client_id;
    return crypto::base64_encode(crypto::hmac_sha256(client_secret.reveal(), over));
}

std::string new_client_id() { return crypto::random_text(26, lower_and_digits); }
secret new_client_secret() { return secret(crypto::random_text(52, lower_and_digits)); }

}  // namespace astrotalk::identity
