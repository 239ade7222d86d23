#include "demo/invent.hpp"

#include <gtest/gtest.h>

#include <set>

namespace astrotalk::demo {
namespace {

TEST(invented_astrologers, would_pass_as_any_other) {
    std::set<std::string> phones, names, cities, skills;
    int hindi = 0, affordable = 0, calls = 0, videos = 0;
    const auto people = invent_astrologers(7, 200);
    EXPECT_EQ(people.size(), 207u);
    for (const auto& each : people) {
        EXPECT_TRUE(onboarding::check(each.profile).empty()) << each.profile.display_name;
        EXPECT_TRUE(onboarding::check(each.hours).empty()) << each.profile.display_name;
        EXPECT_TRUE(onboarding::check(each.prices).empty());
        EXPECT_EQ(each.prices.lowest(), each.prices.chat);
        EXPECT_GE(each.prices.chat, money{500});
        EXPECT_LE(each.prices.chat, money{20'000});
        calls += each.prices.call.has_value();
        videos += each.prices.video.has_value();
        EXPECT_FALSE(each.profile.bio.empty());
        phones.insert(each.phone);
        names.insert(each.profile.display_name);
        cities.insert(each.profile.city);
        skills.insert(each.profile.specializations.begin(), each.profile.specializations.end());
        hindi += each.profile.languages.front() == "hi";
        affordable += *each.prices.chat * 15 <= money{10'000};
    }
    EXPECT_EQ(phones.size(), people.size());
    EXPECT_EQ(names.size(), people.size());
    EXPECT_GE(cities.size(), 20u);
    EXPECT_GE(skills.size(), 12u);
    EXPECT_GE(hindi, 50);
    EXPECT_LE(hindi, 150);
    EXPECT_GE(affordable, 20);
    EXPECT_LE(affordable, 100);
    EXPECT_GE(calls, 150);
    EXPECT_GE(videos, 100);
    EXPECT_LT(videos, calls);
}

TEST(invented_astrologers, are_the_same_for_the_same_seed) {
    const auto once = invent_astrologers(7, 20), again = invent_astrologers(7, 20),
               other = invent_astrologers(8, 20);
    for (std::size_t i = 0; i < once.size(); ++i) {
        EXPECT_EQ(once[i].profile.display_name, again[i].profile.display_name);
        EXPECT_EQ(once[i].profile.bio, again[i].profile.bio);
        EXPECT_EQ(once[i].prices, again[i].prices);
    }
    EXPECT_NE(once[0].profile.bio + once[1].profile.bio, other[0].profile.bio + other[1].profile.bio);
}

TEST(invented_users, have_numbers_of_their_own) {
    std::set<std::string> phones;
    for (const auto& each : invent_users(7, 20)) phones.insert(each.phone);
    for (const auto& each : invent_astrologers(7, 20)) phones.insert(each.phone);
    EXPECT_EQ(phones.size(), 47u);
}

}  // namespace
}  // namespace astrotalk::demo
