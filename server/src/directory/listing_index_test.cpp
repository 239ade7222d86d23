#include "directory/listing_index.hpp"

#include <gtest/gtest.h>

#include <map>

#include "directory/listing_index_testing.hpp"

namespace astrotalk::directory {
namespace {

using testing::inventor;
using people = std::map<uuid, listed_row>;

bool any_of(const std::vector<std::string>& has, const std::vector<std::string>& wanted) {
    return wanted.empty() || std::ranges::any_of(wanted, [&](const std::string& each) {
               return std::ranges::find(has, each) != has.end();
           });
}

// The plainest reading of what a filter means.
bool passes(const listed_row& one, const wanted& who) {
    const filter& by = who.by;
    const auto price = by.by ? one.prices.of(*by.by) : one.prices.lowest();
    if (!price || *price < by.min_price.value_or(*price) || *price > by.max_price.value_or(*price))
        return false;
    if (!any_of(one.specializations, by.specializations) || !any_of(one.languages, by.languages))
        return false;
    if (!by.genders.empty() && std::ranges::none_of(by.genders, [&](gender g) {
            return one.gender == boost::describe::enum_to_string(g, "");
        }))
        return false;
    if (by.min_rating && mean_of(ratings_of(one.stars)) < *by.min_rating) return false;
    if (by.min_experience && one.experience_years < *by.min_experience) return false;
    if (by.city && one.city != *by.city) return false;
    if (by.online && (one.online & (by.by ? bit_of(*by.by) : every_bit)) == 0) return false;
    if (by.free_before && !(one.next_free_at && *one.next_free_at < *by.free_before)) return false;
    if (std::ranges::find(who.without, one.id) != who.without.end()) return false;
    return std::ranges::all_of(who.text, [&](const meant& each) {
        return (!each.words.empty() && any_of(one.words, each.words)) ||
               (!each.skills.empty() && any_of(one.specializations, each.skills));
    });
}

// Smaller comes first.
double rank_of(const listed_row& one, order in, const filter& by) {
    const auto stars = ratings_of(one.stars);
    const auto price = by.by ? one.prices.of(*by.by) : one.prices.lowest();
    switch (in) {
        case order::recommended: return -score_of(stars, one.experience_years, one.online != 0);
        case order::rating: return -weighted_mean_of(stars);
        case order::experience: return -one.experience_years;
        case order::soonest:
            return one.next_free_at ? static_cast<double>(one.next_free_at->time_since_epoch().count())
                                    : 1e300;
        case order::price: return static_cast<double>(price->paise);
        case order::price_desc: return -static_cast<double>(price->paise);
    }
    return 0;
}

std::vector<user_id> expected(const people& all, const wanted& who, order in) {
    std::vector<std::pair<double, user_id>> found;
    for (const auto& [id, one] : all)
        if (passes(one, who)) found.emplace_back(rank_of(one, in, who.by), one.id);
    std::ranges::sort(found, [in](const auto& a, const auto& b) {
        if (a.first != b.first) return a.first < b.first;
        return in == order::price_desc ? b.second < a.second : a.second < b.second;
    });
    std::vector<user_id> ids;
    for (const auto& each : found) ids.push_back(each.second);
    return ids;
}

std::vector<user_id> walked(const listing_index& index, const wanted& who, order in, std::size_t page) {
    std::vector<user_id> ids;
    std::optional<position> after;
    for (bool more = true; more;) {
        const auto hits = index.find(who, in, after, page);
        for (const auto& each : hits) ids.push_back(each.id);
        more = hits.size() == page;
        if (more) after = {hits.back().key, hits.back().id};
    }
    return ids;
}

std::int64_t of(const std::vector<tally>& all, std::string_view value) {
    for (const auto& each : all)
        if (each.value == value) return each.count;
    return 0;
}

void expect_the_same(const listing_index& index, const people& all, inventor& random) {
    auto who = random.question();
    if (!all.empty() && random.below(3) == 0) who.without = {all.begin()->second.id};
    const auto in = random.some_order();
    const auto wanted_ids = expected(all, who, in);
    ASSERT_EQ(walked(index, who, in, static_cast<std::size_t>(1 + random.below(40))), wanted_ids);
    const auto counted = index.count(who);
    ASSERT_EQ(counted.total, std::ssize(wanted_ids));
    auto other = who;
    other.by.specializations = {"vedic"};
    ASSERT_EQ(of(counted.specializations, "vedic"), std::ssize(expected(all, other, in)));
    other = who;
    other.by.genders = {gender::female};
    ASSERT_EQ(of(counted.genders, "female"), std::ssize(expected(all, other, in)));
    other = who;
    other.by.by = channel::call;
    ASSERT_EQ(of(counted.channels, "call"), std::ssize(expected(all, other, in)));
    other = who;
    other.by.min_rating = 400;
    ASSERT_EQ(of(counted.ratings, "4"), std::ssize(expected(all, other, in)));
    other = who;
    other.by.online = true;
    ASSERT_EQ(counted.online, std::ssize(expected(all, other, in)));
}

// Few changes at once move rows one by one, many sort anew: both ways must end in the same.
TEST(listing_index, finds_pages_and_counts_what_the_plainest_reading_does) {
    inventor random(7);
    listing_index index;
    people all;
    for (int round = 0; round < 25; ++round) {
        std::vector<listed_row> changed;
        const int how_many = round % 10 == 0 ? 400 : random.below(30);
        for (int i = 0; i < how_many; ++i) {
            const bool known = !all.empty() && random.below(2) == 0;
            const auto id =
                known ? std::next(all.begin(), random.below(static_cast<int>(all.size())))->second.id
                      : user_id::make();
            auto row = random.row(id);
            row.listed = !known || random.below(3) > 0;
            if (row.listed)
                all[id.value] = row;
            else
                all.erase(id.value);
            changed.push_back(std::move(row));
        }
        index.apply(changed);
        index.apply(changed);  // overlapping readings bring the same again
        ASSERT_EQ(index.size(), all.size());
        for (int asked = 0; asked < 10; ++asked)
            ASSERT_NO_FATAL_FAILURE(expect_the_same(index, all, random)) << round;
    }
}

TEST(listing_index, a_page_goes_on_where_the_last_one_ended_though_its_last_one_is_gone) {
    inventor random(8);
    listing_index index;
    std::vector<listed_row> rows;
    for (int i = 0; i < 50; ++i) rows.push_back(random.row(user_id::make()));
    index.apply(rows);
    const auto first = index.find({}, order::rating, {}, 10);
    const auto before = index.find({}, order::rating, position{first.back().key, first.back().id}, 10);
    auto gone = *std::ranges::find(rows, first.back().id, &listed_row::id);
    gone.listed = false;
    gone.changed = ++random.changes;
    index.apply({gone});
    const auto after = index.find({}, order::rating, position{first.back().key, first.back().id}, 10);
    ASSERT_EQ(after.size(), before.size());
    for (std::size_t i = 0; i < after.size(); ++i) EXPECT_EQ(after[i].id, before[i].id);
}

TEST(recommended, is_by_rating_then_reviews_presence_and_experience) {
    EXPECT_EQ(score_of({}, 0, false), 450) << "as if rated 4";
    EXPECT_EQ(score_of({}, 0, true) - score_of({}, 0, false), 150);
    EXPECT_EQ(score_of({}, 20, false) - score_of({}, 0, false), 100);
    EXPECT_EQ(score_of({}, 60, false), score_of({}, 20, false));
    EXPECT_GT(score_of({200, 960}, 5, false), score_of({1, 5}, 5, false)) << "one five is not the best";
    EXPECT_EQ(score_of({100'000, 500'000}, 40, true), 1000 - 1) << "the mean never is five";
    EXPECT_EQ(mean_of({3, 14}), 467);
    EXPECT_EQ(mean_of({}), 0);
}

}  // namespace
}  // namespace astrotalk::directory
