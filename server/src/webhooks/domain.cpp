#include "webhooks/domain.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "crypto/crypto.hpp"
#include "http/json.hpp"

namespace astrotalk::webhooks {
namespace {

namespace json = boost::json;

constexpr std::size_t longest_id = 200;
constexpr std::size_t mac_size = 32;

bool is_event_id(std::string_view text) {
    return !text.empty() && text.size() <= longest_id &&
           std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

bool same_name(std::string_view a, std::string_view lower) {
    return std::ranges::equal(a, lower, {}, [](char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; });
}

const json::value* member(const json::object& of, std::string_view lower_name) {
    for (const auto& each : of)
        if (same_name({each.key().data(), each.key().size()}, lower_name)) return &each.value();
    return nullptr;
}

void read_members(const json::object& body, zone in, envelope& into) {
    if (const auto* id = member(body, "id"); id && into.event_id.empty()) {
        if (id->is_string() && is_event_id({id->get_string().data(), id->get_string().size()}))
            into.event_id = id->get_string();
        else if (id->is_int64())
            into.event_id = std::to_string(id->get_int64());
    }
    if (const auto* created = member(body, "created_at")) {
        if (created->is_string())
            into.created_at = read_time({created->get_string().data(), created->get_string().size()}, in);
        else if (created->is_int64())
            into.created_at = read_time(created->get_int64());
    }
}

// Nothing, when it is no signature at all.
std::optional<bytes> mac_of(std::string_view signature) {
    auto mac = signature.size() == 2 * mac_size ? crypto::unhex(signature) : std::nullopt;
    return mac;
}

}  // namespace

bool is_signed(const connection& by, std::string_view body, std::string_view signature) {
    if (by.current.empty()) return false;
    const auto given = mac_of(signature);
    if (!given) return false;
    const bool now = crypto::equal_constant_time(crypto::hmac_sha256(by.current.reveal(), body), *given);
    if (by.previous.empty()) return now;
    const bool before = crypto::equal_constant_time(crypto::hmac_sha256(by.previous.reveal(), body), *given);
    return static_cast<int>(now) + static_cast<int>(before) > 0;
}

envelope read_envelope(const provider& from, const http::request& in) {
    envelope read;
    read.body_hash = crypto::sha256(in.body);
    if (!from.event_id_header.empty())
        if (const auto named = in.header(from.event_id_header); is_event_id(named)) read.event_id = named;
    unsigned char first[8192];
    json::monotonic_resource memory(first, sizeof first);
    json::parse_options how;
    how.max_depth = 32;
    boost::system::error_code failed;
    const auto body = json::parse({in.body.data(), in.body.size()}, failed, &memory, how);
    if (!failed && body.is_object()) read_members(body.get_object(), from.written_in, read);
    if (read.event_id.empty()) read.event_id = crypto::hex(read.body_hash);
    return read;
}

std::optional<instant> read_time(std::string_view text, zone in) {
    if (text.size() > 40) return std::nullopt;
    if (text.size() != 19 || text[10] != ' ') return http::parse_rfc3339(text);
    std::string as_rfc3339(text);
    as_rfc3339[10] = 'T';
    as_rfc3339 += in == zone::india ? "+05:30" : "Z";
    return http::parse_rfc3339(as_rfc3339);
}

std::optional<instant> read_time(std::int64_t number) {
    // Seconds until the year 5138; what is larger is milliseconds.
    constexpr std::int64_t latest_seconds = 100'000'000'000, latest = latest_seconds * 1000;
    if (number <= 0 || number >= latest) return std::nullopt;
    if (number < latest_seconds) return instant(std::chrono::seconds(number));
    return instant(std::chrono::milliseconds(number));
}

}  // namespace astrotalk::webhooks
