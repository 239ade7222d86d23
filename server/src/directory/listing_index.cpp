#include "directory/listing_index.hpp"

#include <algorithm>
#include <bit>
#include <limits>

namespace astrotalk::directory {
namespace {

constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();
// More changes at once than this: sorting anew costs less than moving each into its place.
constexpr std::size_t few = 200;

std::int64_t paise_of(const std::optional<money>& price) { return price ? price->paise : never; }

}  // namespace

void listing_index::bits::set(slot at) {
    if (words.size() <= at / 64) words.resize(at / 64 + 1);
    words[at / 64] |= std::uint64_t{1} << (at % 64);
}
void listing_index::bits::clear(slot at) {
    if (at / 64 < words.size()) words[at / 64] &= ~(std::uint64_t{1} << (at % 64));
}

std::size_t listing_index::order_of(order in, const filter& by) {
    switch (in) {
        case order::recommended: return 0;
        case order::rating: return 1;
        case order::experience: return 2;
        case order::soonest: return 3;
        case order::price:
        case order::price_desc: return 4 + (by.by ? static_cast<std::size_t>(*by.by) : 3);
    }
    __builtin_unreachable();
}

bool listing_index::before(std::size_t in, slot a, slot b) const {
    const auto& left = rows_[a];
    const auto& right = rows_[b];
    if (left.keys[in] != right.keys[in]) return left.keys[in] < right.keys[in];
    return left.id < right.id;
}

std::uint32_t listing_index::number_of(std::unordered_map<std::string, std::uint32_t>& names,
                                       const std::string& name) {
    return names.try_emplace(name, static_cast<std::uint32_t>(names.size())).first->second;
}

void listing_index::fill(slot at, const listed_row& from, row& made) {
    const auto stars = ratings_of(from.stars);
    made.id = from.id;
    made.version = from.changed;
    made.languages = from.languages;
    made.specializations = from.specializations;
    made.online = static_cast<std::uint8_t>(from.online);
    made.gender = 0;
    for (const auto each : {gender::female, gender::male, gender::other})
        if (from.gender == boost::describe::enum_to_string(each, ""))
            made.gender = static_cast<std::uint8_t>(each) + 1;
    const std::int64_t soonest = from.next_free_at ? from.next_free_at->time_since_epoch().count() : never;
    made.keys = {-score_of(stars, from.experience_years, from.online != 0),
                 -weighted_mean_of(stars),
                 -from.experience_years,
                 soonest,
                 paise_of(from.prices.chat),
                 paise_of(from.prices.call),
                 paise_of(from.prices.video),
                 paise_of(from.prices.lowest())};
    for (std::size_t i = 0; i < prices_.size(); ++i) prices_[i][at] = made.keys[4 + i];
    means_[at] = mean_of(stars);
    experience_[at] = from.experience_years;
    cities_[at] = number_of(city_numbers_, from.city);
    free_at_[at] = soonest;
}

void listing_index::add(listed_row from) {
    if (free_.empty()) {
        free_.push_back(static_cast<slot>(rows_.size()));
        const auto size = rows_.size() + 1;
        rows_.resize(size);
        for (auto& column : prices_) column.resize(size);
        means_.resize(size);
        experience_.resize(size);
        cities_.resize(size);
        free_at_.resize(size);
    }
    const slot at = free_.back();
    free_.pop_back();
    row& made = rows_[at];
    fill(at, from, made);
    slots_.emplace(from.id.value, at);
    live_.set(at);
    for (const auto& code : made.languages) languages_[code].set(at);
    for (const auto& code : made.specializations) specializations_[code].set(at);
    genders_[made.gender].set(at);
    for (const auto c : every_channel)
        if ((made.online & bit_of(c)) != 0) online_[static_cast<std::size_t>(c)].set(at);
    made.words.clear();
    for (const auto& word : from.words) {
        const auto number = number_of(word_numbers_, word);
        if (having_word_.size() <= number) having_word_.resize(number + 1);
        having_word_[number].push_back(at);
        made.words.push_back(number);
    }
    ++listed_;
}

void listing_index::remove(slot at) {
    const row& gone = rows_[at];
    slots_.erase(gone.id.value);
    live_.clear(at);
    for (const auto& code : gone.languages) languages_[code].clear(at);
    for (const auto& code : gone.specializations) specializations_[code].clear(at);
    genders_[gone.gender].clear(at);
    for (auto& each : online_) each.clear(at);
    for (const auto number : gone.words) std::erase(having_word_[number], at);
    free_.push_back(at);
    --listed_;
}

void listing_index::place(slot at) {
    for (std::size_t i = 0; i < orders; ++i) {
        auto& sorted = permutations_[i];
        sorted.insert(std::lower_bound(sorted.begin(), sorted.end(), at,
                                       [&](slot a, slot b) { return before(i, a, b); }),
                      at);
    }
}

void listing_index::displace(slot at) {
    for (std::size_t i = 0; i < orders; ++i) {
        auto& sorted = permutations_[i];
        sorted.erase(std::lower_bound(sorted.begin(), sorted.end(), at,
                                      [&](slot a, slot b) { return before(i, a, b); }));
    }
}

void listing_index::apply(std::vector<listed_row> rows) {
    const bool one_by_one = rows.size() <= few;
    for (auto& each : rows) {
        const auto known = slots_.find(each.id.value);
        if (known != slots_.end()) {
            if (each.listed && rows_[known->second].version == each.changed) continue;
            const slot at = known->second;
            if (one_by_one) displace(at);
            remove(at);
        }
        if (!each.listed) continue;
        const auto id = each.id.value;
        add(std::move(each));
        if (one_by_one) place(slots_.at(id));
    }
    if (one_by_one) return;
    struct entry {
        std::int64_t key;
        user_id id;
        slot at;
    };
    std::vector<entry> all;
    all.reserve(listed_);
    for (std::size_t i = 0; i < orders; ++i) {
        all.clear();
        for (const auto& [id, at] : slots_) all.push_back({rows_[at].keys[i], {id}, at});
        std::ranges::sort(
            all, [](const entry& a, const entry& b) { return a.key != b.key ? a.key < b.key : a.id < b.id; });
        permutations_[i].clear();
        for (const auto& each : all) permutations_[i].push_back(each.at);
    }
}

void listing_index::keep_codes(bits& out, const codes& of, const std::vector<std::string>& any) const {
    if (any.empty()) return;
    bits all;
    all.words.resize(out.words.size());
    for (const auto& code : any) {
        const auto found = of.find(code);
        if (found == of.end()) continue;
        for (std::size_t i = 0; i < found->second.words.size(); ++i) all.words[i] |= found->second.words[i];
    }
    for (std::size_t i = 0; i < out.words.size(); ++i) out.words[i] &= all.words[i];
}

void listing_index::keep_text(bits& out, const meant& one) const {
    bits all;
    all.words.resize(out.words.size());
    for (const auto& word : one.words) {
        const auto number = word_numbers_.find(word);
        if (number == word_numbers_.end()) continue;
        for (const slot at : having_word_[number->second]) all.set(at);
    }
    for (const auto& code : one.skills) {
        const auto found = specializations_.find(code);
        if (found == specializations_.end()) continue;
        for (std::size_t i = 0; i < found->second.words.size(); ++i) all.words[i] |= found->second.words[i];
    }
    for (std::size_t i = 0; i < out.words.size(); ++i) out.words[i] &= all.words[i];
}

template <class Column, class Test>
void listing_index::keep(bits& out, const Column& column, Test test) const {
    for (std::size_t i = 0; i < out.words.size(); ++i) {
        std::uint64_t left = out.words[i];
        if (left == 0) continue;
        std::uint64_t kept = 0;
        // Without a branch for each: the compiler makes vectors of it.
        const std::size_t from = i * 64, size = std::min<std::size_t>(64, column.size() - from);
        for (std::size_t j = 0; j < size; ++j) kept |= std::uint64_t{test(column[from + j])} << j;
        out.words[i] = left & kept;
    }
}

void listing_index::keep_numbers(bits& out, const wanted& who, std::optional<part> but) const {
    const filter& by = who.by;
    const auto& prices = prices_[by.by ? static_cast<std::size_t>(*by.by) : 3];
    const std::int64_t least = by.min_price ? by.min_price->paise : 0;
    const std::int64_t most = by.max_price ? by.max_price->paise : never - 1;
    if (by.by || by.min_price || by.max_price)
        keep(out, prices, [&](std::int64_t p) { return p >= least && p <= most; });
    if (by.min_rating && but != part::rating)
        keep(out, means_, [least = *by.min_rating](std::int32_t mean) { return mean >= least; });
    if (by.min_experience)
        keep(out, experience_, [least = *by.min_experience](std::int32_t years) { return years >= least; });
    if (by.free_before)
        keep(out, free_at_,
             [end = by.free_before->time_since_epoch().count()](std::int64_t at) { return at < end; });
    if (by.city) {
        const auto number = city_numbers_.find(*by.city);
        const std::uint32_t wanted_city =
            number == city_numbers_.end() ? std::numeric_limits<std::uint32_t>::max() : number->second;
        keep(out, cities_, [=](std::uint32_t city) { return city == wanted_city; });
    }
}

listing_index::bits listing_index::matching(const wanted& who, std::optional<part> but) const {
    bits out = live_;
    const filter& by = who.by;
    const auto any_of = [&](const auto& chosen) {
        for (std::size_t i = 0; i < out.words.size(); ++i) {
            std::uint64_t all = 0;
            for (const bits* each : chosen) all |= i < each->words.size() ? each->words[i] : 0;
            out.words[i] &= all;
        }
    };
    if (but != part::specialization) keep_codes(out, specializations_, by.specializations);
    if (but != part::language) keep_codes(out, languages_, by.languages);
    if (!by.genders.empty() && but != part::gender) {
        std::vector<const bits*> chosen;
        for (const auto each : by.genders) chosen.push_back(&genders_[static_cast<std::size_t>(each) + 1]);
        any_of(chosen);
    }
    if (by.online && but != part::online) {
        std::vector<const bits*> chosen;
        for (const auto c : every_channel)
            if (!by.by || *by.by == c) chosen.push_back(&online_[static_cast<std::size_t>(c)]);
        any_of(chosen);
    }
    for (const auto& each : who.text) keep_text(out, each);
    for (const auto& id : who.without)
        if (const auto found = slots_.find(id.value); found != slots_.end()) out.clear(found->second);
    keep_numbers(out, who, but);
    return out;
}

std::vector<hit> listing_index::find(const wanted& who, order in, const std::optional<position>& after,
                                     std::size_t most) const {
    const bits out = matching(who, std::nullopt);
    std::size_t total = 0;
    for (const auto word : out.words) total += static_cast<std::size_t>(std::popcount(word));
    const std::size_t by = order_of(in, who.by);
    const bool backwards = in == order::price_desc;
    const auto place_of = [&](slot at) { return std::pair(rows_[at].keys[by], rows_[at].id); };
    const auto is_after = [&](slot at) {
        if (!after) return true;
        const std::pair from(after->key, after->id);
        return backwards ? place_of(at) < from : from < place_of(at);
    };
    std::vector<slot> found;
    // Few are gathered and sorted; of many, a walk along the order soon meets enough.
    if (total * total <= listed_ * most) {
        for (std::size_t i = 0; i < out.words.size(); ++i)
            for (std::uint64_t left = out.words[i]; left != 0; left &= left - 1) {
                const auto at = static_cast<slot>(i * 64 + static_cast<std::size_t>(std::countr_zero(left)));
                if (is_after(at)) found.push_back(at);
            }
        std::ranges::sort(found,
                          [&](slot a, slot b) { return backwards ? before(by, b, a) : before(by, a, b); });
        if (found.size() > most) found.resize(most);
    } else {
        const auto& sorted = permutations_[by];
        const auto walk = [&](auto from, auto end) {
            if (after) from = std::partition_point(from, end, [&](slot at) { return !is_after(at); });
            for (; from != end && found.size() < most; ++from)
                if (out.has(*from)) found.push_back(*from);
        };
        if (backwards)
            walk(sorted.rbegin(), sorted.rend());
        else
            walk(sorted.begin(), sorted.end());
    }
    std::vector<hit> hits;
    hits.reserve(found.size());
    for (const slot at : found) hits.push_back({rows_[at].id, rows_[at].version, rows_[at].keys[by]});
    return hits;
}

std::vector<tally> listing_index::tallies(const codes& of, const bits& among) const {
    std::vector<tally> all;
    for (const auto& [code, having] : of) {
        std::int64_t count = 0;
        for (std::size_t i = 0; i < std::min(having.words.size(), among.words.size()); ++i)
            count += std::popcount(having.words[i] & among.words[i]);
        if (count > 0) all.push_back({code, count});
    }
    std::ranges::sort(all, {}, &tally::value);
    return all;
}

counts listing_index::count(const wanted& who) const {
    constexpr std::size_t most_cities = 20;
    const auto size_of = [](const bits& all) {
        std::int64_t count = 0;
        for (const auto word : all.words) count += std::popcount(word);
        return count;
    };
    const auto among = [&](const bits& a, const bits& b) {
        std::int64_t count = 0;
        for (std::size_t i = 0; i < std::min(a.words.size(), b.words.size()); ++i)
            count += std::popcount(a.words[i] & b.words[i]);
        return count;
    };
    counts made;
    const bits all = matching(who, std::nullopt);
    made.total = size_of(all);
    made.specializations = tallies(specializations_, matching(who, part::specialization));
    made.languages = tallies(languages_, matching(who, part::language));
    const bits of_gender = matching(who, part::gender);
    for (const auto each : {gender::female, gender::male, gender::other})
        if (const auto count = among(genders_[static_cast<std::size_t>(each) + 1], of_gender); count > 0)
            made.genders.push_back({boost::describe::enum_to_string(each, ""), count});
    // A price without a channel is that of the cheapest; with one, of that one.
    for (const auto each : every_channel) {
        wanted by = who;
        by.by.by = each;
        made.channels.push_back({std::string(name_of(each)), size_of(matching(by, std::nullopt))});
    }
    for (const auto* least : {"3", "4", "4.5"}) {
        bits rated = matching(who, part::rating);
        const int hundredths = least[1] == '.' ? 450 : (least[0] - '0') * 100;
        keep(rated, means_, [=](std::int32_t mean) { return mean >= hundredths; });
        made.ratings.push_back({least, size_of(rated)});
    }
    wanted online = who;
    online.by.online = true;
    made.online = size_of(matching(online, std::nullopt));

    std::vector<std::int64_t> by_city(city_numbers_.size());
    wanted anywhere = who;
    anywhere.by.city.reset();
    const bits everywhere = matching(anywhere, std::nullopt);
    for (std::size_t i = 0; i < everywhere.words.size(); ++i)
        for (std::uint64_t left = everywhere.words[i]; left != 0; left &= left - 1)
            ++by_city[cities_[i * 64 + static_cast<std::size_t>(std::countr_zero(left))]];
    for (const auto& [city, number] : city_numbers_)
        if (by_city[number] > 0) made.cities.push_back({city, by_city[number]});
    std::ranges::sort(made.cities, [](const tally& a, const tally& b) {
        return a.count != b.count ? a.count > b.count : a.value < b.value;
    });
    if (made.cities.size() > most_cities) made.cities.resize(most_cities);
    return made;
}

}  // namespace astrotalk::directory
