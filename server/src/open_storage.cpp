#include "open_storage.hpp"

#include <filesystem>

#include "core/log.hpp"
#include "storage/embedded_store.hpp"
#include "storage/s3_store.hpp"

namespace astrotalk {
namespace {

std::size_t object_limit(const settings& s) { return static_cast<std::size_t>(s.storage.most_mib) << 20; }

}  // namespace

std::unique_ptr<storage::vault> open_vault(const settings& s, const crypto::keyring& keys) {
    if (s.storage.s3) return nullptr;
    std::vector<std::string> names;
    for (const auto& each : buckets_of(s)) names.push_back(each.name);
    return std::make_unique<storage::vault>(std::filesystem::path(s.data_dir) / "storage", keys, names);
}

aws::credentials own_storage_key(const crypto::keyring& keys) {
    return {"AKIAASTROTALKSTORAGE", secret(crypto::base64_encode(keys.mac("storage.own-key", ""))), {}};
}

std::vector<storage::bucket> buckets_of(const settings& s) {
    return {{s.storage.documents_bucket, false}, {s.storage.public_bucket, true}};
}

std::string storage_endpoint(const settings& s) {
    return s.storage.s3 ? s.storage.url : std::string(storage::served_below);
}

std::string photo_url(const settings& s, const std::string& issuer) {
    const auto& to = s.storage;
    const auto scheme = to.url.find("://") + 3;
    auto base = to.public_url;
    if (base.empty() && !to.s3) base = origin_of(issuer) + "/storage/" + to.public_bucket;
    if (base.empty() && to.path_style) base = to.url + "/" + to.public_bucket;
    if (base.empty()) base = to.url.substr(0, scheme) + to.public_bucket + "." + to.url.substr(scheme);
    while (base.ends_with('/')) base.pop_back();
    return base + "/photos/";
}

std::unique_ptr<storage::object_store> make_object_store(const settings& s, const storage_parts& parts,
                                                         http::client& out, const std::string& issuer) {
    if (s.storage.s3)
        return std::make_unique<storage::s3_store>(out,
                                                   storage::s3_options{.endpoint = s.storage.url,
                                                                       .region = s.storage.region,
                                                                       .who = s.storage.keys,
                                                                       .path_style = s.storage.path_style,
                                                                       .object_limit = object_limit(s)});
    return std::make_unique<storage::embedded_store>(
        *parts.objects, parts.files,
        storage::embedded_options{.endpoint = origin_of(issuer) + "/storage",
                                  .region = parts.region,
                                  .own = parts.own,
                                  .object_limit = object_limit(s)});
}

task<http::server_options::admission> admit_upload(storage::service& s, http::request& head) {
    if (head.method != http::verb::put || !head.path.starts_with(storage::served_below))
        co_return http::server_options::admission{};
    try {
        auto said = co_await storage::admit(s, head);
        co_return http::server_options::admission{said.limit, std::move(said.refusal)};
    } catch (const std::exception& e) {
        log::error("storage.not_admitted", {{"error", log::text(e.what())}});
    }
    auto away = http::problem(503, "unavailable", "The service is not available: try again");
    storage::restate_refusal(away);
    co_return http::server_options::admission{0, std::move(away)};
}

}  // namespace astrotalk
