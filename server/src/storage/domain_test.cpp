#include "storage/domain.hpp"

#include <gtest/gtest.h>

#include "storage/s3_listing.hpp"

namespace astrotalk::storage {
namespace {

using namespace std::chrono_literals;

TEST(ranges, are_cut_to_what_is_there) {
    struct {
        const char* header;
        std::uint64_t size;
        std::optional<byte_span> span;
        bool part;
    } const rows[] = {
        {"bytes=0-0", 10, byte_span{0, 1}, true},
        {"bytes=2-4", 10, byte_span{2, 3}, true},
        {"bytes=2-", 10, byte_span{2, 8}, true},
        {"bytes=-3", 10, byte_span{7, 3}, true},
        {"bytes=-30", 10, byte_span{0, 10}, true},
        {"bytes=9-99", 10, byte_span{9, 1}, true},
        {"bytes= 2 - 4 ", 10, byte_span{2, 3}, true},
        // None of it is there.
        {"bytes=10-", 10, {}, true},
        {"bytes=10-20", 10, {}, true},
        {"bytes=-0", 10, {}, true},
        {"bytes=0-", 0, {}, true},
        {"bytes=-1", 0, {}, true},
        // Not understood: as if nothing had been said.
        {"", 10, byte_span{0, 10}, false},
        {"bytes=4-2", 10, byte_span{0, 10}, false},
        {"bytes=0-1,3-4", 10, byte_span{0, 10}, false},
        {"bytes=a-b", 10, byte_span{0, 10}, false},
        {"bytes=-", 10, byte_span{0, 10}, false},
        {"bytes=1", 10, byte_span{0, 10}, false},
        {"items=0-1", 10, byte_span{0, 10}, false},
        {"bytes=99999999999999999999-", 10, byte_span{0, 10}, false},
        {"bytes=0-18446744073709551615", 10, byte_span{0, 10}, true},
        {"bytes=18446744073709551615-18446744073709551615", 10, {}, true},
    };
    for (const auto& row : rows) {
        const auto chosen = choose_range(row.header, row.size);
        EXPECT_EQ(chosen.is_part, row.part) << row.header;
        EXPECT_EQ(chosen.span, row.span) << row.header << " of " << row.size;
    }
}

object_facts facts(std::string etag) {
    object_facts made;
    made.etag = std::move(etag);
    made.modified = instant(1'000'000s) + 500ms;
    return made;
}

TEST(conditions, of_reading) {
    const auto at = http_time(instant(1'000'000s)), before = http_time(instant(999'999s));
    EXPECT_EQ(at, "Mon, 12 Jan 1970 13:46:40 GMT");
    EXPECT_EQ(read_http_time(at), instant(1'000'000s));
    EXPECT_FALSE(read_http_time("Mon, 12 Jan 1970 13:46:40 IST"));
    const auto f = facts("abc");
    EXPECT_EQ(judge(conditions{}, f), verdict::go_on);
    EXPECT_EQ(judge({.if_match = "\"abc\""}, f), verdict::go_on);
    EXPECT_EQ(judge({.if_match = "\"x\", \"abc\""}, f), verdict::go_on);
    EXPECT_EQ(judge({.if_match = "*"}, f), verdict::go_on);
    EXPECT_EQ(judge({.if_match = "\"abcd\""}, f), verdict::failed);
    EXPECT_EQ(judge({.if_none_match = "\"abc\""}, f), verdict::not_modified);
    EXPECT_EQ(judge({.if_none_match = "W/\"abc\""}, f), verdict::not_modified);
    EXPECT_EQ(judge({.if_none_match = "\"x\""}, f), verdict::go_on);
    EXPECT_EQ(judge({.if_modified_since = at}, f), verdict::not_modified);
    EXPECT_EQ(judge({.if_modified_since = before}, f), verdict::go_on);
    EXPECT_EQ(judge({.if_unmodified_since = before}, f), verdict::failed);
    EXPECT_EQ(judge({.if_unmodified_since = at}, f), verdict::go_on);
    // RFC 9110: the entity tag decides where there are both.
    EXPECT_EQ(judge({.if_none_match = "\"x\"", .if_modified_since = at}, f), verdict::go_on);
    EXPECT_EQ(judge({.if_match = "\"abc\"", .if_unmodified_since = before}, f), verdict::go_on);
}

TEST(conditions, of_writing) {
    const auto f = facts("abc");
    EXPECT_EQ(judge(write_condition{}, &f), write_verdict::go_on);
    EXPECT_EQ(judge(write_condition{.if_none_match = true}, nullptr), write_verdict::go_on);
    EXPECT_EQ(judge(write_condition{.if_none_match = true}, &f), write_verdict::failed);
    EXPECT_EQ(judge(write_condition{"\"abc\""}, &f), write_verdict::go_on);
    EXPECT_EQ(judge(write_condition{"\"x\""}, &f), write_verdict::failed);
    EXPECT_EQ(judge(write_condition{"\"abc\""}, nullptr), write_verdict::missing);
}

struct shelf {
    std::vector<listed_object> objects;
    explicit shelf(std::initializer_list<const char*> keys) {
        for (const auto* each : keys) objects.push_back({each, "e", 1, {}});
    }
    page ask(const list_request& what) const {
        std::vector<const listed_object*> all;
        for (const auto& each : objects) all.push_back(&each);
        return page_of(all, what);
    }
};

std::string keys_of(const page& p) {
    std::string all;
    for (const auto& each : p.objects) all += each.key + " ";
    for (const auto& each : p.common_prefixes) all += "[" + each + "] ";
    return all;
}

const shelf books{"b/2", "a", "b/1", "b/c/1", "c", "b/c/2", "d/1", "b"};

TEST(listing, is_in_the_order_of_bytes_below_a_prefix) {
    EXPECT_EQ(keys_of(books.ask({})), "a b b/1 b/2 b/c/1 b/c/2 c d/1 ");
    EXPECT_EQ(keys_of(books.ask({.prefix = "b/"})), "b/1 b/2 b/c/1 b/c/2 ");
    EXPECT_EQ(keys_of(books.ask({.prefix = "x"})), "");
    EXPECT_EQ(keys_of(books.ask({.after = "b/2"})), "b/c/1 b/c/2 c d/1 ");
}

TEST(listing, tells_a_folder_once_by_the_delimiter) {
    EXPECT_EQ(keys_of(books.ask({.delimiter = "/"})), "a b c [b/] [d/] ");
    EXPECT_EQ(keys_of(books.ask({.prefix = "b/", .delimiter = "/"})), "b/1 b/2 [b/c/] ");
    EXPECT_EQ(keys_of(books.ask({.prefix = "b", .delimiter = "/"})), "b [b/] ");
}

TEST(listing, pages_lose_and_repeat_nothing) {
    for (const std::string delimiter : {"", "/"})
        for (std::size_t most = 1; most < 10; ++most) {
            const auto whole = books.ask({.delimiter = delimiter});
            std::size_t objects = 0, prefixes = 0;
            list_request what{.delimiter = delimiter, .most = most};
            for (int pages = 0; pages < 10; ++pages) {
                const auto p = books.ask(what);
                EXPECT_LE(p.objects.size() + p.common_prefixes.size(), most);
                for (const auto& each : p.objects) EXPECT_EQ(each.key, whole.objects.at(objects++).key);
                for (const auto& each : p.common_prefixes)
                    EXPECT_EQ(each, whole.common_prefixes.at(prefixes++));
                if (p.next.empty()) break;
                EXPECT_TRUE(is_token(p.next));
                what.token = p.next;
            }
            EXPECT_EQ(objects, whole.objects.size());
            EXPECT_EQ(prefixes, whole.common_prefixes.size());
        }
    const auto none = books.ask({.most = 0});
    EXPECT_TRUE(none.objects.empty() && none.next.empty());
    for (const char* forged : {"", "x", "!!", "eA", "aw"}) EXPECT_FALSE(is_token(forged)) << forged;
}

TEST(listing, of_s3_is_read) {
    const auto found = read_listing(R"(<?xml version="1.0" encoding="UTF-8"?>
<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name>
<IsTruncated>true</IsTruncated>
<NextContinuationToken>1ueGcxLPRx1Tr/XYExHnhbYLgveDs2J/wm36Hy4vbOwM=</NextContinuationToken>
<Contents><Key>a+b%2Bc%25%E0%A4%95/%26</Key>
<LastModified>2009-10-12T17:50:30.250Z</LastModified>
<ETag>&quot;fba9dede5f27731c9771645a39863328&quot;</ETag><Size>434234</Size></Contents>
<CommonPrefixes><Prefix>photos%2F</Prefix></CommonPrefixes></ListBucketResult>)");
    ASSERT_TRUE(found);
    ASSERT_EQ(found->objects.size(), 1u);
    EXPECT_EQ(found->objects[0].key, "a b+c%क/&");
    EXPECT_EQ(found->objects[0].size, 434234u);
    EXPECT_EQ(found->objects[0].etag, "fba9dede5f27731c9771645a39863328");
    EXPECT_EQ(http_time(found->objects[0].modified), "Mon, 12 Oct 2009 17:50:30 GMT");
    EXPECT_EQ(found->common_prefixes, std::vector<std::string>{"photos/"});
    EXPECT_EQ(found->next, "1ueGcxLPRx1Tr/XYExHnhbYLgveDs2J/wm36Hy4vbOwM=");
    for (const char* other : {"", "no XML", "<a/>", "<ListBucketResult><Contents><Key>k</Key></Contents>",
                              "<ListBucketResult><Contents><Size>1</Size></Contents></ListBucketResult>"})
        EXPECT_FALSE(read_listing(other)) << other;
}

TEST(names, of_buckets_and_keys) {
    for (const char* good : {"abc", "astrotalk-public", "0a0"}) EXPECT_TRUE(is_bucket_name(good)) << good;
    for (const char* bad : {"", "ab", "Abc", "-abc", "abc-", "a.c", "a/c", "..."})
        EXPECT_FALSE(is_bucket_name(bad)) << bad;
    EXPECT_TRUE(is_key("../a//b"));
    EXPECT_TRUE(is_key(std::string(1024, 'k')));
    EXPECT_FALSE(is_key(std::string(1025, 'k')));
    EXPECT_FALSE(is_key(""));
}

}  // namespace
}  // namespace astrotalk::storage
