#include "digio/ids.hpp"

#include <fmt/format.h>

namespace sandbox::digio {
namespace {

using namespace std::chrono;

struct wall_time {
    year_month_day day;
    hh_mm_ss<milliseconds> time;
};

wall_time wall_in_india(astrotalk::instant at) {
    const auto wall = floor<milliseconds>(at + minutes(330));
    const auto day = floor<days>(wall);
    return {year_month_day(day), hh_mm_ss<milliseconds>(wall - day)};
}

}  // namespace

std::string time_in_india(astrotalk::instant at) {
    const auto wall = wall_in_india(at);
    return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", int(wall.day.year()),
                       unsigned(wall.day.month()), unsigned(wall.day.day()), wall.time.hours().count(),
                       wall.time.minutes().count(), wall.time.seconds().count());
}

std::string as_date_of_birth(std::string_view iso_date) {
    return fmt::format("{}/{}/{}", iso_date.substr(8, 2), iso_date.substr(5, 2), iso_date.substr(0, 4));
}

std::string id_maker::make(std::string_view prefix, astrotalk::instant at) {
    static constexpr std::string_view alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    const auto wall = wall_in_india(at);
    auto id =
        fmt::format("{}{:02}{:02}{:02}{:02}{:02}{:02}{:03}", prefix, int(wall.day.year()) % 100,
                    unsigned(wall.day.month()), unsigned(wall.day.day()), wall.time.hours().count(),
                    wall.time.minutes().count(), wall.time.seconds().count(), wall.time.subseconds().count());
    for (int i = 0; i < 14; ++i) id += alphabet[random_() % alphabet.size()];
    return id;
}

std::string id_maker::digits(std::size_t count) {
    std::string made;
    while (made.size() < count) made += static_cast<char>('0' + random_() % 10);
    return made;
}

}  // namespace sandbox::digio
