// Listing a bucket. The names on disk say nothing, so every object's head is read once and remembered until
// its folder changes: a rename, a new file and a removed one all change the folder's time.
#include <dirent.h>
#include <fcntl.h>

#include "core/log.hpp"
#include "storage/vault.hpp"

namespace astrotalk::storage {
namespace {

// The file system's clock ticks every few milliseconds: what was read sooner after a change may have missed
// another of the same tick.
constexpr std::int64_t settled = 1'000'000'000;

std::int64_t nanoseconds(const timespec& at) { return at.tv_sec * std::int64_t{1'000'000'000} + at.tv_nsec; }

std::int64_t now() {
    timespec at{};
    clock_gettime(CLOCK_REALTIME, &at);
    return nanoseconds(at);
}

std::vector<std::string> names_in(const std::filesystem::path& folder) {
    std::vector<std::string> names;
    for (const auto& each : std::filesystem::directory_iterator(folder))
        names.push_back(each.path().filename());
    return names;
}

}  // namespace

void vault::refresh(const std::filesystem::path& folder, std::string_view first, shard& into) const {
    struct stat facts{};
    if (stat(folder.c_str(), &facts) != 0) return into.files.clear();
    const auto modified = nanoseconds(facts.st_mtim), at = now();
    if (modified == into.modified && into.read_at > modified + settled) return;
    std::map<std::string, remembered, std::less<>> files;
    for (auto& name : names_in(folder)) {
        struct stat file{};
        if (stat((folder / name).c_str(), &file) != 0) continue;  // removed meanwhile
        remembered entry{file.st_ino, nanoseconds(file.st_mtim), file.st_size, {}};
        const auto known = into.files.find(name);
        if (known != into.files.end() && known->second.inode == entry.inode &&
            known->second.modified == entry.modified && known->second.size == entry.size) {
            entry.object = std::move(known->second.object);
        } else {
            try {
                auto found = open(folder / name, std::string(first) + name);
                if (!found) continue;
                auto& head = found->head;
                entry.object = {std::move(head.key), std::move(head.facts.etag), head.facts.size,
                                head.facts.modified};
            } catch (const std::runtime_error& e) {
                log::error("storage.unreadable", {{"file", log::text(name)}, {"error", log::text(e.what())}});
                continue;
            }
        }
        files.emplace(std::move(name), std::move(entry));
    }
    into = {modified, at, std::move(files)};
}

page vault::list(std::string_view bucket, const list_request& asked) {
    auto& all = catalogues_.find(bucket)->second;
    const std::lock_guard lock(all.mutex);
    std::vector<const listed_object*> objects;
    for (std::size_t i = 0; i < all.shards.size(); ++i) {
        const auto first = crypto::hex(bytes{static_cast<unsigned char>(i)});
        refresh(folder_ / bucket / first, first, all.shards[i]);
        for (const auto& [name, entry] : all.shards[i].files) objects.push_back(&entry.object);
    }
    return page_of(objects, asked);
}

}  // namespace astrotalk::storage
