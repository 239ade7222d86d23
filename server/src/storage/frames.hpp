// How an object lies on disk: a sealed head, and the content in frames that are sealed one by one, so that a
// range is read without what is before and behind it. docs/adr/0008-objects-are-sealed-in-frames.md
//
// Each writing of an object draws a key of its own, which only the head knows; the head is sealed by the
// keyring and names the data key that did so. Pure and thread-safe. Errors: what does not open is nothing.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/ids.hpp"
#include "crypto/keyring.hpp"
#include "storage/domain.hpp"

namespace astrotalk::storage {

inline constexpr std::uint32_t frame_size = 64 * 1024;
inline constexpr std::size_t frame_overhead = 16;
inline constexpr std::size_t prelude_size = 8, longest_head = 32 * 1024;

struct object_head {
    bytes frame_key;  // 32 random bytes
    uuid version;     // of this writing
    std::string bucket, key;
    object_facts facts;
    std::uint32_t frame = frame_size;
};

// The head as it begins the file of that name: magic, its size, sealed.
std::string seal_head(const crypto::keyring& keys, const object_head& head, std::string_view name);
// The size of the head, the prelude included, by the file's first eight bytes; nothing when it is no object.
std::optional<std::size_t> head_size(std::string_view prelude);
// `sealed`: without the prelude. Nothing when another file's, tampered with, or its key is not known.
std::optional<object_head> open_head(const crypto::keyring& keys, std::string_view sealed,
                                     std::string_view name);
// The id of the data key that sealed the head.
bytes sealed_by(std::string_view sealed);

bytes seal_frame(const object_head& of, std::uint64_t index, std::string_view content);
std::optional<bytes> open_frame(const object_head& of, std::uint64_t index, std::string_view sealed);

// Which frames hold a span of the content, and where they lie behind the head.
struct frame_run {
    std::uint64_t first = 0, count = 0;  // frames
    std::uint64_t offset = 0, size = 0;  // sealed bytes
    std::size_t skip = 0;                // of the first frame's content
};
frame_run frames_of(const object_head& of, const byte_span& span);

}  // namespace astrotalk::storage
