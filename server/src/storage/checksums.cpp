#include "storage/checksums.hpp"

#include <openssl/evp.h>

#include <boost/crc.hpp>

#include "core/verify.hpp"

namespace astrotalk::storage {
namespace {

template <int Bits>
std::string big_endian(std::uint64_t value) {
    std::string made;
    for (int shift = Bits - 8; shift >= 0; shift -= 8) made += static_cast<char>((value >> shift) & 255);
    return made;
}

template <class Crc, int Bits>
std::string crc(std::string_view of) {
    Crc made;
    made.process_bytes(of.data(), of.size());
    return big_endian<Bits>(made.checksum());
}

constexpr std::uint64_t all_64 = ~std::uint64_t{0};
using crc32c_type = boost::crc_optimal<32, 0x1EDC6F41, 0xFFFFFFFF, 0xFFFFFFFF, true, true>;
using crc64nvme_type = boost::crc_optimal<64, 0xAD93D23594C93659, all_64, all_64, true, true>;

std::string digest(const char* algorithm, std::string_view of) {
    std::string made(EVP_MAX_MD_SIZE, '\0');
    std::size_t size = 0;
    verify(EVP_Q_digest(nullptr, algorithm, nullptr, of.data(), of.size(),
                        reinterpret_cast<unsigned char*>(made.data()), &size) == 1);
    made.resize(size);
    return made;
}

std::string sha1(std::string_view of) { return digest("SHA1", of); }
std::string sha256(std::string_view of) { return digest("SHA256", of); }

constexpr checksum_kind kinds[] = {
    {"CRC32", "x-amz-checksum-crc32", 4, crc<boost::crc_32_type, 32>},
    {"CRC32C", "x-amz-checksum-crc32c", 4, crc<crc32c_type, 32>},
    {"CRC64NVME", "x-amz-checksum-crc64nvme", 8, crc<crc64nvme_type, 64>},
    {"SHA1", "x-amz-checksum-sha1", 20, sha1},
    {"SHA256", "x-amz-checksum-sha256", 32, sha256},
};

bool same(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
        return (x >= 'a' && x <= 'z' ? x - 32 : x) == (y >= 'a' && y <= 'z' ? y - 32 : y);
    });
}

}  // namespace

std::span<const checksum_kind> checksum_kinds() { return kinds; }

const checksum_kind* find_checksum(std::string_view name_or_header) {
    for (const auto& each : kinds)
        if (same(each.name, name_or_header) || same(each.header, name_or_header)) return &each;
    return nullptr;
}

std::string md5(std::string_view of) { return digest("MD5", of); }

}  // namespace astrotalk::storage
