#include "demo/invent.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <set>

#include "demo/words.hpp"

namespace astrotalk::demo {
namespace {

// The standard's generators give the same numbers everywhere; its distributions do not.
class dice {
  public:
    explicit dice(std::uint64_t seed) : engine_(seed) {}
    std::size_t below(std::size_t bound) { return engine_() % bound; }
    bool one_in(std::size_t n) { return below(n) == 0; }
    template <class Table>
    const auto& from(const Table& table) {
        return table[below(table.size())];
    }

  private:
    std::mt19937_64 engine_;
};

std::string name_of(dice& d, bool hindi) {
    const auto& given = d.one_in(2) ? d.from(women) : d.from(men);
    const auto& family = d.from(surnames);
    const auto& title = d.from(titles);
    return hindi ? fmt::format("{}{} {}", title.hi, given.hi, family.hi)
                 : fmt::format("{}{} {}", title.en, given.en, family.en);
}

void add_once(std::vector<std::string>& codes, std::string_view code) {
    if (std::ranges::find(codes, code) == codes.end()) codes.emplace_back(code);
}

std::string bio_of(dice& d, const craft& main, std::string_view city, int years, bool hindi) {
    const auto& promise = d.from(promises);
    if (hindi)
        return fmt::format("{} से {}, {} वर्ष का अनुभव। {}\n{}", city, main.name.hi, years, main.method.hi,
                           promise.hi);
    return fmt::format("{} years of {}, from {}. {}\n{}", years, main.name.en, city, main.method.en,
                       promise.en);
}

void add_days(std::vector<onboarding::weekly_rule>& week, int first, int last, const char* start,
              const char* end) {
    for (int day = first; day <= last; ++day) week.push_back({day, start, end});
}

onboarding::availability hours_of(dice& d, std::string_view zone) {
    onboarding::availability hours{std::string(zone), {}, 0, 5, 30, 30};
    switch (d.below(6)) {
        case 0: add_days(hours.weekly, 1, 6, "09:00", "18:00"); break;
        case 1: add_days(hours.weekly, 1, 7, "06:00", "11:30"); break;
        case 2: add_days(hours.weekly, 1, 5, "17:00", "23:00"); break;
        case 3:
            add_days(hours.weekly, 1, 7, "08:00", "12:00");
            add_days(hours.weekly, 1, 7, "16:00", "20:00");
            break;
        case 4: add_days(hours.weekly, 6, 7, "10:00", "22:00"); break;
        default:  // past midnight
            add_days(hours.weekly, 1, 7, "20:00", "24:00");
            add_days(hours.weekly, 1, 7, "00:00", "01:00");
    }
    if (d.one_in(3)) hours.buffer_before = 5;
    if (d.one_in(4)) hours.notice_minutes = 120;
    if (d.one_in(5)) hours.window_days = 14;
    return hours;
}

// Whole rupees from 5 to 200; most ask little, few ask much.
money price_of(dice& d, std::size_t number) {
    if (number % 8 == 0) return {500 + 100 * static_cast<std::int64_t>(d.below(2))};
    const auto spread = d.below(140) * d.below(140) / 100;
    return {100 * static_cast<std::int64_t>(5 + spread)};
}

// Everybody chats; a voice costs up to half as much again, a face up to twice as much, and not all show it.
channel_prices prices_of(dice& d, std::size_t number) {
    const money chat = price_of(d, number);
    const auto dearer = [&](std::size_t rupees) {
        return money{chat.paise + 100 * static_cast<std::int64_t>(d.below(rupees + 1))};
    };
    const auto in_rupees = static_cast<std::size_t>(chat.paise / 100);
    channel_prices made{chat, {}, {}};
    if (!d.one_in(10)) made.call = dearer(in_rupees / 2);
    if (!d.one_in(3)) made.video = dearer(in_rupees);
    return made;
}

invented_astrologer invent_one(dice& d, std::size_t number, std::set<std::string>& taken) {
    const bool hindi = d.below(5) < 2;
    invented_astrologer made;
    made.phone = fmt::format("+9198765{:05}", 10001 + number);
    do {
        made.profile.display_name = name_of(d, hindi);
    } while (!taken.insert(made.profile.display_name).second);

    const auto years = static_cast<std::int32_t>(2 + d.below(39));
    const auto& main = d.from(crafts);
    made.profile.experience_years = years;
    made.profile.specializations = {std::string(main.code)};
    for (std::size_t more = d.below(3); more > 0; --more)
        add_once(made.profile.specializations, d.from(crafts).code);

    std::string_view zone = "Asia/Kolkata";
    made.profile.languages = {hindi ? "hi" : "en"};
    if (d.one_in(15)) {
        const auto& home = d.from(places_abroad);
        made.profile.city = hindi ? home.hi : home.en;
        zone = home.zone;
    } else {
        const auto& home = d.from(places);
        made.profile.city = hindi ? home.hi : home.en;
        add_once(made.profile.languages, home.language);
    }
    if (!d.one_in(4)) add_once(made.profile.languages, hindi ? "en" : "hi");
    made.profile.bio = bio_of(d, main, made.profile.city, years, hindi);
    made.prices = prices_of(d, number);
    made.hours = hours_of(d, zone);
    return made;
}

}  // namespace

std::vector<invented_astrologer> invent_astrologers(std::uint64_t seed, std::size_t listed) {
    constexpr std::size_t waiting = 5, rejected = 2;
    dice d(seed);
    std::set<std::string> taken;
    std::vector<invented_astrologer> people;
    for (std::size_t i = 0; i < listed + waiting + rejected; ++i) {
        people.push_back(invent_one(d, i, taken));
        if (i >= listed) people.back().ends = i < listed + waiting ? fate::waiting : fate::rejected;
    }
    return people;
}

std::vector<invented_user> invent_users(std::uint64_t seed, std::size_t count) {
    dice d(seed + 1);
    std::vector<invented_user> people;
    for (std::size_t i = 0; i < count; ++i) {
        const auto& given = d.one_in(2) ? d.from(women) : d.from(men);
        people.push_back({fmt::format("+9198765{:05}", 20001 + i),
                          fmt::format("{} {}", given.en, d.from(surnames).en),
                          std::string(places[i % places.size()].en), i % 3 == 2 ? "hi" : "en"});
    }
    return people;
}

}  // namespace astrotalk::demo
