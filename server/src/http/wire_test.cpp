#include "http/wire.hpp"

#include <gtest/gtest.h>

namespace astrotalk::http {
namespace {

TEST(wire, dates_are_imf_fixdates) { EXPECT_EQ(http_date(784111777), "Sun, 06 Nov 1994 08:49:37 GMT"); }

TEST(wire, the_client_is_the_right_most_address_not_ours) {
    struct {
        const char* peer;
        const char* forwarded;
        const char* client;
    } const rows[] = {
        {"127.0.0.1", "", "127.0.0.1"},
        {"127.0.0.1", "203.0.113.9", "203.0.113.9"},
        {"::1", " 198.51.100.1 ,203.0.113.9 , 127.0.0.1", "203.0.113.9"},
        {"203.0.113.1", "198.51.100.1", "203.0.113.1"},
        {"127.0.0.1", "198.51.100.1, rubbish", "127.0.0.1"},
        {"127.0.0.1", "2001:DB8:0:0::1", "2001:db8::1"},
        {"127.0.0.1", "::ffff:203.0.113.9", "203.0.113.9"},
        {"127.0.0.1", ",", "127.0.0.1"},
        {"127.0.0.1", "127.0.0.1", "127.0.0.1"},
    };
    for (const auto& row : rows)
        EXPECT_EQ(client_address(row.peer, row.forwarded), row.client) << row.forwarded;
}

TEST(wire, a_response_may_set_its_own_policy) {
    response r;
    r.headers = {{"cache-control", "max-age=60"}, {"Content-Security-Policy", "default-src 'self'"}};
    std::string out;
    append_head(out, r, {true, false, true, "now"});
    EXPECT_EQ(out.find("no-store"), std::string::npos);
    EXPECT_EQ(out.find("'none'"), std::string::npos);
    EXPECT_NE(out.find("strict-transport-security"), std::string::npos);
}

}  // namespace
}  // namespace astrotalk::http
