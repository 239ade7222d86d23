// The user pool of this installation: its names, its one app client and its signing keys.
// Thread-safe: it does not change after bootstrap, and everyone shares one.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/rsa.hpp"

namespace astrotalk::identity {

enum class token_use : std::uint8_t { access, id };
std::string_view name_of(token_use use);

// Signs tokens of one use. The JOSE header is the same in all of them, so it is encoded once.
class signing_key {
  public:
    signing_key(token_use use, crypto::rsa_key key);

    token_use use() const { return use_; }
    const std::string& kid() const { return kid_; }  // the RFC 7638 thumbprint
    crypto::rsa_public_key public_key() const { return key_.public_key(); }
    // The compact JWS over `claims`, a JSON object. About 240 µs: not on a loop.
    std::string sign(std::string_view claims) const;

  private:
    token_use use_;
    crypto::rsa_key key_;
    std::string kid_, header_;
};

std::string thumbprint(const crypto::rsa_public_key& key);

struct user_pool {
    std::string id, region, issuer, identity_pool_id;
    std::string client_id;
    int access_seconds = 3600, id_seconds = 3600, refresh_seconds = 2'592'000, grace_seconds = 30;
    bool rich_access = true;  // custom attributes in the access token

    // Those that sign now come first; the others are retired and still verify.
    std::vector<std::shared_ptr<const signing_key>> keys;
    const signing_key& key_for(token_use use) const;

    std::string jwks() const;       // RFC 7517
    std::string discovery() const;  // OpenID Connect Discovery 1.0
};

}  // namespace astrotalk::identity
