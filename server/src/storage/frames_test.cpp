#include "storage/frames.hpp"

#include <gtest/gtest.h>

namespace astrotalk::storage {
namespace {

const crypto::keyring keys(bytes(32, 1));

object_head head_of(std::uint64_t size, std::string key = "a key") {
    object_head head{bytes(32, 7), uuid::v7(), "bucket", std::move(key), {}};
    head.facts.size = size;
    head.facts.etag = "0123";
    head.facts.modified = instant(std::chrono::microseconds(1'234'567));
    head.facts.traits = {"image/webp", "no-cache", "inline", "gzip", "hi", "never", {{"a", "b"}, {"क", ""}},
                         "CRC32",      "AAAA"};
    return head;
}

std::string sealed_of(const std::string& file) { return file.substr(prelude_size); }

TEST(frames, a_head_is_read_back_whole) {
    const auto head = head_of(5);
    const auto file = seal_head(keys, head, "name");
    ASSERT_EQ(head_size(file.substr(0, prelude_size)), file.size());
    const auto read = open_head(keys, sealed_of(file), "name");
    ASSERT_TRUE(read);
    EXPECT_EQ(read->frame_key, head.frame_key);
    EXPECT_EQ(read->version, head.version);
    EXPECT_EQ(read->bucket, head.bucket);
    EXPECT_EQ(read->key, head.key);
    EXPECT_EQ(read->facts.size, 5u);
    EXPECT_EQ(read->facts.etag, "0123");
    EXPECT_EQ(read->facts.modified, head.facts.modified);
    EXPECT_EQ(read->facts.traits, head.facts.traits);
    EXPECT_EQ(sealed_by(sealed_of(file)), keys.current_key());
    EXPECT_EQ(file.find("a key"), std::string::npos) << "nothing of it is in clear";
}

TEST(frames, a_head_opens_only_in_its_own_file_unchanged_and_under_its_key) {
    const auto file = seal_head(keys, head_of(5), "name");
    EXPECT_FALSE(open_head(keys, sealed_of(file), "another name"));
    EXPECT_FALSE(open_head(crypto::keyring(bytes(32, 2)), sealed_of(file), "name"));
    for (const std::size_t at : {std::size_t{0}, std::size_t{3}, std::size_t{10}, file.size() - 9}) {
        auto changed = sealed_of(file);
        changed[at] = static_cast<char>(changed[at] ^ 1);
        EXPECT_FALSE(open_head(keys, changed, "name")) << at;
    }
    EXPECT_FALSE(open_head(keys, "", "name"));
    EXPECT_FALSE(head_size("ATO1"));
    EXPECT_FALSE(head_size("PK\3\4abcd"));
    EXPECT_FALSE(head_size(std::string("ATO1\x7f\xff\xff\xff", 8)));
}

TEST(frames, a_frame_opens_only_in_its_own_place) {
    auto head = head_of(10);
    head.frame = 4;  // "0123" "4567" "89"
    const auto second = crypto::to_text(seal_frame(head, 1, "4567"));
    EXPECT_EQ(crypto::to_text(open_frame(head, 1, second).value()), "4567");
    EXPECT_FALSE(open_frame(head, 0, second));
    EXPECT_FALSE(open_frame(head, 2, second));
    auto shorter = head;
    shorter.facts.size = 8;  // then it would be the last
    EXPECT_FALSE(open_frame(shorter, 1, second));
    for (auto change :
         {+[](object_head& h) { h.key = "another"; }, +[](object_head& h) { h.bucket = "b"; },
          +[](object_head& h) { h.version = uuid::v7(); }, +[](object_head& h) { h.frame_key[0] ^= 1; }}) {
        auto other = head;
        change(other);
        EXPECT_FALSE(open_frame(other, 1, second));
    }
    auto flipped = second;
    flipped[0] ^= 1;
    EXPECT_FALSE(open_frame(head, 1, flipped));
    EXPECT_FALSE(open_frame(head, 1, second.substr(1)));
}

TEST(frames, a_span_needs_the_frames_that_hold_it_and_no_other) {
    auto head = head_of(10);
    head.frame = 4;  // each 16 bytes longer when sealed: at 0, 20 and 40, the last of 18
    struct {
        byte_span span;
        std::uint64_t first, count, offset, size;
        std::size_t skip;
    } const rows[] = {{{0, 10}, 0, 3, 0, 58, 0}, {{0, 4}, 0, 1, 0, 20, 0},  {{3, 2}, 0, 2, 0, 40, 3},
                      {{4, 4}, 1, 1, 20, 20, 0}, {{9, 1}, 2, 1, 40, 18, 1}, {{5, 5}, 1, 2, 20, 38, 1},
                      {{0, 0}, 0, 0, 0, 0, 0}};
    for (const auto& row : rows) {
        const auto run = frames_of(head, row.span);
        EXPECT_EQ(run.first, row.first) << row.span.first;
        EXPECT_EQ(run.count, row.count) << row.span.first;
        EXPECT_EQ(run.offset, row.offset) << row.span.first;
        EXPECT_EQ(run.size, row.size) << row.span.first;
        EXPECT_EQ(run.skip, row.skip) << row.span.first;
    }
}

}  // namespace
}  // namespace astrotalk::storage
