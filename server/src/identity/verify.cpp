#include "identity/verify.hpp"

#include <boost/json.hpp>

#include "identity/queries.hpp"

namespace astrotalk::identity {
namespace {

namespace json = boost::json;

constexpr std::size_t longest_token = 8192;

// An object, or nothing. Depth is bounded by the parser's default of 32.
std::optional<json::object> decode_part(std::string_view part) {
    const auto raw = crypto::base64url_decode(part);
    if (!raw) return std::nullopt;
    boost::system::error_code failed;
    auto value = json::parse({reinterpret_cast<const char*>(raw->data()), raw->size()}, failed);
    if (failed || !value.is_object()) return std::nullopt;
    return std::move(value.as_object());
}

std::string_view text(const json::object& from, std::string_view name) {
    const auto* value = from.if_contains(name);
    return value && value->is_string() ? std::string_view(value->get_string()) : std::string_view();
}

std::optional<std::int64_t> integer(const json::object& from, std::string_view name) {
    const auto* value = from.if_contains(name);
    if (!value || !value->is_int64()) return std::nullopt;
    return value->get_int64();
}

// Far enough for any date, and safe to multiply into microseconds.
constexpr std::int64_t last_second = 253'402'300'799;

}  // namespace

verifier::verifier(const user_pool& pool, const live_pool& live, const revocations& ended,
                   std::size_t capacity)
    : issuer_(pool.issuer), live_(live), ended_(ended), revocations_(ended), capacity_(capacity) {}

verifier::~verifier() = default;

void verifier::follow() {
    if (const auto& newest = live_.get(); newest != seen_) {
        seen_ = newest;
        keys_.clear();
        recent_.clear();
        older_.clear();
        for (const auto& turn : seen_->keys)
            if (turn.key->use() == token_use::access)
                keys_.push_back({turn.key->kid(), turn.key->public_key(), turn});
    }
}

// The end of a token is its signature, which is as good as random.
std::size_t verifier::by_signature::operator()(std::string_view token) const {
    std::size_t h = 0;
    std::memcpy(&h, token.data() + (token.size() - std::min(sizeof h, token.size())),
                std::min(sizeof h, token.size()));
    return std::hash<std::size_t>()(h);
}

std::shared_ptr<const verifier::verified> verifier::find(std::string_view token) {
    if (token.size() > longest_token) return nullptr;
    follow();
    if (const auto hit = recent_.find(token); hit != recent_.end()) return hit->second;
    std::shared_ptr<const verified> entry;
    if (const auto hit = older_.find(token); hit != older_.end())
        entry = hit->second;
    else
        entry = examine(token);
    if (entry) remember(token, entry);
    return entry;
}

void verifier::remember(std::string_view token, std::shared_ptr<const verified> entry) {
    if (recent_.size() >= capacity_ / 2) {
        older_ = std::move(recent_);
        recent_.clear();
    }
    recent_.emplace(std::string(token), std::move(entry));
}

std::shared_ptr<const verifier::verified> verifier::examine(std::string_view token) const {
    const auto first = token.find('.'), last = token.rfind('.');
    if (first == std::string_view::npos || last == first) return nullptr;
    const auto header = decode_part(token.substr(0, first));
    if (!header || text(*header, "alg") != "RS256" || header->contains("crit")) return nullptr;
    const auto kid = text(*header, "kid");
    const auto key = std::ranges::find(keys_, kid, &known_key::kid);
    const auto signature = crypto::base64url_decode(token.substr(last + 1));
    if (key == keys_.end() || key->turn.gone(clock::now()) || !signature ||
        !key->key.verify_rs256(token.substr(0, last), *signature))
        return nullptr;

    const auto claims = decode_part(token.substr(first + 1, last - first - 1));
    if (!claims || text(*claims, "iss") != issuer_ || text(*claims, "token_use") != "access") return nullptr;
    const auto client = seen_->find_client(std::string(text(*claims, "client_id")));
    const auto sub = user_id::parse(text(*claims, "sub"));
    const auto origin = family_id::parse(text(*claims, "origin_jti"));
    const auto jti = uuid::parse(text(*claims, "jti"));
    const auto expires = integer(*claims, "exp");
    if (!client || !sub || !origin || !jti || !expires || *expires < 0 || *expires > last_second)
        return nullptr;

    auto entry = std::make_shared<verified>();
    entry->who.id = *sub;
    entry->who.session = *origin;
    entry->who.client_id = client->id;
    entry->opens_api = client->opens_api;
    entry->who.user_type = text(*claims, "custom:user_type");
    if (const auto* groups = claims->if_contains("cognito:groups"); groups && groups->is_array())
        for (const auto& group : groups->get_array())
            if (group.is_string()) entry->who.groups.emplace_back(group.get_string());
    if (const auto* passed = claims->if_contains("amr"); passed && passed->is_array())
        for (const auto& each : passed->get_array())
            entry->who.second_factor |= each.is_string() && each.get_string() == "mfa";
    entry->issued = jti->time();
    entry->expires = instant(std::chrono::seconds(*expires));
    return entry;
}

result<http::principal, token_fault> verifier::check(std::string_view token) {
    const auto entry = find(token);
    if (!entry) return token_fault::not_valid;
    if (entry->expires <= clock::now()) return token_fault::expired;
    return entry->who;
}

task<std::optional<http::principal>> verifier::authenticate(pg::client& pg, std::string_view token) {
    const auto entry = find(token);
    if (!entry || !entry->opens_api || entry->expires <= clock::now()) co_return std::nullopt;
    if (revocations_.fresh()) {
        if (ended_.has_ended(entry->who.id, entry->who.session, entry->issued)) co_return std::nullopt;
    } else {
        const auto open =
            co_await pg.read_one<bool>(sql::check_session, entry->who.session, entry->who.id, entry->issued);
        if (!open.value_or(false)) co_return std::nullopt;
    }
    co_return entry->who;
}

}  // namespace astrotalk::identity
