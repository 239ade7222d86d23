#include "http/json.hpp"
#include "identity/cognito/protocol.hpp"
#include "identity/identity.hpp"

namespace astrotalk::identity {
namespace {

using http::exchange;
using http::response;

struct config_answer {
    std::string region, user_pool_id, client_id, identity_pool_id, cognito_endpoint, storage_endpoint, issuer;
    int otp_length = 0, refresh_grace_seconds = 0;
    std::vector<std::string> languages;
    std::optional<std::string> support_contact;
};
BOOST_DESCRIBE_STRUCT(config_answer, (),
                      (region, user_pool_id, client_id, identity_pool_id, cognito_endpoint, storage_endpoint,
                       issuer, otp_length, refresh_grace_seconds, languages, support_contact))

struct me_answer {
    user_id id;
    std::string user_type;
    std::optional<std::string> profile_status, kyc_status;
    std::vector<std::string> groups;
    personal phone;
    instant created_at;
    std::optional<user_profile> profile;  // an astrologer's is onboarding's
};
BOOST_DESCRIBE_STRUCT(me_answer, (),
                      (id, user_type, profile_status, kyc_status, groups, phone, created_at, profile))

task<response> get_config(service& s, exchange&) {
    const auto client = s.live.get()->find_client(s.pool.client_id);
    const config_answer answer{.region = s.pool.region,
                               .user_pool_id = s.pool.id,
                               .client_id = s.pool.client_id,
                               .identity_pool_id = s.pool.identity_pool_id,
                               .cognito_endpoint = "/cognito/",
                               .storage_endpoint = s.how.storage_endpoint,
                               .issuer = s.pool.issuer,
                               .otp_length = s.how.otp_length,
                               .refresh_grace_seconds = client ? client->grace_seconds : 0,
                               .languages = {languages.begin(), languages.end()},
                               .support_contact = s.how.support_contact.empty()
                                                      ? std::nullopt
                                                      : std::optional(s.how.support_contact)};
    co_return http::ok(answer);
}

response no_user() {
    return http::problem(403, "forbidden", "A profile of this kind is a user's; astrologers have another.");
}

task<response> get_me(service& s, exchange& x) {
    auto found = co_await find_with_profile(s, x.caller());
    if (!found) co_return http::problem(401, "unauthenticated", "The user may not sign in any more.");
    auto& [who, profile] = *found;
    me_answer answer{who.id,
                     std::move(who.user_type),
                     std::move(who.profile_status),
                     std::move(who.kyc_status),
                     std::move(who.groups),
                     std::move(who.phone),
                     who.created_at,
                     {}};
    if (answer.user_type == "user") answer.profile = std::move(profile);
    co_return http::ok(answer);
}

task<response> put_profile(service& s, exchange& x) {
    if (x.who->user_type == "astrologer") co_return no_user();
    auto sent = http::from_json<profile_draft>(x.in.body);
    if (!sent) co_return http::problem(sent.error());
    auto draft = tidied(std::move(*sent));
    if (auto found = faults_of(draft); !found.empty())
        co_return http::problem(http::faults{std::move(found)});
    const auto saved = co_await save_profile(s.pg, s.keys, x.caller(), std::move(draft), x.request_id);
    co_return saved ? http::ok(*saved) : no_user();
}

// What JWT verifiers fetch. They keep it for minutes at most, so that a rotated key is found.
response published(const service& s, const exchange& x, std::string document) {
    if (x.path_values[0] != s.pool.id) return http::problem(404, "not_found", "There is no such user pool.");
    response r;
    r.headers.emplace_back("cache-control", fmt::format("public, max-age={}", jwks_lifetime.count()));
    r.body = std::move(document);
    return r;
}

task<response> get_jwks(service& s, exchange& x) {
    co_return published(s, x, s.live.get()->jwks(clock::now()));
}
task<response> get_discovery(service& s, exchange& x) { co_return published(s, x, s.pool.discovery()); }

constexpr http::route<service> table[] = {
    {http::verb::get, "/v1/config", http::access::anyone, get_config},
    {http::verb::get, "/v1/me", http::access::signed_in, get_me},
    {http::verb::put, "/v1/me/profile", http::access::signed_in, put_profile},
    {http::verb::post, "/cognito/", http::access::anyone, cognito::answer},
    {http::verb::get, "/{poolId}/.well-known/jwks.json", http::access::anyone, get_jwks},
    {http::verb::get, "/{poolId}/.well-known/openid-configuration", http::access::anyone, get_discovery},
};

}  // namespace

std::span<const http::route<service>> routes() { return table; }

void restate_refusal(std::string_view route, http::response& r) {
    if (route == "POST /cognito/") cognito::restate(r);
}

}  // namespace astrotalk::identity
