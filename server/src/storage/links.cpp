#include "storage/links.hpp"

#include "core/verify.hpp"

namespace astrotalk::storage {
namespace {

using header = std::pair<std::string_view, std::string_view>;

std::string link(std::string_view method, const address& to, const std::string& query,
                 std::span<const header> headers, const aws::credentials& who, const std::string& region,
                 std::chrono::seconds lifetime) {
    return to.url() + "?" +
           aws::presign({method, to.path, query, headers, "UNSIGNED-PAYLOAD"}, who, {region, "s3"},
                        clock::now(), lifetime);
}

}  // namespace

address address_of(std::string_view endpoint, std::string_view bucket, std::string_view key,
                   bool path_style) {
    const auto after = endpoint.find("://");
    verify(after != std::string_view::npos);
    address made{std::string(endpoint.substr(0, after)), {}, {}};
    auto rest = endpoint.substr(after + 3);
    const auto slash = std::min(rest.find('/'), rest.size());
    made.host = rest.substr(0, slash);
    // Nobody sends the usual port, and the host is signed.
    for (const auto& [scheme, port] :
         {std::pair<std::string_view, std::string_view>{"https", ":443"}, {"http", ":80"}})
        if (made.scheme == scheme && made.host.ends_with(port))
            made.host.resize(made.host.size() - port.size());
    made.path = rest.substr(slash);
    while (made.path.ends_with('/')) made.path.pop_back();
    if (path_style)
        made.path += "/" + std::string(bucket);
    else
        made.host = std::string(bucket) + "." + made.host;
    made.path += "/" + aws::percent_encoded(key, "/");
    return made;
}

std::string upload_link(const address& to, const upload_terms& terms, const aws::credentials& who,
                        const std::string& region, std::chrono::seconds lifetime) {
    const auto size = std::to_string(terms.size);
    const header headers[] = {
        {"content-length", size}, {"content-type", terms.content_type}, {"host", to.host}};
    return link("PUT", to, "", headers, who, region, lifetime);
}

std::string download_link(const address& to, const download_terms& terms, const aws::credentials& who,
                          const std::string& region, std::chrono::seconds lifetime) {
    std::string query;
    if (!terms.content_disposition.empty())
        query += "response-content-disposition=" + aws::percent_encoded(terms.content_disposition);
    if (!terms.content_type.empty())
        query += (query.empty() ? "" : "&") +
                 ("response-content-type=" + aws::percent_encoded(terms.content_type));
    const header headers[] = {{"host", to.host}};
    return link("GET", to, query, headers, who, region, lifetime);
}

}  // namespace astrotalk::storage
