#include "storage/s3_listing.hpp"

#include <date/date.h>

#include <boost/property_tree/xml_parser.hpp>
#include <sstream>

#include "http/http.hpp"

namespace astrotalk::storage {
namespace {

using tree = boost::property_tree::ptree;

// Amazon encodes a blank as '+', others as %20.
std::optional<std::string> name_in(const tree& parent, const char* element) {
    auto text = parent.get<std::string>(element, "");
    std::replace(text.begin(), text.end(), '+', ' ');
    return http::decode_path_value(text);
}

std::optional<instant> read_instant(const std::string& text) {
    std::istringstream in(text);
    instant at;
    in >> date::parse("%FT%TZ", at);
    return in.fail() ? std::nullopt : std::optional(at);
}

std::optional<listed_object> read_object(const tree& from) {
    auto key = name_in(from, "Key");
    const auto modified = read_instant(from.get<std::string>("LastModified", ""));
    const auto size = from.get_optional<std::uint64_t>("Size");
    if (!key || key->empty() || !modified || !size) return std::nullopt;
    auto etag = from.get<std::string>("ETag", "");
    std::erase(etag, '"');
    return listed_object{std::move(*key), std::move(etag), *size, *modified};
}

}  // namespace

std::optional<page> read_listing(const std::string& xml) try {
    std::istringstream in(xml);
    tree document;
    boost::property_tree::read_xml(in, document);
    const auto root = document.get_child_optional("ListBucketResult");
    if (!root) return std::nullopt;
    page made;
    for (const auto& [name, child] : *root) {
        if (name == "Contents") {
            auto object = read_object(child);
            if (!object) return std::nullopt;
            made.objects.push_back(std::move(*object));
        } else if (name == "CommonPrefixes") {
            auto prefix = name_in(child, "Prefix");
            if (!prefix) return std::nullopt;
            made.common_prefixes.push_back(std::move(*prefix));
        }
    }
    if (root->get<std::string>("IsTruncated", "") == "true")
        made.next = root->get<std::string>("NextContinuationToken", "");
    return made;
} catch (const boost::property_tree::ptree_error&) {
    return std::nullopt;
}

}  // namespace astrotalk::storage
