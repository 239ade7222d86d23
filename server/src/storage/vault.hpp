// Objects as sealed files in a folder. What the embedded object store keeps.
//
// A write is whole or was not: it goes to a file of its own, is synced, takes the object's place by a rename,
// and the folder is synced before anybody is told. Files are named by keyed hashes, so that no key reaches
// the file system. Every process may open the same folder: what must not interleave is locked there.
//
// Thread-safe. Every call blocks on the disk: never on an I/O thread. Lifetime: the keyring outlives it.
// Errors: std::system_error for the disk's; std::runtime_error when something does not open that should.
#pragma once

#include <array>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "storage/files.hpp"
#include "storage/frames.hpp"

namespace astrotalk::storage {

class vault {
  public:
    // Makes `folder` and the buckets' folders, and sweeps what writers that died have left.
    vault(std::filesystem::path folder, const crypto::keyring& keys, const std::vector<std::string>& buckets);
    vault(const vault&) = delete;

    bool has(std::string_view bucket) const { return catalogues_.find(bucket) != catalogues_.end(); }

    // The calls below are for buckets that it has.

    result<object_facts, write_verdict> put(std::string_view bucket, std::string_view key,
                                            object_traits traits, std::string_view content,
                                            const write_condition& condition = {});

    struct found {
        object_facts facts;
        std::string content;  // of the span that was chosen
    };
    // `choose` says which span to read once the facts are known; nothing: the facts are enough.
    using chooser = std::function<std::optional<byte_span>(const object_facts&)>;
    std::optional<found> get(std::string_view bucket, std::string_view key, const chooser& choose) const;
    std::optional<object_facts> head(std::string_view bucket, std::string_view key) const;

    void remove(std::string_view bucket, std::string_view key);
    page list(std::string_view bucket, const list_request& asked);

    struct resealed {
        std::int64_t changed = 0, unreadable = 0;
    };
    // Seals anew what another data key than the current one sealed. Objects that are replaced or removed
    // meanwhile stay so.
    resealed reseal();

  private:
    struct place {
        std::filesystem::path folder;
        std::string file;  // in it
        std::string name;  // of the whole, to which the head is bound
        std::filesystem::path path() const { return folder / file; }
    };
    struct opened {
        descriptor file;
        object_head head;
        std::size_t head_size = 0;
        bytes key_id;
    };
    // What a folder of hashes held when it was last read.
    struct remembered {
        std::uint64_t inode = 0;
        std::int64_t modified = 0, size = 0;
        listed_object object;
    };
    struct shard {
        std::int64_t modified = -1, read_at = 0;  // of the folder, in nanoseconds
        std::map<std::string, remembered, std::less<>> files;
    };
    struct catalogue {
        std::mutex mutex;
        std::array<shard, 256> shards;
    };

    place place_of(std::string_view bucket, std::string_view key) const;
    std::optional<opened> open(const std::filesystem::path& path, std::string_view name) const;
    std::optional<opened> open_or_throw(const place& at) const;
    template <class Next>
    std::filesystem::path write(const object_head& head, std::string_view name, descriptor& file,
                                Next next) const;
    void sweep() const;
    void reseal_file(const std::filesystem::path& folder, const std::string& file, resealed& done) const;
    void refresh(const std::filesystem::path& folder, std::string_view first, shard& into) const;

    std::filesystem::path folder_, incoming_;
    const crypto::keyring& keys_;
    std::map<std::string, catalogue, std::less<>> catalogues_;  // by bucket; never changes
};

}  // namespace astrotalk::storage
