#include "privacy/audit.hpp"

#include <gtest/gtest.h>

#include "crypto/crypto.hpp"

namespace astrotalk::privacy {
namespace {

audit_row example() {
    audit_row row;
    row.seq = 258;
    row.id = *uuid::parse("00112233-4455-6677-8899-aabbccddeeff");
    row.at = instant(std::chrono::microseconds(1));
    row.actor_role = "user";
    row.action = "hold.create";
    row.subject_kind = "hold";
    row.reason = "";
    return row;
}

// Written out by hand from the description in audit.hpp: a change of the encoding breaks every log sealed
// before.
TEST(audit_encoding, is_what_the_header_says) {
    const std::string expected =
        "00000011"
        "617374726f74616c6b2d61756469742d31"  // astrotalk-audit-1
        "00000008"
        "0000000000000102"
        "00000010"
        "00112233445566778899aabbccddeeff"
        "00000008"
        "0000000000000001"
        "ffffffff"
        "00000004"
        "75736572"
        "0000000b"
        "686f6c642e637265617465"
        "00000004"
        "686f6c64"
        "ffffffff"
        "00000000"
        "ffffffff"
        "ffffffff";
    EXPECT_EQ(crypto::hex(canonical_bytes(example())), expected);
}

TEST(audit_encoding, an_empty_text_is_not_a_null_and_text_does_not_move_between_fields) {
    auto without = example(), shifted = example(), plain = example();
    without.reason = std::nullopt;
    EXPECT_NE(canonical_bytes(without), canonical_bytes(example()));
    plain.actor_role = "ab";
    plain.action = "c";
    shifted.actor_role = "a";
    shifted.action = "bc";
    EXPECT_NE(canonical_bytes(plain), canonical_bytes(shifted));
}

TEST(audit_encoding, the_hash_covers_the_row_before) {
    EXPECT_NE(chain_hash(bytes(32), example()), chain_hash(bytes(32, 1), example()));
    EXPECT_EQ(chain_hash(bytes(32), example()).size(), 32u);
}

TEST(audit_head, survives_the_round_trip_and_refuses_anything_else) {
    const audit_head head{42, crypto::sha256("x")};
    const auto read = audit_head::parse(head.to_string());
    ASSERT_TRUE(read);
    EXPECT_EQ(read->seq, 42);
    EXPECT_EQ(read->hash, head.hash);
    for (const auto* text : {"", ":", "42", "42:", "x:00", "-1:00", "42:zz", "42:0011"})
        EXPECT_FALSE(audit_head::parse(text)) << text;
    EXPECT_FALSE(audit_head::parse("4 2" + head.to_string().substr(2)));
}

}  // namespace
}  // namespace astrotalk::privacy
