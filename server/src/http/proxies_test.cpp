#include "http/proxies.hpp"

#include <gtest/gtest.h>

namespace astrotalk::http {
namespace {

TEST(proxies, the_client_is_the_right_most_address_not_ours) {
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
        EXPECT_EQ(client_address(row.peer, row.forwarded, {}), row.client) << row.forwarded;
}

TEST(proxies, a_chain_of_ours_is_followed_and_nobody_elses) {
    const auto ours = *trusted_proxies::parse({"10.1.0.0/16", "192.0.2.7", "2001:db8:ffff::/48"});
    struct {
        const char* peer;
        const char* forwarded;
        const char* client;
    } const rows[] = {
        {"10.1.2.3", "1.1.1.1, 203.0.113.9, 192.0.2.7, 10.1.255.255", "203.0.113.9"},
        {"10.1.2.3", "1.1.1.1, 10.2.0.1, 10.1.0.1", "10.2.0.1"},
        {"2001:db8:ffff:1::1", "203.0.113.9", "203.0.113.9"},
        {"2001:db8:fffe::1", "203.0.113.9", "2001:db8:fffe::1"},
        {"192.0.2.8", "203.0.113.9", "192.0.2.8"},
        {"127.0.0.1", "203.0.113.9", "127.0.0.1"},
    };
    for (const auto& row : rows)
        EXPECT_EQ(client_address(row.peer, row.forwarded, ours), row.client) << row.forwarded;
}

TEST(proxies, a_network_is_an_address_and_its_bits) {
    for (const char* text :
         {"10.0.0.0/8", "0.0.0.0/0", "10.0.0.1", "10.0.0.1/32", "::/0", "::1/128", "fd00::/8"})
        EXPECT_TRUE(trusted_proxies::parse({text})) << text;
    for (const char* text : {"", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/4294967290", "10.0.0.0/-1",
                             "10.0.0.0/8x", "::/129", "10.0.0", "proxy"})
        EXPECT_FALSE(trusted_proxies::parse({text})) << text;
    EXPECT_FALSE(trusted_proxies::parse({std::string("10.0.0.1\0/8", 11)}));
    EXPECT_TRUE(trusted_proxies::parse({"10.0.0.128/25"})->trust("10.0.0.200"));
    EXPECT_FALSE(trusted_proxies::parse({"10.0.0.128/25"})->trust("10.0.0.100"));
    EXPECT_TRUE(trusted_proxies::parse({"0.0.0.0/0"})->trust("203.0.113.9"));
    EXPECT_FALSE(trusted_proxies::parse({"0.0.0.0/0"})->trust("2001:db8::1"));
    EXPECT_FALSE(trusted_proxies::parse(std::vector<std::string>{})->trust("127.0.0.1"));
}

}  // namespace
}  // namespace astrotalk::http
