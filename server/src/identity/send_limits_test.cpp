#include "identity/send_limits.hpp"

#include <gtest/gtest.h>

namespace astrotalk::identity {
namespace {

TEST(send_limits, an_address_and_its_network) {
    const struct {
        const char *text, *address, *network;
    } rows[] = {
        {"203.0.113.77", "203.0.113.77", "203.0.113"},
        {"2001:db8:1:2:3:4:5:6", "20010db800010002", "20010db80001"},
        {"2001:0db8:0001:0002::9", "20010db800010002", "20010db80001"},
        {"somewhere", "somewhere", "somewhere"},
    };
    for (const auto& row : rows) {
        EXPECT_EQ(place_of(row.text).address, row.address);
        EXPECT_EQ(place_of(row.text).network, row.network);
    }
}

TEST(send_limits, buckets_are_in_the_order_of_their_keys_and_tell_nothing) {
    const crypto::keyring keys(bytes(32, 1));
    const auto phone = *phone_number::parse("+919876543210", phone_plan::india());
    const auto all = buckets_of(keys, {}, phone, {"203.0.113.77", "a-device-name"});
    ASSERT_EQ(all.keys.size(), 4U);
    EXPECT_TRUE(std::ranges::is_sorted(all.keys));
    EXPECT_EQ(all.most, (std::vector<std::int32_t>{200, 20, 1000, 500}));
    for (const auto& key : all.keys) EXPECT_EQ(key.size(), 17U);
    const auto neighbour = buckets_of(keys, {}, *phone_number::parse("+919876549999", phone_plan::india()),
                                      {"203.0.113.78", ""});
    ASSERT_EQ(neighbour.keys.size(), 3U);
    EXPECT_NE(neighbour.keys[0], all.keys[0]);
    EXPECT_EQ(neighbour.keys[1], all.keys[2]);
    EXPECT_EQ(neighbour.keys[2], all.keys[3]);
    const auto unknown = buckets_of(keys, {}, *phone_number::parse("+919876600000", phone_plan::india()), {});
    ASSERT_EQ(unknown.keys.size(), 1U);
    EXPECT_NE(unknown.keys[0], all.keys[3]);
}

}  // namespace
}  // namespace astrotalk::identity
