#include "webhooks/domain.hpp"

#include <gtest/gtest.h>

#include "crypto/crypto.hpp"
#include "http/json.hpp"

namespace astrotalk::webhooks {
namespace {

constexpr std::string_view body =
    R"({"id":"WHN1","event":"kyc.request.completed","created_at":"2026-11-23 14:30:00"})";

std::string sign(std::string_view key, std::string_view what) {
    return crypto::hex(crypto::hmac_sha256(key, what));
}
connection digio_with(std::string current, std::string previous = "") {
    return {digio, secret(std::move(current)), secret(std::move(previous))};
}
std::string upper(std::string text) {
    for (auto& c : text)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
    return text;
}
envelope read(std::string_view of, const provider& from = digio,
              std::vector<std::pair<std::string_view, std::string_view>> headers = {}) {
    http::request in;
    in.body = of;
    in.headers = std::move(headers);
    return read_envelope(from, in);
}

// RFC 4231, test case 2, so that this does not only agree with itself.
TEST(signature, is_hmac_sha256_in_hex) {
    EXPECT_TRUE(is_signed(digio_with("Jefe"), "what do ya want for nothing?",
                          "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"));
}

TEST(signature, covers_the_raw_bytes_and_nothing_like_them) {
    const auto by = digio_with("k");
    const auto good = sign("k", body);
    EXPECT_TRUE(is_signed(by, body, good));
    EXPECT_TRUE(is_signed(by, body, upper(good))) << "hex in capitals is the same";
    for (std::string other : {std::string(body) + " ", std::string(body) + "\n", std::string(),
                              std::string(body.substr(1)), std::string(body) + std::string(1, '\0')})
        EXPECT_FALSE(is_signed(by, other, good)) << other;
    const std::string bytes("\xff\x00{\xc3", 4);
    EXPECT_TRUE(is_signed(by, bytes, sign("k", bytes))) << "whether or not they are text";
}

TEST(signature, in_another_encoding_is_refused) {
    const auto by = digio_with("k");
    const auto mac = crypto::hmac_sha256("k", body);
    const auto good = crypto::hex(mac);
    for (const auto& wrong :
         {std::string(), crypto::base64_encode(mac), crypto::base64url_encode(mac), "sha256=" + good,
          good.substr(1), good.substr(2), good + "00", " " + good, good + " ", "0x" + good.substr(2),
          crypto::to_text(mac), std::string(64, 'g'), std::string(64, '0')})
        EXPECT_FALSE(is_signed(by, body, wrong)) << wrong;
}

TEST(signature, is_good_by_the_secret_before_while_that_is_known) {
    EXPECT_TRUE(is_signed(digio_with("new", "old"), body, sign("old", body)));
    EXPECT_TRUE(is_signed(digio_with("new", "old"), body, sign("new", body)));
    EXPECT_FALSE(is_signed(digio_with("new"), body, sign("old", body)));
    EXPECT_FALSE(is_signed(digio_with("new", "old"), body, sign("older", body)));
}

TEST(signature, without_a_secret_nothing_is_good) {
    EXPECT_FALSE(is_signed(digio_with(""), body, sign("", body)));
    EXPECT_FALSE(is_signed(digio_with("", "old"), body, sign("old", body))) << "closed is closed";
    EXPECT_FALSE(is_signed(digio_with("k", ""), body, sign("", body)));
}

TEST(envelope, names_the_event_as_the_provider_does) {
    const auto told = read(body);
    EXPECT_EQ(told.event_id, "WHN1");
    EXPECT_EQ(told.body_hash, crypto::sha256(body));
    EXPECT_EQ(told.created_at, http::parse_rfc3339("2026-11-23T14:30:00+05:30"));
    EXPECT_EQ(read(R"({"ID":"WHN2","CREATED_AT":"2026-11-23T09:00:00Z"})").event_id, "WHN2");
    EXPECT_EQ(read(R"({"id":12})").event_id, "12");
}

TEST(envelope, takes_the_id_of_a_header_where_the_provider_has_it_there) {
    constexpr provider other{"other", "x-signature", "x-event-id", zone::utc};
    EXPECT_EQ(read(R"({"id":"b"})", other, {{"x-event-id", "evt_1"}}).event_id, "evt_1");
    EXPECT_EQ(read(R"({"id":"b"})", other).event_id, "b");
    EXPECT_EQ(read(R"({"created_at":"2026-11-23 14:30:00"})", other).created_at,
              http::parse_rfc3339("2026-11-23T14:30:00Z"));
}

TEST(envelope, of_what_has_no_id_is_named_by_its_bytes) {
    const std::string deep(100, '['), longest(201, 'x');
    for (const auto& each :
         {std::string("{}"), std::string(), std::string("not json"), std::string("[1]"), deep,
          std::string(R"({"id":""})"), std::string(R"({"id":null})"), std::string(R"({"id":"a b"})"),
          std::string(R"({"id":"ह"})"), R"({"id":")" + longest + R"("})"}) {
        const auto told = read(each);
        EXPECT_EQ(told.event_id, crypto::hex(crypto::sha256(each))) << each;
        EXPECT_FALSE(told.created_at);
    }
}

TEST(envelope, reads_times_however_they_are_written) {
    const auto expected = http::parse_rfc3339("2026-11-23T09:00:00Z");
    EXPECT_EQ(read_time("2026-11-23 14:30:00", zone::india), expected);
    EXPECT_EQ(read_time("2026-11-23 09:00:00", zone::utc), expected);
    EXPECT_EQ(read_time("2026-11-23T14:30:00+05:30", zone::utc), expected);
    const std::int64_t seconds = expected->time_since_epoch() / std::chrono::seconds(1);
    EXPECT_EQ(read_time(seconds), expected);
    EXPECT_EQ(read_time(seconds * 1000), expected);
    for (const auto* wrong : {"", "yesterday", "2026-13-23 14:30:00", "2026-11-23 14:30", "23/11/2026"})
        EXPECT_FALSE(read_time(wrong, zone::india)) << wrong;
    for (const std::int64_t wrong : {std::int64_t{0}, std::int64_t{-1}, std::int64_t{1} << 62})
        EXPECT_FALSE(read_time(wrong)) << wrong;
}

}  // namespace
}  // namespace astrotalk::webhooks
