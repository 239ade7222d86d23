#include "storage/vault.hpp"

#include <unistd.h>

#include "core/log.hpp"
#include "core/verify.hpp"
#include "storage/checksums.hpp"

namespace astrotalk::storage {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t shard_digits = 2, usual_head = 4096;

// Removes a file that did not become an object.
class leftover {
  public:
    explicit leftover(fs::path of) : path_(std::move(of)) {}
    ~leftover() {
        if (!path_.empty()) unlink(path_.c_str());
    }
    leftover(const leftover&) = delete;
    void keep() { path_.clear(); }

  private:
    fs::path path_;
};

object_head fresh_head(std::string_view bucket, std::string_view key, object_facts facts) {
    return {crypto::random_bytes(32), uuid::v7(), std::string(bucket), std::string(key), std::move(facts)};
}

std::size_t size_of_frame(const object_head& head, std::uint64_t index) {
    return static_cast<std::size_t>(
        std::min<std::uint64_t>(head.frame, head.facts.size - index * head.frame));
}

std::uint64_t frame_count(const object_head& head) { return (head.facts.size + head.frame - 1) / head.frame; }

// The content of a run of frames, whole.
bytes read_frame(const descriptor& file, const object_head& head, std::size_t behind, std::uint64_t index) {
    const auto sealed = read_at(file, behind + index * (head.frame + frame_overhead),
                                size_of_frame(head, index) + frame_overhead);
    auto content = open_frame(head, index, sealed);
    if (!content) throw std::runtime_error("storage: a frame does not open: its file was changed");
    return std::move(*content);
}

}  // namespace

vault::vault(fs::path folder, const crypto::keyring& keys, const std::vector<std::string>& buckets)
    : folder_(std::move(folder)), incoming_(folder_ / ".incoming"), keys_(keys) {
    fs::create_directories(folder_);
    open_folder(incoming_);
    for (const auto& each : buckets) {
        verify(is_bucket_name(each));
        open_folder(folder_ / each);
        catalogues_.try_emplace(each);
    }
    sweep();
}

// Writers hold their files; who died holds nothing.
void vault::sweep() const {
    int swept = 0;
    for (const auto& each : fs::directory_iterator(incoming_)) {
        const auto file = open_file(each.path());
        if (file && is_abandoned(*file) && unlink(each.path().c_str()) == 0) ++swept;
    }
    if (swept > 0) log::info("storage.swept", {{"files", swept}});
}

vault::place vault::place_of(std::string_view bucket, std::string_view key) const {
    const std::string whole = std::string(bucket) + '\0' + std::string(key);
    const auto hash = crypto::hex(keys_.mac("storage.name", whole));
    return {folder_ / bucket / hash.substr(0, shard_digits), hash.substr(shard_digits), hash};
}

std::optional<vault::opened> vault::open(const fs::path& path, std::string_view name) const {
    auto file = open_file(path);
    if (!file) return std::nullopt;
    auto start = read_at(*file, 0, usual_head);
    const auto size = storage::head_size(start);
    if (!size) throw std::runtime_error("storage: a file is not an object");
    if (*size > start.size()) start += read_at(*file, start.size(), *size - start.size());
    const auto sealed = std::string_view(start).substr(prelude_size, *size - prelude_size);
    auto head = open_head(keys_, sealed, name);
    if (!head) throw std::runtime_error("storage: an object does not open under the known keys");
    return opened{std::move(*file), std::move(*head), *size, sealed_by(sealed)};
}

// Writes head and frames to a new file, and syncs it.
template <class Next>
fs::path vault::write(const object_head& head, std::string_view name, descriptor& file, Next next) const {
    const auto path = incoming_ / uuid::v7().to_string();
    file = create_file(path);
    leftover unfinished(path);
    write_all(file, seal_head(keys_, head, name));
    for (std::uint64_t i = 0; i < frame_count(head); ++i)
        write_all(file, crypto::to_text(seal_frame(head, i, next(i))));
    sync(file);
    unfinished.keep();
    return path;
}

result<object_facts, write_verdict> vault::put(std::string_view bucket, std::string_view key,
                                               object_traits traits, std::string_view content,
                                               const write_condition& condition) {
    const auto head =
        fresh_head(bucket, key, {content.size(), crypto::hex(md5(content)), clock::now(), std::move(traits)});
    const auto at = place_of(bucket, key);
    descriptor file;
    const auto written = write(head, at.name, file, [&](std::uint64_t i) {
        return content.substr(i * head.frame, size_of_frame(head, i));
    });
    leftover unused(written);
    const auto folder = open_folder(at.folder);
    {
        const exclusive alone(folder);
        if (condition.if_none_match || !condition.if_match.empty()) {
            const auto present = open(at.path(), at.name);
            const auto said = judge(condition, present ? &present->head.facts : nullptr);
            if (said != write_verdict::go_on) return said;
        }
        rename_file(written, at.path());
        unused.keep();
    }
    sync(folder);
    return head.facts;
}

std::optional<vault::found> vault::get(std::string_view bucket, std::string_view key,
                                       const chooser& choose) const {
    const auto at = place_of(bucket, key);
    auto object = open(at.path(), at.name);
    if (!object) return std::nullopt;
    found made{object->head.facts, {}};
    const auto span = choose(made.facts);
    if (!span || span->size == 0) return made;
    const auto run = frames_of(object->head, *span);
    made.content.reserve(static_cast<std::size_t>(span->size) + run.skip);
    for (auto i = run.first; i < run.first + run.count; ++i) {
        const auto content = read_frame(object->file, object->head, object->head_size, i);
        made.content.append(content.begin(), content.end());
    }
    made.content.erase(0, run.skip);
    made.content.resize(static_cast<std::size_t>(span->size));
    return made;
}

std::optional<object_facts> vault::head(std::string_view bucket, std::string_view key) const {
    auto object = get(bucket, key, [](const object_facts&) { return std::nullopt; });
    if (!object) return std::nullopt;
    return std::move(object->facts);
}

void vault::remove(std::string_view bucket, std::string_view key) {
    const auto at = place_of(bucket, key);
    const auto folder = open_folder(at.folder);
    {
        const exclusive alone(folder);
        if (unlink(at.path().c_str()) != 0 && errno != ENOENT)
            throw std::system_error(errno, std::system_category(), "storage: cannot remove a file");
    }
    sync(folder);
}

vault::resealed vault::reseal() {
    resealed done;
    for (const auto& [bucket, unused] : catalogues_)
        for (const auto& folder : fs::directory_iterator(folder_ / bucket)) {
            std::vector<std::string> files;
            for (const auto& each : fs::directory_iterator(folder)) files.push_back(each.path().filename());
            for (const auto& each : files) reseal_file(folder.path(), each, done);
        }
    return done;
}

void vault::reseal_file(const fs::path& folder, const std::string& file, resealed& done) const try {
    const auto name = folder.filename().string() + file;
    const auto old = open(folder / file, name);
    if (!old || old->key_id == keys_.current_key()) return;
    auto head = fresh_head(old->head.bucket, old->head.key, old->head.facts);
    head.frame = old->head.frame;
    descriptor out;
    std::string content;
    const auto written = write(head, name, out, [&](std::uint64_t i) -> std::string_view {
        return content = crypto::to_text(read_frame(old->file, old->head, old->head_size, i));
    });
    leftover unused(written);
    const auto held = open_folder(folder);
    {
        const exclusive alone(held);
        const auto present = open(folder / file, name);
        if (!present || present->head.version != old->head.version) return;
        rename_file(written, folder / file);
        unused.keep();
    }
    sync(held);
    ++done.changed;
} catch (const std::system_error&) {
    throw;
} catch (const std::runtime_error&) {
    ++done.unreadable;
}

}  // namespace astrotalk::storage
