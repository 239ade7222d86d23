// The checksums that S3's clients send with a body and read back with it.
//
// Pure and thread-safe; all take time by the size of what they read, and none is a defence against an
// attacker: that is what signatures and seals are for.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace astrotalk::storage {

struct checksum_kind {
    std::string_view name;                        // "CRC32", as algorithms are called
    std::string_view header;                      // "x-amz-checksum-crc32"
    std::size_t size;                             // of its value, before base64
    std::string (*compute)(std::string_view of);  // big-endian bytes
};

std::span<const checksum_kind> checksum_kinds();
// By name, in any case, or by header; null: none that we know.
const checksum_kind* find_checksum(std::string_view name_or_header);

std::string md5(std::string_view of);  // 16 bytes

}  // namespace astrotalk::storage
