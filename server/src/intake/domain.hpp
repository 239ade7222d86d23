// Whose chart is to be read, and what a birth profile has to say. Pure: time is an argument.
//
// A birth time is what clocks at the place showed then, so it comes with the place's IANA zone: the zone's
// history turns it into an instant, wartime hours and local mean time included.
#pragma once

#include <boost/describe.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/clock.hpp"
#include "core/secret.hpp"

namespace astrotalk::intake {

enum class relation : std::uint8_t { self, partner, child, parent, sibling, other };
BOOST_DESCRIBE_ENUM(relation, self, partner, child, parent, sibling, other)

enum class gender : std::uint8_t { female, male, other };
BOOST_DESCRIBE_ENUM(gender, female, male, other)

// Of a time that clocks showed twice that day, because they were set back.
enum class occurrence : std::uint8_t { first, second };
BOOST_DESCRIBE_ENUM(occurrence, first, second)

struct place {
    personal name;
    double latitude = 0, longitude = 0;  // degrees, north and east
    std::string zone;                    // IANA
};
BOOST_DESCRIBE_STRUCT(place, (), (name, latitude, longitude, zone))

// As it is sent and as it is sealed.
struct birth {
    personal name;
    intake::relation relation{};
    std::optional<intake::gender> gender;
    personal birth_date;                 // 1990-02-28
    std::optional<personal> birth_time;  // 06:40
    bool time_unknown = false;
    std::optional<occurrence> which_of_two;
    intake::place place;
};
BOOST_DESCRIBE_STRUCT(birth, (),
                      (name, relation, gender, birth_date, birth_time, time_unknown, which_of_two, place))

using faults = std::vector<std::pair<std::string, std::string>>;  // JSON pointer, what was expected

// Without spaces around the texts.
birth tidied(birth sent);
// Nobody is born before 1900 or after `now`; a time that clocks at the place never showed that day is a
// fault.
faults faults_of(const birth& sent, instant now);

// When it was, and by how much clocks there were ahead of UTC.
struct moment {
    instant at;
    std::chrono::seconds offset{};
};
// Nothing when the time is unknown. `of` has no faults.
std::optional<moment> moment_of(const birth& of);
// "+05:30"; of local mean time "+05:53:28".
std::string offset_text(std::chrono::seconds offset);

std::string tidied_question(std::string_view sent);
inline constexpr std::size_t longest_question = 2000;  // code points
faults faults_of_question(std::string_view question);

// What a user gave for a booking is theirs to change until it starts.
enum class closed : std::uint8_t { no, cancelled, started };
closed closed_for_changes(std::string_view state, instant starts_at, instant now);

// Astrologers see it while they prepare and hold the consultation, and for three days after it, for what
// they promised to look up. Not of a booking that was cancelled or not kept.
inline constexpr std::chrono::hours seen_after_end{72};
bool astrologer_may_see(std::string_view state, instant ends_at, instant now);

}  // namespace astrotalk::intake
