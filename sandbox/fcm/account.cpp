#include <sys/stat.h>

#include <boost/json.hpp>
#include <fstream>
#include <iterator>
#include <sstream>

#include "fcm/routes.hpp"

namespace sandbox::fcm {
namespace {

namespace json = boost::json;
namespace crypto = astrotalk::crypto;

std::string text_at(const json::object& from, std::string_view name) {
    const auto* value = from.if_contains(name);
    const auto* text = value ? value->if_string() : nullptr;
    return text ? std::string(text->data(), text->size()) : std::string();
}

std::optional<account> read_account(const std::filesystem::path& file) {
    std::ifstream in(file);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    boost::system::error_code failed;
    const auto parsed = json::parse(text, failed);
    if (failed || !parsed.is_object()) return std::nullopt;
    const auto& all = parsed.get_object();
    auto key = crypto::rsa_key::from_pem(text_at(all, "private_key"));
    if (!key) return std::nullopt;
    return account{.project_id = text_at(all, "project_id"),
                   .private_key_id = text_at(all, "private_key_id"),
                   .client_email = text_at(all, "client_email"),
                   .token_uri = text_at(all, "token_uri"),
                   .key = std::move(*key)};
}

// A JWT's part as an object.
std::optional<json::object> part_of(std::string_view encoded) {
    const auto bytes = crypto::base64url_decode(encoded);
    if (!bytes) return std::nullopt;
    boost::system::error_code failed;
    auto parsed = json::parse(crypto::to_text(*bytes), failed);
    if (failed || !parsed.is_object()) return std::nullopt;
    return std::move(parsed.get_object());
}

std::int64_t number_at(const json::object& from, std::string_view name) {
    const auto* value = from.if_contains(name);
    const auto* number = value ? value->if_int64() : nullptr;
    return number ? *number : 0;
}

}  // namespace

account open_account(const std::filesystem::path& file, const std::string& token_uri) {
    if (auto known = read_account(file); known && known->token_uri == token_uri) return std::move(*known);
    account made{.private_key_id = crypto::hex(crypto::random_bytes(20)),
                 .client_email = {},
                 .token_uri = token_uri,
                 .key = crypto::rsa_key::generate()};
    made.client_email = "firebase-adminsdk@" + made.project_id + ".iam.gserviceaccount.com";
    const json::object all{{"type", "service_account"},
                           {"project_id", made.project_id},
                           {"private_key_id", made.private_key_id},
                           {"private_key", made.key.to_pem().reveal()},
                           {"client_email", made.client_email},
                           {"client_id", "100000000000000000001"},
                           {"token_uri", made.token_uri}};
    // Made aside and moved: whoever reads it meanwhile has the old one or the new one.
    const auto aside = file.string() + ".new";
    const auto before = ::umask(077);
    std::ofstream out(aside);
    ::umask(before);
    out << json::serialize(all) << '\n';
    if (!out.flush()) throw std::runtime_error("cannot write " + aside);
    std::filesystem::rename(aside, file);
    return made;
}

std::string fault_of_assertion(const account& owner, std::string_view assertion, astrotalk::instant now) {
    const auto first = assertion.find('.');
    const auto second = first == std::string_view::npos ? first : assertion.find('.', first + 1);
    if (second == std::string_view::npos) return "Invalid JWT: it has not three parts.";
    const auto header = part_of(assertion.substr(0, first));
    const auto claims = part_of(assertion.substr(first + 1, second - first - 1));
    const auto signature = crypto::base64url_decode(assertion.substr(second + 1));
    if (!header || !claims || !signature || text_at(*header, "alg") != "RS256")
        return "Invalid JWT: Failed audience check or unsupported algorithm.";
    if (!owner.key.public_key().verify_rs256(assertion.substr(0, second), *signature))
        return "Invalid JWT Signature.";
    if (text_at(*claims, "iss") != owner.client_email) return "Invalid JWT: unknown issuer.";
    if (text_at(*claims, "aud") != owner.token_uri) return "Invalid JWT: Failed audience check.";
    if (text_at(*claims, "scope").find("https://www.googleapis.com/auth/firebase.messaging") ==
            std::string::npos &&
        text_at(*claims, "scope").find("https://www.googleapis.com/auth/cloud-platform") == std::string::npos)
        return "Invalid OAuth scope or ID token audience provided.";
    const auto seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
    const auto issued = number_at(*claims, "iat"), ends = number_at(*claims, "exp");
    constexpr std::int64_t skew = 600;
    if (ends <= seconds || issued > seconds + skew || ends - issued > 3600)
        return "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. "
               "Check your iat and exp values in the JWT claim.";
    return {};
}

}  // namespace sandbox::fcm
