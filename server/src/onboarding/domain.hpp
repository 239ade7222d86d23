// What an astrologer's profile, prices and weekly hours are, and what makes them right. Pure: no I/O and no
// clock. Lengths are counted in code points, so that a name in Devanagari has the room that one in Latin has.
#pragma once

#include <array>
#include <boost/describe.hpp>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/channel.hpp"
#include "core/clock.hpp"
#include "core/ids.hpp"
#include "core/money.hpp"

namespace astrotalk::onboarding {

// Why a request is refused, in order of precedence.
enum class error : std::uint8_t {
    not_astrologer,        // the caller signed up as a user
    astrologer_not_found,  // nobody of that id has a profile
    already_submitted,     // it waits for a decision or has been approved
    not_pending,           // there is nothing to decide: somebody else decided, or it was never submitted
    kyc_not_completed,     // the identity check has not passed
    profile_incomplete,    // what is submitted, judged or listed must be whole
};

// A JSON pointer into what was sent, and what was expected there.
using faults = std::vector<std::pair<std::string, std::string>>;

struct refusal {
    error code;
    faults missing{};  // of profile_incomplete
};

// The taxonomy. A code is stored and sent; its name in each language belongs to the apps.
inline constexpr std::array<std::string_view, 16> specializations = {
    "vedic", "tarot",        "numerology", "vastu",   "palmistry", "kp",        "lal_kitab", "prashna",
    "nadi",  "face_reading", "reiki",      "western", "muhurta",   "gemstones", "psychic",   "matchmaking"};
inline constexpr std::array<std::string_view, 16> languages = {
    "en", "hi", "bn", "mr", "gu", "ta", "te", "kn", "ml", "pa", "ur", "or", "as", "ne", "sd", "sa"};
inline constexpr money lowest_price{100}, highest_price{100'000};  // a minute

// What the astrologer writes. A draft may be half written; `missing` says what keeps it from being submitted.
struct profile_draft {
    std::string display_name, bio;
    std::vector<std::string> languages, specializations;
    std::int32_t experience_years = 0;
    std::string city;
};
BOOST_DESCRIBE_STRUCT(profile_draft, (),
                      (display_name, bio, languages, specializations, experience_years, city))

struct profile {
    user_id id;
    std::string status;  // draft, pending, approved or rejected
    std::string display_name, bio;
    std::vector<std::string> languages, specializations;
    std::int32_t experience_years = 0;
    std::string city;
    std::optional<instant> submitted_at, decided_at;
    std::optional<std::string> decision_reason;
    channel_prices prices;
};
BOOST_DESCRIBE_STRUCT(profile, (),
                      (id, status, display_name, bio, languages, specializations, experience_years, city,
                       submitted_at, decided_at, decision_reason, prices))

// Trims the texts and drops repeated codes.
// Without the blanks around it.
std::string trimmed(std::string_view text);
profile_draft tidied(profile_draft sent);
faults check(const profile_draft& draft);
faults missing(const profile& saved);
faults check(const channel_prices& sent);
// An admin's reason for a decision.
faults check_reason(std::string_view reason);

// The number of code points, or nothing where the text is not UTF-8 or has control or direction-override
// characters (line feeds are allowed only where `multiline`). 0 where nothing of it can be seen.
std::optional<std::size_t> printable_length(std::string_view text, bool multiline);

// Weekly hours on the wire: ISO days (1 = Monday) and wall times "HH:MM" in `zone`; an end may be "24:00".
struct weekly_rule {
    std::int32_t day = 0;
    std::string start, end;
    bool operator==(const weekly_rule&) const = default;
};
BOOST_DESCRIBE_STRUCT(weekly_rule, (), (day, start, end))

// What is left out of a request has its default; an answer has everything but what there is not.
struct availability {
    std::string zone;
    std::vector<weekly_rule> weekly;
    std::int32_t buffer_before = 0, buffer_after = 0;    // minutes kept free around a consultation
    std::int32_t notice_minutes = 0;                     // how soon at the earliest
    std::int32_t window_days = 0;                        // how far ahead at most
    std::optional<std::vector<weekly_rule>> breaks{};    // taken out of the weekly hours
    std::optional<std::int32_t> slot_interval{};         // minutes from start to start; 15
    std::optional<std::vector<std::int32_t>> lengths{};  // on sale; all of consultation_lengths
    std::optional<std::int32_t> free_minutes{};          // of a first consultation at no price; none
    std::optional<std::int32_t> daily_cap{},
        weekly_cap{};  // consultations of a local day, a local week; none
};
BOOST_DESCRIBE_STRUCT(availability, (),
                      (zone, weekly, buffer_before, buffer_after, notice_minutes, window_days, breaks,
                       slot_interval, lengths, free_minutes, daily_cap, weekly_cap))

inline constexpr std::array<std::int32_t, 4> consultation_lengths = {15, 30, 45, 60};
inline constexpr std::array<std::int32_t, 3> free_lengths = {5, 10, 15};
inline constexpr std::array<std::int32_t, 6> slot_intervals = {5, 10, 15, 20, 30, 60};

inline constexpr std::int32_t minutes_of_day = 1440, minutes_of_week = 7 * minutes_of_day;

// Minutes since midnight of "HH:MM", 00:00 to 24:00.
std::optional<std::int32_t> minute_of_day(std::string_view wall_time);
faults check(const availability& sent);
// With the defaults in place of what was left out, lengths in order and once. It has passed `check`.
availability completed(availability sent);
// Pairs [start, end) of minutes of the week (Monday 00:00 = 0), sorted, overlapping and touching ones merged.
// The rules have passed `check`.
std::vector<std::int32_t> to_minutes(std::span<const weekly_rule> rules);
// The other way; what crosses midnight becomes one rule a day.
std::vector<weekly_rule> to_rules(std::span<const std::int32_t> minutes);

// Whether the IANA time zone database has it. Reads the system's database at its first call. Thread-safe.
bool known_zone(std::string_view name);

}  // namespace astrotalk::onboarding
