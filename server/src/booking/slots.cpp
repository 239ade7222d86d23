#include <date/tz.h>

#include "booking/domain.hpp"

namespace astrotalk::booking {
namespace {

using namespace std::chrono;

constexpr std::int32_t minutes_of_day = 1440;

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

// 0 is Monday. 1970-01-01 was a Thursday.
std::int32_t weekday_of(sys_days day) {
    return static_cast<std::int32_t>((day.time_since_epoch().count() % 7 + 10) % 7);
}

const day_hours* override_of(const rules& by, sys_days day) {
    const auto number = static_cast<std::int32_t>(day.time_since_epoch().count());
    const auto at = std::ranges::lower_bound(by.overrides, number, {}, &day_hours::day);
    return at != by.overrides.end() && at->day == number ? &*at : nullptr;
}

// The hours of one local day, as minutes of it, in order.
template <class F>
void for_each_hours(const rules& by, sys_days day, F use) {
    if (const auto* own = override_of(by, day)) {
        for (std::size_t i = 0; i + 1 < own->minutes.size(); i += 2)
            use(own->minutes[i], own->minutes[i + 1]);
        return;
    }
    const std::int32_t midnight = weekday_of(day) * minutes_of_day;
    for (std::size_t i = 0; i + 1 < by.weekly.size() && by.weekly[i] < midnight + minutes_of_day; i += 2)
        if (by.weekly[i + 1] > midnight)
            use(std::max(by.weekly[i] - midnight, 0), std::min(by.weekly[i + 1] - midnight, minutes_of_day));
}

// The hours as instants, clipped to `within`, in order and apart.
std::vector<range> open_hours(const rules& by, range within) {
    std::vector<range> open;
    for_each_stretch(by, within, [&](const stretch& part) {
        for (auto day = floor<days>(part.during.from + part.offset); day - part.offset < part.during.to;
             day += days(1)) {
            const instant midnight = day - part.offset;
            for_each_hours(by, day, [&](std::int32_t from, std::int32_t to) {
                const range hours{std::max<instant>(midnight + minutes(from), part.during.from),
                                  std::min<instant>(midnight + minutes(to), part.during.to)};
                if (hours.from >= hours.to) return;
                if (!open.empty() && open.back().to == hours.from)
                    open.back().to = hours.to;
                else
                    open.push_back(hours);
            });
        }
    });
    return open;
}

// The first instant at or after `at` that the local clock shows as a multiple of `interval`.
instant on_grid(instant at, seconds offset, minutes interval) {
    const auto past = (at + offset).time_since_epoch() % duration_cast<microseconds>(interval);
    if (past == microseconds(0)) return at;
    return at + (past > microseconds(0) ? interval - past : -past);
}

// How much is sold on which local day.
class sold_days {
  public:
    sold_days(const rules& by, std::span<const instant> counted) : by_(by) {
        if (!by.daily_cap && !by.weekly_cap) return;
        days_.reserve(counted.size());
        for (const instant at : counted) days_.push_back(floor<days>(at + stretch_at(by, at).offset));
        std::ranges::sort(days_);
    }
    bool full(sys_days day) const {
        const sys_days monday = day - days(weekday_of(day));
        return (by_.daily_cap && between(day, day + days(1)) >= *by_.daily_cap) ||
               (by_.weekly_cap && between(monday, monday + days(7)) >= *by_.weekly_cap);
    }

  private:
    std::ptrdiff_t between(sys_days from, sys_days to) const {
        return std::ranges::lower_bound(days_, to) - std::ranges::lower_bound(days_, from);
    }
    const rules& by_;
    std::vector<sys_days> days_;
};

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

// Shows every free start in order to `found`, which says whether to go on.
template <class F>
void visit_free(const rules& by, const taken& out, range within, minutes length, instant now, F found) {
    const range asked = bookable(by, within, now);
    if (asked.from >= asked.to) return;
    const auto open = open_hours(by, {asked.from, asked.to + length});
    passing hours(open), astrologer(out.astrologer), user(out.user);
    const sold_days sold(by, out.counted);
    bool wanted = true;
    for_each_stretch(by, asked, [&](const stretch& part) {
        instant tomorrow = part.during.from;
        bool closed = false;
        for (instant at = on_grid(part.during.from, part.offset, by.interval); wanted && at < part.during.to;
             at += by.interval) {
            const range span = span_of(at, length);
            if (at < part.new_since || !hours.contains(span)) continue;
            if (at >= tomorrow) {
                const auto today = floor<days>(at + part.offset);
                closed = sold.full(today);
                tomorrow = today + days(1) - part.offset;
            }
            if (closed || astrologer.overlaps(blocked_by(by, span)) || user.overlaps(span)) continue;
            wanted = found(at);
        }
    });
}

}  // namespace

bool offered(const rules& by, instant start, minutes length, instant now) {
    const range span = span_of(start, length);
    const range starts = bookable(by, {start, start + microseconds(1)}, now);
    if (starts.from != start || starts.from >= starts.to) return false;
    const stretch part = stretch_at(by, start);
    if (start < part.new_since || on_grid(start, part.offset, by.interval) != start) return false;
    const auto open = open_hours(by, span);
    return open.size() == 1 && open.front() == span;
}

bool full(const rules& by, std::span<const instant> counted, instant start) {
    return sold_days(by, counted).full(floor<days>(start + stretch_at(by, start).offset));
}

std::vector<instant> slots(const rules& by, const taken& out, range within, minutes length, instant now) {
    std::vector<instant> starts;
    visit_free(by, out, within, length, now, [&](instant at) {
        starts.push_back(at);
        return true;
    });
    return starts;
}

// A day at a time: most have something soon.
std::optional<instant> next_free(const rules& by, const taken& out, minutes length, instant now) {
    std::optional<instant> first;
    for (instant from = now; !first && from < now + by.window; from += days(1)) {
        visit_free(by, out, {from, from + days(1)}, length, now, [&](instant at) {
            first = at;
            return false;
        });
    }
    return first;
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
