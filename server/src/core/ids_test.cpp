#include "core/ids.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <set>

#include "core/json_text.hpp"

namespace astrotalk {
namespace {

TEST(uuid_test, text_goes_there_and_back) {
    const auto parsed = uuid::parse("0193B6A1-7c3f-7abc-8def-0123456789ab");
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->to_string(), "0193b6a1-7c3f-7abc-8def-0123456789ab");
}

TEST(uuid_test, refuses_every_other_form) {
    for (const char* text : {"", "0193b6a17c3f7abc8def0123456789ab", "0193b6a1-7c3f-7abc-8def-0123456789a",
                             "0193b6a1-7c3f-7abc-8def-0123456789ag", "0193b6a1_7c3f-7abc-8def-0123456789ab",
                             "{0193b6a1-7c3f-7abc-8def-0123456789ab}"})
        EXPECT_FALSE(uuid::parse(text)) << text;
}

TEST(uuid_test, version_7_is_marked_timed_unique_and_in_order) {
    std::set<uuid> seen;
    uuid before;
    for (int i = 0; i < 10'000; ++i) {
        const uuid made = uuid::v7();
        EXPECT_EQ(made.bytes[6] >> 4, 7);
        EXPECT_EQ(made.bytes[8] >> 6, 2);
        EXPECT_LT(clock::now() - made.time(), std::chrono::seconds(60));
        EXPECT_TRUE(seen.insert(made).second);
        EXPECT_LT(before, made);
        before = made;
    }
}

TEST(uuid_test, a_clock_set_back_is_believed) {
    clock::advance(std::chrono::minutes(16));
    const uuid ahead = uuid::v7();
    clock::advance(std::chrono::minutes(-16));
    const uuid now = uuid::v7();
    EXPECT_LT(now, ahead);
    EXPECT_LT(now.time(), clock::now() + std::chrono::seconds(1));
}

TEST(json_text_test, escapes_what_json_forbids) {
    std::string out;
    append_json_string(out, "a\"b\\c\n\x01 नमस्ते");
    EXPECT_EQ(out, "\"a\\\"b\\\\c\\n\\u0001 नमस्ते\"");
}

TEST(json_text_test, writes_instants_with_the_digits_they_need) {
    auto text = [](std::int64_t micros) {
        std::string out;
        append_rfc3339(out, instant(std::chrono::microseconds(micros)));
        return out;
    };
    EXPECT_EQ(text(0), "1970-01-01T00:00:00Z");
    EXPECT_EQ(text(1'500'000), "1970-01-01T00:00:01.500Z");
    EXPECT_EQ(text(1), "1970-01-01T00:00:00.000001Z");
    EXPECT_EQ(text(-1), "1969-12-31T23:59:59.999999Z");
    EXPECT_EQ(text(1'709'210'096'789'000), "2024-02-29T12:34:56.789Z");
    EXPECT_EQ(text(std::numeric_limits<std::int64_t>::max()), "9999-12-31T23:59:59.999999Z");
    EXPECT_EQ(text(std::numeric_limits<std::int64_t>::min()), "0000-01-01T00:00:00Z");
}

}  // namespace
}  // namespace astrotalk
