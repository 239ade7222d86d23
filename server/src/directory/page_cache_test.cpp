#include "directory/page_cache.hpp"

#include <gtest/gtest.h>

namespace astrotalk::directory {
namespace {

using namespace std::chrono_literals;

TEST(page_cache, forgets_after_a_moment) {
    page_cache cache(2s);
    const page_cache::time start{};
    EXPECT_EQ(cache.find("a", start), nullptr);
    cache.put("a", "first", start);
    ASSERT_NE(cache.find("a", start + 2s), nullptr);
    EXPECT_EQ(*cache.find("a", start + 2s), "first");
    EXPECT_EQ(cache.find("a", start + 2001ms), nullptr);
    cache.put("a", "second", start + 3s);
    EXPECT_EQ(*cache.find("a", start + 3s), "second");
}

TEST(page_cache, is_bounded_in_entries_and_bytes) {
    const page_cache::time start{};
    page_cache few(2s, 2, 1000);
    few.put("a", "x", start);
    few.put("b", "x", start);
    few.put("c", "x", start);
    EXPECT_EQ(few.find("a", start), nullptr);
    EXPECT_NE(few.find("c", start), nullptr);

    page_cache small(2s, 100, 10);
    small.put("a", std::string(20, 'x'), start);
    EXPECT_EQ(small.find("a", start), nullptr) << "too large to keep";
    small.put("a", "12345", start);
    small.put("a", "123456789", start);
    EXPECT_NE(small.find("a", start), nullptr) << "the old answer's bytes do not count";
    small.put("b", "12345", start);
    EXPECT_EQ(small.find("a", start), nullptr);
    EXPECT_NE(small.find("b", start), nullptr);
}

}  // namespace
}  // namespace astrotalk::directory
