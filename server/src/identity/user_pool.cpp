#include "identity/user_pool.hpp"

#include "core/verify.hpp"
#include "identity/json_object.hpp"

namespace astrotalk::identity {

std::string_view name_of(token_use use) { return use == token_use::access ? "access" : "id"; }

std::string thumbprint(const crypto::rsa_public_key& key) {
    return crypto::base64url_encode(
        crypto::sha256(fmt::format(R"({{"e":"{}","kty":"RSA","n":"{}"}})", key.e(), key.n())));
}

signing_key::signing_key(token_use use, crypto::rsa_key key)
    : use_(use), key_(std::move(key)), kid_(thumbprint(key_.public_key())) {
    header_ = crypto::base64url_encode(fmt::format(R"({{"kid":"{}","alg":"RS256"}})", kid_)) + ".";
}

std::string signing_key::sign(std::string_view claims) const {
    std::string token = header_ + crypto::base64url_encode(claims);
    const bytes signature = key_.sign_rs256(token);
    token += '.';
    token += crypto::base64url_encode(signature);
    return token;
}

const signing_key& user_pool::key_for(token_use use) const {
    for (const auto& key : keys)
        if (key->use() == use) return *key;
    verify(false);
    std::abort();
}

std::string user_pool::jwks() const {
    std::string text = R"({"keys":[)";
    for (const auto& key : keys) {
        const auto published = key->public_key();
        json_object jwk;
        jwk.add("kty", "RSA").add("kid", key->kid()).add("use", "sig").add("alg", "RS256");
        jwk.add("n", published.n()).add("e", published.e());
        if (!text.ends_with('[')) text += ',';
        text += jwk.text();
    }
    return text + "]}";
}

std::string user_pool::discovery() const {
    json_object document;
    document.add("issuer", issuer).add("jwks_uri", issuer + "/.well-known/jwks.json");
    document.add("id_token_signing_alg_values_supported", std::vector<std::string>{"RS256"});
    document.add("response_types_supported", std::vector<std::string>{"code", "token"});
    document.add("subject_types_supported", std::vector<std::string>{"public"});
    return document.text();
}

}  // namespace astrotalk::identity
