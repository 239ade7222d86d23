#include "storage/checksums.hpp"

#include <gtest/gtest.h>

#include "crypto/crypto.hpp"

namespace astrotalk::storage {
namespace {

std::string of(std::string_view kind, std::string_view text) {
    return crypto::hex(find_checksum(kind)->compute(text));
}

// The check values of the catalogue of parametrised CRC algorithms, and of RFC 1321, 3174 and 6234.
TEST(checksums, the_published_values) {
    EXPECT_EQ(of("CRC32", "123456789"), "cbf43926");
    EXPECT_EQ(of("CRC32C", "123456789"), "e3069283");
    EXPECT_EQ(of("CRC64NVME", "123456789"), "ae8b14860a799888");
    EXPECT_EQ(of("SHA1", "abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
    EXPECT_EQ(of("SHA256", "abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(crypto::hex(md5("abc")), "900150983cd24fb0d6963f7d28e17f72");
    EXPECT_EQ(of("CRC32", ""), "00000000");
}

TEST(checksums, are_found_by_name_and_by_header) {
    for (const auto& each : checksum_kinds()) {
        EXPECT_EQ(find_checksum(each.name), &each);
        EXPECT_EQ(find_checksum(each.header), &each);
        EXPECT_EQ(each.compute("x").size(), each.size);
    }
    EXPECT_EQ(find_checksum("crc32"), &checksum_kinds()[0]);
    EXPECT_EQ(find_checksum("x-amz-checksum-type"), nullptr);
    EXPECT_EQ(find_checksum(""), nullptr);
}

}  // namespace
}  // namespace astrotalk::storage
