#include <date/tz.h>

#include "booking/domain.hpp"

namespace astrotalk::booking {
namespace {

using namespace std::chrono;

constexpr minutes grid{15};
constexpr auto week = duration_cast<microseconds>(days(7));
// Weeks are counted from this Monday.
constexpr sys_days first_monday{1970y / January / 5};

// A stretch of time in which the zone's offset from UTC does not change.
struct stretch {
    range during;
    seconds offset;
    instant new_since;  // from here on its local times have not happened before
};

stretch stretch_at(const rules& by, instant at) {
    const auto here = by.zone->get_info(floor<seconds>(at));
    stretch found{{here.begin, here.end}, here.offset, here.begin};
    // A clock that was set back shows the same local times again. No clock is set back by more than a day.
    if (at - here.begin < days(1)) {
        const auto before = by.zone->get_info(here.begin - seconds(1));
        if (before.offset > here.offset) found.new_since = here.begin + (before.offset - here.offset);
    }
    return found;
}

template <class F>
void for_each_stretch(const rules& by, range within, F use) {
    for (instant at = within.from; at < within.to;) {
        stretch part = stretch_at(by, at);
        const instant next = part.during.to;
        part.during.from = at;
        part.during.to = std::min(next, within.to);
        use(part);
        at = next;
    }
}

// The weekly hours as instants, clipped to `within`, in order and apart.
std::vector<range> open_hours(const rules& by, range within) {
    std::vector<range> open;
    for_each_stretch(by, within, [&](const stretch& part) {
        const auto local = part.during.from + part.offset - first_monday;
        instant monday =
            first_monday + floor<duration<std::int64_t, std::ratio<604800>>>(local) - part.offset;
        for (; monday < part.during.to; monday += week) {
            for (std::size_t i = 0; i + 1 < by.weekly.size(); i += 2) {
                const range hours{std::max<instant>(monday + minutes(by.weekly[i]), part.during.from),
                                  std::min<instant>(monday + minutes(by.weekly[i + 1]), part.during.to)};
                if (hours.from >= hours.to) continue;
                if (!open.empty() && open.back().to == hours.from)
                    open.back().to = hours.to;
                else
                    open.push_back(hours);
            }
        }
    });
    return open;
}

// The first instant of the local grid at or after `at`.
instant on_grid(instant at, seconds offset) {
    const auto local = (at + offset).time_since_epoch();
    return instant(ceil<duration<std::int64_t, std::ratio<900>>>(local)) - offset;
}

// The starts that notice and window leave of `within`.
range bookable(const rules& by, range within, instant now) {
    const instant earliest = std::max<instant>(now + by.notice, now + microseconds(1));
    return {std::max(within.from, earliest), std::min<instant>(within.to, now + by.window)};
}

// Walks along sorted ranges that are apart, for questions that only move forward.
class passing {
  public:
    explicit passing(std::span<const range> ranges) : left_(ranges) {}
    bool overlaps(range asked) {
        while (!left_.empty() && left_.front().to <= asked.from) left_ = left_.subspan(1);
        return !left_.empty() && left_.front().overlaps(asked);
    }
    bool contains(range asked) {
        while (!left_.empty() && left_.front().to <= asked.from) left_ = left_.subspan(1);
        return !left_.empty() && left_.front().from <= asked.from && asked.to <= left_.front().to;
    }

  private:
    std::span<const range> left_;
};

}  // namespace

const date::time_zone* find_zone(const std::string& name) {
    try {
        return date::locate_zone(name);
    } catch (const std::runtime_error&) {
        return nullptr;
    }
}

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

bool is_length(std::int32_t minutes) {
    return minutes == 15 || minutes == 30 || minutes == 45 || minutes == 60;
}

bool offered(const rules& by, instant start, minutes length, instant now) {
    const range span = span_of(start, length);
    const range starts = bookable(by, {start, start + microseconds(1)}, now);
    if (starts.from != start || starts.from >= starts.to) return false;
    const stretch part = stretch_at(by, start);
    if (start < part.new_since || on_grid(start, part.offset) != start) return false;
    const auto open = open_hours(by, span);
    return open.size() == 1 && open.front() == span;
}

std::vector<instant> slots(const rules& by, const taken& out, range within, minutes length, instant now) {
    std::vector<instant> starts;
    const range asked = bookable(by, within, now);
    if (asked.from >= asked.to) return starts;
    const auto open = open_hours(by, {asked.from, asked.to + length});
    passing hours(open), astrologer(out.astrologer), user(out.user);
    for_each_stretch(by, asked, [&](const stretch& part) {
        for (instant at = on_grid(part.during.from, part.offset); at < part.during.to; at += grid) {
            const range span = span_of(at, length);
            if (at < part.new_since || !hours.contains(span)) continue;
            if (!astrologer.overlaps(blocked_by(by, span)) && !user.overlaps(span)) starts.push_back(at);
        }
    });
    return starts;
}

std::vector<slot> nearest(std::span<const instant> starts, instant wanted, minutes length, std::size_t most) {
    std::size_t to =
        static_cast<std::size_t>(std::lower_bound(starts.begin(), starts.end(), wanted) - starts.begin());
    std::size_t from = to;
    while (to - from < most && (from > 0 || to < starts.size())) {
        if (to == starts.size() || (from > 0 && wanted - starts[from - 1] <= starts[to] - wanted))
            --from;
        else
            ++to;
    }
    std::vector<slot> found;
    for (; from < to; ++from) found.push_back({starts[from], starts[from] + length});
    return found;
}

}  // namespace astrotalk::booking
