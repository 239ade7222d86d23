#include "identity/tokens.hpp"

#include <stdexcept>

#include "core/verify.hpp"
#include "identity/json_object.hpp"

namespace astrotalk::identity {
namespace {

constexpr std::size_t token_size = 32, session_mac_size = 16;

std::int64_t seconds_of(instant at) {
    return std::chrono::duration_cast<std::chrono::seconds>(at.time_since_epoch()).count();
}

void add_times(json_object& claims, const session& in, uuid event, instant now, int lifetime_seconds) {
    claims.add("origin_jti", in.id.to_string()).add("event_id", event.to_string());
    claims.add("auth_time", seconds_of(in.auth_time)).add("iat", seconds_of(now));
    claims.add("exp", seconds_of(now) + lifetime_seconds).add("jti", uuid::v7().to_string());
}

// How somebody proved who they are, by the names of RFC 8176. Cognito's tokens do not say.
std::vector<std::string> passed_factors() { return {"sms", "otp", "mfa"}; }

personal open(const crypto::keyring& keys, std::string_view column, user_id id, const bytes& sealed) {
    auto opened = keys.open(column, sealed, fmt::format("{}:{}", column, id.to_string()));
    if (!opened) throw std::runtime_error(fmt::format("{} does not open under the master key", column));
    return personal(std::move(*opened));
}

bytes session_mac(const crypto::keyring& keys, session_kind kind, uuid challenge, const bytes& phone_hash) {
    bytes over{static_cast<unsigned char>(kind)};
    over.insert(over.end(), challenge.bytes.begin(), challenge.bytes.end());
    over.insert(over.end(), phone_hash.begin(), phone_hash.end());
    bytes mac = keys.mac("session", over);
    mac.resize(session_mac_size);
    return mac;
}

}  // namespace

std::string access_claims(const std::string& issuer, const app_client& client, const person& who,
                          const session& in, uuid event, instant now) {
    const std::string sub = who.id.to_string();
    json_object claims;
    claims.add("sub", sub);
    if (client.rich_access && !who.groups.empty()) claims.add("cognito:groups", who.groups);
    claims.add("iss", issuer);
    // What Cognito adds through a pre-token-generation trigger, and the version it then gives the token.
    if (client.rich_access) {
        claims.add("version", 2).add("custom:user_type", who.user_type);
        claims.add_if("custom:profile_status", who.profile_status);
        claims.add_if("custom:kyc_status", who.kyc_status);
    }
    if (client.rich_access && in.second_factor) claims.add("amr", passed_factors());
    claims.add("client_id", client.id).add("token_use", "access");
    claims.add("scope", "aws.cognito.signin.user.admin");
    add_times(claims, in, event, now, client.access_seconds);
    claims.add("username", sub);
    return claims.text();
}

std::string id_claims(const std::string& issuer, const app_client& client, const person& who,
                      const session& in, uuid event, instant now) {
    const std::string sub = who.id.to_string();
    json_object claims;
    claims.add("sub", sub);
    if (!who.groups.empty()) claims.add("cognito:groups", who.groups);
    claims.add("iss", issuer).add("cognito:username", sub);
    if (in.second_factor) claims.add("amr", passed_factors());
    claims.add("aud", client.id).add("token_use", "id");
    add_times(claims, in, event, now, client.id_seconds);
    if (client.reads("phone_number"))
        claims.add("phone_number", who.phone.reveal()).add("phone_number_verified", true);
    if (who.email && client.reads("email"))
        claims.add("email", who.email->reveal()).add("email_verified", who.email_verified);
    if (who.name && client.reads("name")) claims.add("name", who.name->reveal());
    if (client.reads("custom:user_type")) claims.add("custom:user_type", who.user_type);
    if (client.reads("custom:profile_status")) claims.add_if("custom:profile_status", who.profile_status);
    if (client.reads("custom:kyc_status")) claims.add_if("custom:kyc_status", who.kyc_status);
    return claims.text();
}

secret new_refresh_token() { return secret(crypto::base64url_encode(crypto::random_bytes(token_size))); }

secret successor_of(const crypto::keyring& keys, const secret& refresh_token) {
    return secret(crypto::base64url_encode(keys.mac("refresh-successor", refresh_token.reveal())));
}

bytes hash_of(const secret& refresh_token) { return crypto::sha256(refresh_token.reveal()); }

bool is_refresh_token(std::string_view text) {
    const auto decoded = crypto::base64url_decode(text);
    return decoded && decoded->size() == token_size;
}

secret draw_code(int digits) {
    std::uint64_t bound = 1;
    for (int i = 0; i < digits; ++i) bound *= 10;
    return secret(fmt::format("{:0{}}", crypto::random_below(bound), digits));
}

bytes code_mac(const crypto::keyring& keys, code_purpose purpose, const bytes& to_hash, const secret& code) {
    bytes over = to_hash;  // of fixed length, so nothing can slide between it and the code
    over.insert(over.end(), code.reveal().begin(), code.reveal().end());
    return keys.mac(fmt::format("code.{}", name_of(purpose)), over);
}

bytes hash_of(const crypto::keyring& keys, const phone_number& phone) {
    return keys.mac("phone-index", phone.reveal());
}

bytes seal_phone(const crypto::keyring& keys, user_id id, const phone_number& phone) {
    return keys.seal("pool_user.phone", phone.reveal(), "pool_user.phone:" + id.to_string());
}

bytes seal_name(const crypto::keyring& keys, user_id id, const personal& name) {
    return keys.seal("pool_user.name", name.reveal(), "pool_user.name:" + id.to_string());
}

bytes seal_city(const crypto::keyring& keys, user_id id, const personal& city) {
    return keys.seal("pool_user.city", city.reveal(), "pool_user.city:" + id.to_string());
}

bytes seal_email(const crypto::keyring& keys, user_id id, const email::address& address) {
    return keys.seal("pool_user.email", address.reveal(), "pool_user.email:" + id.to_string());
}

personal open_phone(const crypto::keyring& keys, user_id id, const bytes& sealed) {
    return open(keys, "pool_user.phone", id, sealed);
}
personal open_name(const crypto::keyring& keys, user_id id, const bytes& sealed) {
    return open(keys, "pool_user.name", id, sealed);
}
personal open_city(const crypto::keyring& keys, user_id id, const bytes& sealed) {
    return open(keys, "pool_user.city", id, sealed);
}
personal open_email(const crypto::keyring& keys, user_id id, const bytes& sealed) {
    return open(keys, "pool_user.email", id, sealed);
}

bytes seal_seen(const crypto::keyring& keys, const bytes& token_hash, const origin& from) {
    return keys.seal(seen_purpose, from.address + '\n' + from.agent, place_of_seen(crypto::hex(token_hash)));
}

origin open_seen(const crypto::keyring& keys, const bytes& token_hash, const bytes& sealed) {
    const auto opened = keys.open(seen_purpose, sealed, place_of_seen(crypto::hex(token_hash)));
    if (!opened) throw std::runtime_error("where a session was does not open under the master key");
    const auto line = opened->find('\n');
    return {.address = opened->substr(0, line), .device = {}, .agent = opened->substr(line + 1)};
}

std::string session_string(const crypto::keyring& keys, session_kind kind, uuid challenge,
                           const bytes& phone_hash) {
    bytes raw(challenge.bytes.begin(), challenge.bytes.end());
    const bytes mac = session_mac(keys, kind, challenge, phone_hash);
    raw.insert(raw.end(), mac.begin(), mac.end());
    return crypto::base64url_encode(raw);
}

std::optional<uuid> open_session(const crypto::keyring& keys, session_kind kind, std::string_view text,
                                 const bytes& phone_hash) {
    const auto raw = crypto::base64url_decode(text);
    uuid challenge;
    if (!raw || raw->size() != challenge.bytes.size() + session_mac_size) return std::nullopt;
    std::copy_n(raw->begin(), challenge.bytes.size(), challenge.bytes.begin());
    const std::span<const unsigned char> mac(raw->data() + challenge.bytes.size(), session_mac_size);
    if (!crypto::equal_constant_time(mac, session_mac(keys, kind, challenge, phone_hash)))
        return std::nullopt;
    return challenge;
}

}  // namespace astrotalk::identity
