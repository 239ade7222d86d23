#include "storage/s3_store.hpp"

#include <charconv>

#include "crypto/crypto.hpp"
#include "storage/links.hpp"
#include "storage/s3_listing.hpp"

namespace astrotalk::storage {
namespace {

constexpr std::string_view metadata_prefix = "x-amz-meta-";
constexpr int tries_again = 2;
// Whoever deletes may do so within a transaction, which PostgreSQL ends after 15 s without a statement.
constexpr std::chrono::milliseconds removal_deadline{10'000};

using headers = std::vector<std::pair<std::string, std::string>>;

std::string value_of(const http::client_response& answer, std::string_view name) {
    for (const auto& [each, value] : answer.headers)
        if (each == name) return value;
    return {};
}

std::uint64_t number(std::string_view text) {
    std::uint64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

std::string unquoted(std::string etag) {
    std::erase(etag, '"');
    return etag;
}

constexpr std::pair<std::string_view, std::string object_traits::*> traits_by_header[] = {
    {"content-type", &object_traits::content_type},
    {"cache-control", &object_traits::cache_control},
    {"content-disposition", &object_traits::content_disposition},
    {"content-encoding", &object_traits::content_encoding},
    {"content-language", &object_traits::content_language},
    {"expires", &object_traits::expires}};

object_facts facts_of(const http::client_response& answer) {
    object_facts made;
    made.etag = unquoted(value_of(answer, "etag"));
    made.modified = read_http_time(value_of(answer, "last-modified")).value_or(instant());
    // A part says behind the slash how large the whole is.
    const auto range = value_of(answer, "content-range");
    const auto slash = range.find('/');
    made.size = number(slash == std::string::npos ? value_of(answer, "content-length")
                                                  : std::string_view(range).substr(slash + 1));
    for (const auto& [name, member] : traits_by_header) made.traits.*member = value_of(answer, name);
    for (const auto& [name, value] : answer.headers)
        if (name.starts_with(metadata_prefix))
            made.traits.metadata.emplace_back(name.substr(metadata_prefix.size()), value);
    std::sort(made.traits.metadata.begin(), made.traits.metadata.end());
    return made;
}

// Of an error's XML. A HEAD has none.
std::string_view code_of(const http::client_response& answer) {
    constexpr std::string_view open = "<Code>", close = "</Code>";
    const std::string_view body = answer.body;
    const auto from = body.find(open), to = body.find(close);
    if (from == std::string_view::npos || to == std::string_view::npos || to < from) return {};
    return body.substr(from + open.size(), std::min<std::size_t>(to - from - open.size(), 60));
}

// What the store refuses for a reason of its own; an outage is thrown.
error explain(const http::client_response& answer) {
    const auto code = code_of(answer);
    if (answer.status == 404 && (code.empty() || code == "NoSuchKey")) return error::no_such_object;
    if (answer.status == 412 || code == "ConditionalRequestConflict") return error::condition_failed;
    if (answer.status == 416) return error::no_such_range;
    if (code == "EntityTooLarge") return error::too_large;
    throw http::upstream_error(http::upstream_error::kind::unreachable,
                               fmt::format("the object store answered {} {}", answer.status, code));
}

std::string parameter(std::string_view name, std::string_view value) {
    return fmt::format("&{}={}", name, aws::percent_encoded(value));
}

}  // namespace

s3_store::s3_store(http::client& out, s3_options how) : out_(out), how_(std::move(how)) {}

task<http::client_response> s3_store::call(http::verb method, std::string bucket, std::string key,
                                           std::string query, headers more, std::string body, int retries) {
    const auto to = address_of(how_.endpoint, bucket, key, how_.path_style);
    const auto digest = crypto::hex(crypto::sha256(body));
    more.emplace_back("x-amz-content-sha256", digest);
    std::vector<std::pair<std::string_view, std::string_view>> seen{{"host", to.host}};
    for (const auto& [name, value] : more) seen.emplace_back(name, value);
    const auto added = aws::sign({http::name_of(method), to.path, query, seen, digest}, how_.who,
                                 {how_.region, "s3"}, clock::now());
    more.insert(more.end(), added.begin(), added.end());
    http::client_request request;
    request.method = method;
    request.url = to.url() + (query.empty() ? "" : "?" + query);
    request.headers = std::move(more);
    request.body = std::move(body);
    request.deadline =
        method == http::verb::delete_ ? std::min(how_.deadline, removal_deadline) : how_.deadline;
    request.body_limit = how_.object_limit + 64 * 1024;
    request.retries = retries;
    co_return co_await out_.send(std::move(request));
}

task<result<object_facts, error>> s3_store::put(std::string bucket, std::string key, object_traits traits,
                                                std::string content, write_condition condition) {
    if (content.size() > how_.object_limit) co_return error::too_large;
    headers more;
    for (const auto& [name, member] : traits_by_header)
        if (!(traits.*member).empty()) more.emplace_back(name, traits.*member);
    // Else libcurl says that it is a form.
    if (traits.content_type.empty()) more.emplace_back("content-type", "application/octet-stream");
    for (const auto& [name, value] : traits.metadata)
        more.emplace_back(std::string(metadata_prefix) + name, value);
    if (condition.if_none_match) more.emplace_back("if-none-match", "*");
    // Without the quotes that HTTP has it in: Amazon takes both, Ceph's gateway compares letter by letter.
    if (!condition.if_match.empty()) more.emplace_back("if-match", condition.if_match);
    const auto size = content.size();
    // A condition that held the first time would not the second.
    const bool again = !condition.if_none_match && condition.if_match.empty();
    const auto answer = co_await call(http::verb::put, std::move(bucket), std::move(key), "", std::move(more),
                                      std::move(content), again ? tries_again : 0);
    if (answer.status != 200) co_return explain(answer);
    co_return object_facts{size, unquoted(value_of(answer, "etag")), clock::now(), std::move(traits)};
}

task<result<object, error>> s3_store::get(std::string bucket, std::string key,
                                          std::optional<byte_span> part) {
    if (part && part->size == 0) co_return error::no_such_range;
    headers more;
    if (part)
        more.emplace_back("range", fmt::format("bytes={}-{}", part->first, part->first + part->size - 1));
    auto answer = co_await call(http::verb::get, std::move(bucket), std::move(key), "", std::move(more), "",
                                tries_again);
    if (answer.status != 200 && answer.status != 206) co_return explain(answer);
    auto facts = facts_of(answer);
    co_return object{std::move(facts), std::move(answer.body)};
}

task<result<object_facts, error>> s3_store::head(std::string bucket, std::string key) {
    const auto answer =
        co_await call(http::verb::head, std::move(bucket), std::move(key), "", {}, "", tries_again);
    if (answer.status != 200) co_return explain(answer);
    co_return facts_of(answer);
}

task<void> s3_store::remove(std::string bucket, std::string key) {
    const auto answer =
        co_await call(http::verb::delete_, std::move(bucket), std::move(key), "", {}, "", tries_again);
    if (answer.status / 100 == 2) co_return;
    const auto why = explain(answer);
    if (why != error::no_such_object)
        throw http::upstream_error(http::upstream_error::kind::unreachable,
                                   fmt::format("the object store answered {}", answer.status));
}

task<page> s3_store::list(std::string bucket, list_request what) {
    std::string query = "list-type=2&encoding-type=url";
    query += parameter("max-keys", std::to_string(what.most));
    if (!what.prefix.empty()) query += parameter("prefix", what.prefix);
    if (!what.delimiter.empty()) query += parameter("delimiter", what.delimiter);
    if (!what.after.empty()) query += parameter("start-after", what.after);
    if (!what.token.empty()) query += parameter("continuation-token", what.token);
    const auto answer =
        co_await call(http::verb::get, std::move(bucket), "", std::move(query), {}, "", tries_again);
    auto found = answer.status == 200 ? read_listing(answer.body) : std::nullopt;
    if (!found)
        throw http::upstream_error(
            http::upstream_error::kind::unreachable,
            fmt::format("the object store answered {} {} to a listing", answer.status, code_of(answer)));
    co_return std::move(*found);
}

std::string s3_store::link_to_put(const std::string& bucket, const std::string& key,
                                  const upload_terms& terms, std::chrono::seconds lifetime) {
    return upload_link(address_of(how_.endpoint, bucket, key, how_.path_style), terms, how_.who, how_.region,
                       lifetime);
}

std::string s3_store::link_to_get(const std::string& bucket, const std::string& key,
                                  const download_terms& terms, std::chrono::seconds lifetime) {
    return download_link(address_of(how_.endpoint, bucket, key, how_.path_style), terms, how_.who,
                         how_.region, lifetime);
}

}  // namespace astrotalk::storage
