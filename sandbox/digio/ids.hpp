// Digio's identifiers and how it writes times: 32 characters that begin with three letters and the moment,
// and wall clock times of India that name no zone.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <string_view>

#include "core/clock.hpp"

namespace sandbox::digio {

// "2026-11-23 14:30:05": India has one zone, five and a half hours ahead of UTC, and no summer time.
std::string time_in_india(astrotalk::instant at);
// "1990-01-31" as "31/01/1990".
std::string as_date_of_birth(std::string_view iso_date);

// The same seed gives the same identifiers at the same moments.
class id_maker {
  public:
    explicit id_maker(std::uint64_t seed) : random_(seed) {}

    // KID…, KIA…, KSA…, FIL…, GWT…, WHN…: the prefix, yyMMddHHmmssSSS, and 14 of [0-9A-Z].
    std::string make(std::string_view prefix, astrotalk::instant at);
    std::uint64_t number() { return random_(); }
    std::string digits(std::size_t count);

  private:
    std::mt19937_64 random_;
};

}  // namespace sandbox::digio
