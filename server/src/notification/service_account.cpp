#include <boost/json.hpp>

#include "core/json_text.hpp"
#include "crypto/crypto.hpp"
#include "notification/push.hpp"

namespace astrotalk::notification {
namespace {

namespace json = boost::json;

constexpr std::string_view scope = "https://www.googleapis.com/auth/firebase.messaging";
constexpr std::int64_t assertion_seconds = 3600;

std::string member(const json::object& of, const char* name) {
    const auto* found = of.if_contains(name);
    if (!found || !found->is_string() || found->get_string().empty())
        throw std::runtime_error(std::string("the FCM credentials have no ") + name);
    return std::string(found->get_string());
}

std::string as_json(std::string_view text) {
    std::string out;
    append_json_string(out, text);
    return out;
}

}  // namespace

service_account service_account::parse(std::string_view text) {
    boost::system::error_code failed;
    const auto file = json::parse({text.data(), text.size()}, failed);
    if (failed || !file.is_object()) throw std::runtime_error("the FCM credentials are not a JSON object");
    const auto& object = file.get_object();
    if (member(object, "type") != "service_account")
        throw std::runtime_error("the FCM credentials are not those of a service account");
    auto key = crypto::rsa_key::from_pem(member(object, "private_key"));
    if (!key) throw std::runtime_error("the private key of the FCM credentials is no RSA key");
    return {member(object, "project_id"), member(object, "client_email"), member(object, "private_key_id"),
            member(object, "token_uri"), std::move(*key)};
}

std::string token_assertion(const service_account& who, std::string_view audience, std::int64_t now) {
    const auto header = fmt::format(R"({{"alg":"RS256","typ":"JWT","kid":{}}})", as_json(who.private_key_id));
    const auto claims =
        fmt::format(R"({{"iss":{},"scope":{},"aud":{},"iat":{},"exp":{}}})", as_json(who.client_email),
                    as_json(scope), as_json(audience), now, now + assertion_seconds);
    const auto said = crypto::base64url_encode(header) + "." + crypto::base64url_encode(claims);
    return said + "." + crypto::base64url_encode(who.key.sign_rs256(said));
}

}  // namespace astrotalk::notification
