#include <gtest/gtest.h>

#include "pg/testing.hpp"

namespace astrotalk::pg {
namespace {

using namespace std::chrono_literals;

struct everything {
    bool truth;
    std::int16_t small;
    std::int32_t medium;
    std::int64_t large;
    double real;
    std::string text;
    bytes raw;
    user_id who;
    money price;
    instant at;
    std::optional<std::string> nothing;
    std::optional<uuid> something;
};
BOOST_DESCRIBE_STRUCT(everything, (),
                      (truth, small, medium, large, real, text, raw, who, price, at, nothing, something))

constexpr statement echo{
    "test.echo",
    "select $1::bool as truth, $2::int2 as small, $3::int4 as medium, $4::int8 as large, "
    "2.5::float8 as real, $5::text as text, $6::bytea as raw, $7::uuid as who, $8::int8 as price, "
    "$9::timestamptz as at, $10::text as nothing, $11::uuid as something",
    11};

struct lists {
    std::vector<std::int32_t> numbers;
    std::vector<std::int64_t> larges;
    std::vector<std::string> texts;
    std::vector<uuid> ids;
    std::vector<instant> times;
    std::vector<bytes> blobs;
    std::vector<std::string> none;
};
BOOST_DESCRIBE_STRUCT(lists, (), (numbers, larges, texts, ids, times, blobs, none))

constexpr statement echo_lists{
    "test.echo_lists",
    "select $1::int4[] as numbers, $2::int8[] as larges, $3::text[] as texts, "
    "$4::uuid[] as ids, $5::timestamptz[] as times, $6::bytea[] as blobs, $7::text[] as none",
    7};

constexpr statement one{"test.one", "select 1 as n", 0};
constexpr statement null_number{"test.null_number", "select null::int4 as n", 0};
constexpr statement two_columns{"test.two_columns", "select 1 as n, 2 as m", 0};
constexpr statement no_rows{"test.no_rows", "select 1 as m where false", 0};
constexpr statement as_number{"test.as_number", "select $1::text::int as n", 1};

struct number {
    std::int32_t n;
};
BOOST_DESCRIBE_STRUCT(number, (), (n))
struct long_number {
    std::int64_t n;
};
BOOST_DESCRIBE_STRUCT(long_number, (), (n))
struct text_number {
    std::string n;
};
BOOST_DESCRIBE_STRUCT(text_number, (), (n))

TEST(Codec, EveryTypeTravelsBothWays) {
    testing::database db;
    testing::run(db, [](client& c) -> task<void> {
        const user_id who = user_id::make();
        const uuid other = uuid::v7();
        const instant at = instant(1'790'000'000'123'456us);
        const bytes raw{0, 1, 255, '\\'};
        const std::string text = "नमस्ते \"quoted\\\" '";
        const std::optional<std::string> nothing;
        const std::optional<uuid> something = other;
        auto row =
            co_await c.read_one<everything>(echo, true, std::int16_t{-7}, 70'000, std::int64_t{-1} << 40,
                                            text, raw, who, money{-250}, at, nothing, something);
        EXPECT_TRUE(row.has_value());
        EXPECT_TRUE(row->truth);
        EXPECT_EQ(row->small, -7);
        EXPECT_EQ(row->medium, 70'000);
        EXPECT_EQ(row->large, std::int64_t{-1} << 40);
        EXPECT_EQ(row->real, 2.5);
        EXPECT_EQ(row->text, text);
        EXPECT_EQ(row->raw, raw);
        EXPECT_EQ(row->who, who);
        EXPECT_EQ(row->price, money{-250});
        EXPECT_EQ(row->at, at);
        EXPECT_EQ(row->nothing, std::nullopt);
        EXPECT_EQ(row->something, other);
    });
}

TEST(Codec, ArraysTravelBothWays) {
    testing::database db;
    testing::run(db, [](client& c) -> task<void> {
        const std::vector<std::int32_t> numbers{1, -2};
        const std::vector<std::int64_t> larges{std::int64_t{1} << 50};
        const std::vector<std::string> texts{"a,b", "\"", "\\", "", "null", "हि"};
        const std::vector<uuid> ids{uuid::v7(), uuid::v7()};
        const std::vector<instant> times{instant(1'790'000'000'123'456us), instant(-1us)};
        const std::vector<bytes> blobs{{}, {0, 200}};
        const std::vector<std::string> none;
        auto row = co_await c.read_one<lists>(echo_lists, numbers, larges, texts, ids, times, blobs, none);
        EXPECT_TRUE(row.has_value());
        EXPECT_EQ(row->numbers, numbers);
        EXPECT_EQ(row->larges, larges);
        EXPECT_EQ(row->texts, texts);
        EXPECT_EQ(row->ids, ids);
        EXPECT_EQ(row->times, times);
        EXPECT_EQ(row->blobs, blobs);
        EXPECT_EQ(row->none, none);
    });
}

template <class Row>
task<std::string> refused(client& c, const statement& s) {
    try {
        co_await c.read<Row>(s);
    } catch (const error& e) {
        co_return e.sqlstate();
    }
    co_return "";
}

TEST(Codec, ARowThatDoesNotMatchItsColumnsIsAnError) {
    testing::database db;
    testing::run(db, [](client& c) -> task<void> {
        EXPECT_EQ(co_await refused<number>(c, one), "");
        EXPECT_EQ(co_await refused<long_number>(c, one), "");
        EXPECT_EQ(co_await refused<std::int32_t>(c, one), "");
        EXPECT_EQ(co_await refused<text_number>(c, one), "42804");
        EXPECT_EQ(co_await refused<number>(c, null_number), "42804");
        EXPECT_EQ(co_await refused<std::optional<std::int32_t>>(c, null_number), "");
        EXPECT_EQ(co_await refused<number>(c, two_columns), "42804");
        EXPECT_EQ(co_await refused<number>(c, no_rows), "42804");
        EXPECT_EQ(co_await refused<number>(c, echo), "07001");
    });
}

TEST(Codec, AnErrorDoesNotRepeatTheValue) {
    testing::database db;
    testing::run(db, [](client& c) -> task<void> {
        std::string what;
        try {
            co_await c.read<number>(as_number, "phone +919800000001");
        } catch (const error& e) {
            what = e.what();
        }
        EXPECT_EQ(what, "test.as_number: 22P02 ");
    });
}

}  // namespace
}  // namespace astrotalk::pg
