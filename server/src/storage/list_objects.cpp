#include <charconv>

#include "core/json_text.hpp"
#include "storage/s3.hpp"

namespace astrotalk::storage {
namespace {

struct listing {
    list_request what;
    bool encoded = false;  // keys as in URLs, because XML cannot say every one
};

result<listing, refusal> read_listing(std::string_view query) {
    listing made;
    const auto said = [&](std::string_view name) { return aws::query_value(query, name); };
    if (said("list-type") != "2")
        return refusal{s3_error::not_implemented, "Of a bucket there is ListObjectsV2 only (list-type=2)"};
    const auto encoding = said("encoding-type").value_or("");
    if (!encoding.empty() && encoding != "url")
        return refusal{s3_error::invalid_argument, "Invalid Encoding Method specified in Request"};
    made.encoded = !encoding.empty();
    made.what.prefix = said("prefix").value_or("");
    made.what.delimiter = said("delimiter").value_or("");
    made.what.after = said("start-after").value_or("");
    if (auto token = said("continuation-token")) {
        if (!is_token(*token))
            return refusal{s3_error::invalid_argument, "The continuation token provided is incorrect"};
        made.what.token = std::move(*token);
    }
    if (const auto most = said("max-keys")) {
        int value = -1;
        const auto end = most->data() + most->size();
        const auto read = std::from_chars(most->data(), end, value);
        if (read.ec != std::errc() || read.ptr != end || value < 0)
            return refusal{s3_error::invalid_argument, "max-keys must be a number from 0"};
        made.what.most = std::min<std::size_t>(static_cast<std::size_t>(value), 1000);
    }
    return made;
}

std::string element(std::string_view name, std::string_view text) {
    return fmt::format("<{0}>{1}</{0}>", name, text);
}

// As S3 spells instants: to the millisecond.
std::string spelled(instant at) {
    std::string text;
    append_rfc3339(text, std::chrono::floor<std::chrono::seconds>(at));
    return text;
}

std::string written(const listing& asked, const page& found, const std::string& bucket) {
    const auto name = [&](std::string_view key) {
        return asked.encoded ? aws::percent_encoded(key, "/") : escaped(key);
    };
    const auto& what = asked.what;
    std::string out =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">";
    out += element("Name", escaped(bucket)) + element("Prefix", name(what.prefix));
    if (!what.delimiter.empty()) out += element("Delimiter", name(what.delimiter));
    if (!what.after.empty()) out += element("StartAfter", name(what.after));
    if (asked.encoded) out += element("EncodingType", "url");
    out += element("MaxKeys", std::to_string(what.most));
    out += element("KeyCount", std::to_string(found.objects.size() + found.common_prefixes.size()));
    out += element("IsTruncated", found.next.empty() ? "false" : "true");
    if (!what.token.empty()) out += element("ContinuationToken", escaped(what.token));
    if (!found.next.empty()) out += element("NextContinuationToken", found.next);
    for (const auto& each : found.objects)
        out += element("Contents",
                       element("Key", name(each.key)) + element("LastModified", spelled(each.modified)) +
                           element("ETag", "&quot;" + each.etag + "&quot;") +
                           element("Size", std::to_string(each.size)) + element("StorageClass", "STANDARD"));
    for (const auto& each : found.common_prefixes)
        out += element("CommonPrefixes", element("Prefix", name(each)));
    return out + "</ListBucketResult>";
}

}  // namespace

task<outcome> list_objects(service& s, asked a) {
    const auto wanted = read_listing(a.x.in.query);
    if (!wanted) co_return wanted.error();
    const auto found = co_await s.files.run([&] { return s.objects->list(a.where.name, wanted->what); });
    http::response r;
    r.content_type = "application/xml";
    r.body = written(*wanted, found, a.where.name);
    co_return r;
}

}  // namespace astrotalk::storage
