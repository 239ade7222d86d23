#include <charconv>

#include "storage/s3.hpp"

namespace astrotalk::storage {
namespace {

using http::exchange;
using http::response;
using http::verb;

// Everything else that S3 knows as a parameter asks for something that we do not do.
constexpr std::string_view known_parameters[] = {"x-id",
                                                 "list-type",
                                                 "prefix",
                                                 "delimiter",
                                                 "continuation-token",
                                                 "max-keys",
                                                 "start-after",
                                                 "encoding-type",
                                                 "fetch-owner",
                                                 "response-content-type",
                                                 "response-content-disposition",
                                                 "response-content-encoding",
                                                 "response-content-language",
                                                 "response-cache-control",
                                                 "response-expires"};

// And everything else that begins with x-amz-.
constexpr std::string_view known_headers[] = {
    "x-amz-date",          "x-amz-content-sha256",         "x-amz-security-token",
    "x-amz-user-agent",    "x-amz-decoded-content-length", "x-amz-trailer",
    "x-amz-checksum-mode", "x-amz-checksum-algorithm",     "x-amz-sdk-checksum-algorithm",
    "x-amz-checksum-type", "x-amz-checksum-crc32",         "x-amz-checksum-crc32c",
    "x-amz-checksum-sha1", "x-amz-checksum-sha256",        "x-amz-checksum-crc64nvme"};

bool is_one_of(std::span<const std::string_view> all, std::string_view name) {
    return std::find(all.begin(), all.end(), name) != all.end();
}

bool is_known_header(std::string_view name) {
    return !name.starts_with("x-amz-") || name.starts_with("x-amz-meta-") || is_one_of(known_headers, name);
}

// The first thing asked for that we do not do, or empty.
std::string unknown_in(const http::request& in) {
    for (const auto& [name, value] : in.headers)
        if (!is_known_header(name)) return std::string(name);
    for (std::string_view rest = in.query; !rest.empty();) {
        const auto end = rest.find('&');
        const auto each = rest.substr(0, end);
        rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
        const std::string name(each.substr(0, each.find('=')));
        if (name.empty() || name.starts_with("X-Amz-") || is_one_of(known_parameters, name)) continue;
        if (!name.starts_with("x-amz-") || !is_known_header(name)) return name;
    }
    return {};
}

std::string shown(std::string_view name) {
    std::string made(name.substr(0, 64));
    for (char& c : made)
        if (c < 0x20 || c > 0x7e) c = '?';
    return made;
}

const bucket* find_bucket(const service& s, std::string_view name) {
    if (!s.objects) return nullptr;
    const auto found =
        std::find_if(s.buckets.begin(), s.buckets.end(), [&](const auto& each) { return each.name == name; });
    return found == s.buckets.end() ? nullptr : &*found;
}

bool reads(const exchange& x) { return x.in.method == verb::get || x.in.method == verb::head; }

task<outcome> perform(service& s, exchange& x) {
    const auto key = http::decode_path_value(x.path_values[1]);
    if (!key) co_return refusal{s3_error::invalid_uri};
    if (key->size() > longest_key) co_return refusal{s3_error::key_too_long};
    auto who = co_await authenticate(s, x.in);
    if (!who) co_return who.error();
    const auto* where = find_bucket(s, x.path_values[0]);
    const bool open = where && where->is_public && !key->empty() && reads(x);
    if (!open && !who->may(x.in.method, x.path_values[0], *key)) co_return refusal{s3_error::access_denied};
    if (!where) co_return refusal{s3_error::no_such_bucket};
    if (const auto unknown = unknown_in(x.in); !unknown.empty())
        co_return refusal{s3_error::not_implemented, "Not implemented here: " + shown(unknown)};
    asked a{x, *where, *key, std::move(*who)};
    const bool object = !key->empty();
    if (object && reads(x)) co_return co_await read_object(s, std::move(a));
    if (object && x.in.method == verb::put) co_return co_await put_object(s, std::move(a));
    if (object && x.in.method == verb::delete_) co_return co_await delete_object(s, std::move(a));
    if (!object && x.in.method == verb::head) co_return bare(200);
    if (!object && x.in.method == verb::get) co_return co_await list_objects(s, std::move(a));
    co_return refusal{s3_error::not_implemented};
}

// Whatever an object holds, a browser that opens it runs nothing of it in this origin's name.
constexpr std::string_view harmless = "default-src 'none'; frame-ancestors 'none'; sandbox";

task<response> answer(service& s, exchange& x) {
    auto done = co_await perform(s, x);
    auto r = done ? std::move(*done) : refuse(done.error(), x.request_id);
    r.headers.emplace_back("x-amz-request-id", x.request_id);
    r.headers.emplace_back("content-security-policy", std::string(harmless));
    co_return r;
}

constexpr http::route<service> table[] = {
    {verb::get, "/storage/{bucket}", http::access::anyone, answer},
    {verb::put, "/storage/{bucket}", http::access::anyone, answer},
    {verb::post, "/storage/{bucket}", http::access::anyone, answer},
    {verb::delete_, "/storage/{bucket}", http::access::anyone, answer},
    {verb::get, "/storage/{bucket}/{key*}", http::access::anyone, answer},
    {verb::put, "/storage/{bucket}/{key*}", http::access::anyone, answer},
    {verb::post, "/storage/{bucket}/{key*}", http::access::anyone, answer},
    {verb::delete_, "/storage/{bucket}/{key*}", http::access::anyone, answer},
};

}  // namespace

std::span<const http::route<service>> routes() { return table; }

std::string asked::amz(std::string_view name) const {
    const auto header = x.in.header(name);
    if (!header.empty() || !who.by_link()) return std::string(header);
    return aws::query_value(x.in.query, name).value_or("");
}

http::response bare(int status) {
    response r;
    r.status = status;
    r.content_type = {};
    return r;
}

task<admission> admit(service& s, const http::request& head) {
    const auto who = co_await authenticate(s, head);
    if (!who) co_return admission{0, refuse(who.error(), {})};
    if (!who->is_known()) co_return admission{0, refuse({s3_error::access_denied}, {})};
    if (who->sends == payload::digest || who->sends == payload::unsigned_)
        co_return admission{s.object_limit, {}};
    // The coding's own share: sizes and signatures.
    const auto decoded = head.header("x-amz-decoded-content-length");
    std::size_t size = 0;
    const auto read = std::from_chars(decoded.data(), decoded.data() + decoded.size(), size);
    if (read.ec != std::errc()) co_return admission{0, refuse({s3_error::missing_content_length}, {})};
    if (size > s.object_limit) co_return admission{0, refuse({s3_error::entity_too_large}, {})};
    co_return admission{size + size / 16 + 64 * 1024, {}};
}

}  // namespace astrotalk::storage
