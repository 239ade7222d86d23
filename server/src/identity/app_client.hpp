// An app client: what one app, or one kind of app, may ask of the user pool.
// Pure but for the random generator. Thread-safe: a client does not change once it is read.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "core/secret.hpp"

namespace astrotalk::identity {

// Ways to sign in, by Cognito's names.
namespace flow {
inline constexpr std::string_view user_auth = "USER_AUTH";
inline constexpr std::string_view custom_auth = "CUSTOM_AUTH";
inline constexpr std::string_view refresh_token_auth = "REFRESH_TOKEN_AUTH";
}  // namespace flow

struct app_client {
    std::string id, name;
    bool main = false;        // the client of our own apps: cannot be removed
    bool rotates = true;      // each refresh token is used once; excludes REFRESH_TOKEN_AUTH
    bool opens_api = true;    // its access tokens are good for /v1, not only for the pool's own operations
    bool rich_access = true;  // custom attributes and groups in the access token
    int access_seconds = 3600, id_seconds = 3600, refresh_seconds = 2'592'000;
    int grace_seconds = 30;  // in which a used refresh token gives its successor again
    std::vector<std::string> flows{std::string(flow::user_auth)};
    std::vector<std::string> readable{
        "name", "phone_number", "email", "custom:user_type", "custom:profile_status", "custom:kyc_status"};
    std::vector<std::string> writable{"name", "phone_number", "email", "custom:user_type"};

    // A confidential client proves itself with its secret; for a while after a change, with the old one too.
    struct proof {
        secret value;
        std::optional<instant> until;  // none: no end
    };
    std::vector<proof> secrets;  // none: a public client

    bool allows(std::string_view flow) const;
    bool reads(std::string_view attribute) const;  // sub always; *_verified with what it is of
    bool writes(std::string_view attribute) const;
    // SECRET_HASH: Base64(HMAC-SHA256(secret, username + client id)), and the bare secret where Cognito takes
    // that. In constant time. Always true for a public client.
    bool accepts_hash(std::string_view username, const std::optional<std::string>& given, instant now) const;
    bool accepts_secret(const std::optional<std::string>& given, instant now) const;
};

// Held while a request is under way: the client it began with.
using client_ref = std::shared_ptr<const app_client>;

// What forbids these settings, in words for the operator; nothing when they are acceptable. The table's
// constraints say the same.
std::vector<std::string> faults_of(const app_client& settings);

std::string secret_hash(const secret& client_secret, std::string_view username, std::string_view client_id);
std::string new_client_id();
secret new_client_secret();

}  // namespace astrotalk::identity
