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

client_ref pool_snapshot::find_client(const std::string& id) const {
    const auto found = clients.find(id);
    return found == clients.end() ? nullptr : found->second;
}

const std::shared_ptr<const signing_key>& pool_snapshot::signer(token_use use, instant now) const {
    const key_turn* current = nullptr;
    for (const auto& turn : keys) {
        if (turn.key->use() != use) continue;
        const bool begun = turn.signs_from <= now;
        // A clock that is behind finds none begun, and takes the earliest.
        if (!current || (begun ? current->signs_from > now || turn.signs_from > current->signs_from
                               : turn.signs_from < current->signs_from))
            current = &turn;
    }
    verify(current != nullptr);
    return current->key;
}

std::string pool_snapshot::jwks(instant now) const {
    std::string text = R"({"keys":[)";
    for (const auto& turn : keys) {
        if (turn.gone(now)) continue;
        const auto published = turn.key->public_key();
        json_object jwk;
        jwk.add("kty", "RSA").add("kid", turn.key->kid()).add("use", "sig").add("alg", "RS256");
        jwk.add("n", published.n()).add("e", published.e());
        if (!text.ends_with('[')) text += ',';
        text += jwk.text();
    }
    return text + "]}";
}

void live_pool::publish(std::shared_ptr<const pool_snapshot> newest) {
    std::lock_guard lock(mutex_);
    newest_ = std::move(newest);
    published_.fetch_add(1, std::memory_order_release);
}

std::int64_t live_pool::version() const {
    std::lock_guard lock(mutex_);
    return newest_->version;
}

// Threads that count uses of one pointer would hand its count back and forth, so each has a count of its own.
const std::shared_ptr<const pool_snapshot>& live_pool::reader::get() {
    if (const auto published = of_.published_.load(std::memory_order_acquire); published != seen_) {
        std::lock_guard lock(of_.mutex_);
        const auto owner = std::make_shared<std::shared_ptr<const pool_snapshot>>(of_.newest_);
        mine_ = std::shared_ptr<const pool_snapshot>(owner, owner->get());
        seen_ = of_.published_.load(std::memory_order_relaxed);
    }
    return mine_;
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
