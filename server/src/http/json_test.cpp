#include "http/json.hpp"

#include <gtest/gtest.h>

namespace astrotalk::http {
namespace {

enum class colour { red, dark_green };
BOOST_DESCRIBE_ENUM(colour, red, dark_green)

struct part {
    std::string name_text;
    std::int32_t how_many = 0;
};
BOOST_DESCRIBE_STRUCT(part, (), (name_text, how_many))

struct whole {
    user_id id;
    bool is_on = false;
    money price_per_minute;
    instant starts_at;
    colour paint = colour::red;
    std::vector<part> parts;
    std::optional<std::string> note;
    std::optional<part> spare;
    secret code;
};
BOOST_DESCRIBE_STRUCT(whole, (), (id, is_on, price_per_minute, starts_at, paint, parts, note, spare, code))

constexpr auto sample = R"({"id":"01890a5d-ac96-774b-bcce-b302099a8057","isOn":true,"pricePerMinute":2500,)"
                        R"("startsAt":"2026-11-22T20:19:00Z","paint":"dark_green",)"
                        R"("parts":[{"nameText":"नमस्ते \"x\"","howMany":-3}],"code":"s"})";

std::vector<std::pair<std::string, std::string>> faults_of(std::string_view body, limits bounds = {}) {
    auto read = from_json<whole>(body, bounds);
    return read.has_error() ? read.error().list : std::vector<std::pair<std::string, std::string>>{};
}

std::vector<std::string> pointers_of(std::string_view body, limits bounds = {}) {
    std::vector<std::string> pointers;
    for (auto& [pointer, expected] : faults_of(body, bounds)) pointers.push_back(pointer);
    return pointers;
}

TEST(json, writes_what_it_read) {
    auto read = from_json<whole>(sample);
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(read->parts.at(0).how_many, -3);
    EXPECT_EQ(read->paint, colour::dark_green);
    EXPECT_EQ(to_json(*read), sample);
}

TEST(json, reports_every_fault_with_pointer_and_never_the_value) {
    const auto found =
        faults_of(R"({"id":"hunter2","isOn":1,"pricePerMinute":1.5,"startsAt":"yesterday",)"
                  R"("paint":"blue","parts":[{"nameText":7,"howMany":3000000000}],"a/b~c":1,"code":null})");
    std::vector<std::string> pointers;
    for (auto& [pointer, expected] : found) {
        pointers.push_back(pointer);
        EXPECT_EQ(expected.find("hunter2"), std::string::npos);
    }
    EXPECT_EQ(pointers,
              (std::vector<std::string>{"/id", "/isOn", "/pricePerMinute", "/startsAt", "/paint",
                                        "/parts/0/nameText", "/parts/0/howMany", "/code", "/a~1b~0c"}));
    EXPECT_EQ(found[4].second, "must be one of red, dark_green");
}

TEST(json, missing_members_are_required_unless_optional) {
    EXPECT_EQ(pointers_of("{}"), (std::vector<std::string>{"/id", "/isOn", "/pricePerMinute", "/startsAt",
                                                           "/paint", "/parts", "/code"}));
    EXPECT_EQ(pointers_of("[]"), std::vector<std::string>{""});
}

TEST(json, malformed_documents_are_one_fault) {
    for (const std::string_view body :
         {"", "{", "{} x", "{\"a\":\"\xff\"}", "nul", "{'a':1}", "\"\\ud800\""}) {
        auto read = from_json<whole>(body);
        ASSERT_TRUE(read.has_error()) << body;
        EXPECT_TRUE(read.error().malformed) << body;
        EXPECT_EQ(problem(read.error()).status, 400);
    }
    EXPECT_TRUE(from_json<whole>(std::string(17, '[') + std::string(17, ']')).error().malformed);
    EXPECT_FALSE(from_json<whole>(std::string(16, '[') + std::string(16, ']')).error().malformed);
}

TEST(json, strings_and_arrays_are_bounded) {
    struct {
        const char* text;
        bool accepted;
    } const rows[] = {
        {"नमस्ते", true}, {"नमस्तेन", false}, {"sixsix", true}, {"sevenn7", false}, {"\\u0000", false}};
    for (const auto& row : rows) {
        std::string body(sample);
        body.replace(body.find("\"code\":\"s\""), 10, fmt::format("\"code\":\"{}\"", row.text));
        body.replace(body.find("नमस्ते \\\"x\\\""), std::string("नमस्ते \\\"x\\\"").size(), "x");
        const auto pointers = pointers_of(body, limits{6, 1});
        EXPECT_EQ(pointers.empty(), row.accepted) << row.text;
    }
    EXPECT_EQ(pointers_of(sample, limits{4000, 0}), std::vector<std::string>{"/parts"});
}

TEST(json, a_flood_of_faults_gets_a_bounded_answer) {
    std::string body = "{";
    for (int i = 0; i < 500; ++i) body += fmt::format("\"x{}\":1,", i);
    body += "\"y\":1}";
    EXPECT_EQ(faults_of(body).size(), 50u);
}

TEST(json, reads_instants_of_rfc3339_only) {
    struct {
        const char* text;
        const char* utc;
    } const rows[] = {
        {"2026-11-22T20:19:00Z", "2026-11-22T20:19:00Z"},
        {"2026-11-23T01:49:00+05:30", "2026-11-22T20:19:00Z"},
        {"2026-11-22T20:19:00.5Z", "2026-11-22T20:19:00.500Z"},
        {"2026-11-22T20:19:00.123456Z", "2026-11-22T20:19:00.123456Z"},
        {"2026-02-29T20:19:00Z", nullptr},
        {"2026-11-22T24:00:00Z", nullptr},
        {"2026-11-22T20:19:00", nullptr},
        {"2026-11-22", nullptr},
        {"2026-11-22T20:19:00.Z", nullptr},
        {"2026-11-22T20:19:00.1234567Z", nullptr},
        {"2026-11-22T20:19:00.33333333333333333333333333333333Z", nullptr},
        {"2026-11-22T20:19:00Zx", nullptr},
        {"2026-11-22T20:19:00+0530", nullptr},
    };
    for (const auto& row : rows) {
        const auto parsed = parse_rfc3339(row.text);
        ASSERT_EQ(parsed.has_value(), row.utc != nullptr) << row.text;
        if (!parsed) continue;
        std::string written;
        append_rfc3339(written, *parsed);
        EXPECT_EQ(written, row.utc);
    }
}

TEST(json, an_optional_null_is_missing) {
    std::string body(sample);
    body.insert(1, R"("note":null,)");
    auto read = from_json<whole>(body);
    ASSERT_TRUE(read.has_value());
    EXPECT_FALSE(read->note);
}

TEST(json, faults_become_a_problem_with_pointers) {
    const response r = problem(faults{{{"/a", "must be a string"}}, false});
    EXPECT_EQ(r.status, 422);
    EXPECT_EQ(r.body,
              R"({"type":"about:blank","status":422,"code":"invalid_request","title":"The request has )"
              R"(faults.","errors":[{"pointer":"/a","detail":"must be a string"}]})");
}

}  // namespace
}  // namespace astrotalk::http
