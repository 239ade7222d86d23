// The rules as they are kept, made into those that slots are computed from.
#include <date/tz.h>

#include <algorithm>

#include "booking/domain.hpp"

namespace astrotalk::booking {

const date::time_zone* find_zone(const std::string& name) {
    try {
        return date::locate_zone(name);
    } catch (const std::runtime_error&) {
        return nullptr;
    }
}

bool is_length(std::int32_t minutes) {
    return minutes == 15 || minutes == 30 || minutes == 45 || minutes == 60;
}

bool is_free_length(std::int32_t minutes) { return minutes == 5 || minutes == 10 || minutes == 15; }

std::vector<std::int32_t> merge_weekly(std::span<const std::int32_t> pairs) {
    std::vector<std::pair<std::int32_t, std::int32_t>> sorted;
    for (std::size_t i = 0; i + 1 < pairs.size(); i += 2) sorted.emplace_back(pairs[i], pairs[i + 1]);
    std::sort(sorted.begin(), sorted.end());
    std::vector<std::int32_t> merged;
    for (const auto& [from, to] : sorted) {
        if (!merged.empty() && from <= merged.back())
            merged.back() = std::max(merged.back(), to);
        else if (from < to)
            merged.insert(merged.end(), {from, to});
    }
    return merged;
}

std::vector<std::int32_t> without(std::span<const std::int32_t> pairs, std::span<const std::int32_t> less) {
    std::vector<std::int32_t> left;
    for (std::size_t i = 0; i + 1 < pairs.size(); i += 2) {
        std::int32_t from = pairs[i];
        const std::int32_t to = pairs[i + 1];
        for (std::size_t j = 0; j + 1 < less.size() && from < to; j += 2) {
            if (less[j + 1] <= from || less[j] >= to) continue;
            if (less[j] > from) left.insert(left.end(), {from, less[j]});
            from = less[j + 1];
        }
        if (from < to) left.insert(left.end(), {from, to});
    }
    return left;
}

std::vector<day_hours> unpack_overrides(std::span<const std::int32_t> packed) {
    std::vector<day_hours> made;
    while (packed.size() >= 2 && static_cast<std::size_t>(packed[1]) <= packed.size() - 2) {
        const auto hours = packed.subspan(2, static_cast<std::size_t>(packed[1]));
        made.push_back({packed[0], {hours.begin(), hours.end()}});
        packed = packed.subspan(2 + hours.size());
    }
    return made;
}

std::vector<std::int32_t> pack_overrides(std::span<const day_hours> overrides) {
    std::vector<std::int32_t> packed;
    for (const auto& each : overrides) {
        packed.insert(packed.end(), {each.day, static_cast<std::int32_t>(each.minutes.size())});
        packed.insert(packed.end(), each.minutes.begin(), each.minutes.end());
    }
    return packed;
}

}  // namespace astrotalk::booking
