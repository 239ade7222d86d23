// Bookings as they should be, plainly: everything in memory, one thing after another, no code of this folder
// but its names. The simulation holds the product against it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "booking/domain.hpp"

namespace astrotalk::booking::testing {

// People and astrologers are numbers; time is given. An operation answers why it is refused, or nothing.
struct model {
    using answer = std::optional<error>;
    static constexpr std::chrono::minutes length{30}, buffer{5};
    static constexpr std::int64_t price = 30'000;

    struct held {
        int user, astrologer;
        instant start, expires;
        bool extended = false, open = true;
    };
    struct sale {
        int user, astrologer;
        instant start;
        std::int64_t bonus, cash;
        std::string state = "confirmed", by = "";  // who cancelled or did not come
        std::int64_t refund = 0, apology = 0;
        int moves = 0;
        bool user_came = false, astrologer_came = false;
        instant end() const { return start + length; }
    };
    struct purse {
        std::int64_t cash = 0, bonus = 0, held = 0, earnings = 0;
    };

    std::vector<purse> users, astrologers;
    std::vector<held> holds;  // by number, also those that have ended
    std::vector<sale> sales;
    std::int64_t commission = 0, penalties = 0, promotions = 0;

    // What else is in the way of that time for them; `own` is a sale that is about to move.
    answer in_the_way(int user, int astrologer, instant start, int own, instant now) const {
        const auto meets = [](instant a, auto a_long, instant b, auto b_long) {
            return a < b + b_long && b < a + a_long;
        };
        for (const held& h : holds)
            if (h.open && h.expires > now && h.user != user && h.astrologer == astrologer &&
                meets(h.start, length + buffer, start, length + buffer))
                return error::slot_taken;
        for (int i = 0; i < static_cast<int>(sales.size()); ++i) {
            const sale& b = sales[static_cast<std::size_t>(i)];
            if (i != own && b.state == "confirmed" && b.astrologer == astrologer &&
                meets(b.start, length + buffer, start, length + buffer))
                return error::slot_taken;
        }
        for (int i = 0; i < static_cast<int>(sales.size()); ++i) {
            const sale& b = sales[static_cast<std::size_t>(i)];
            if (i != own && b.state == "confirmed" && b.user == user && meets(b.start, length, start, length))
                return error::user_busy;
        }
        return std::nullopt;
    }

    answer hold(int user, int astrologer, instant start, instant now) {
        if (start <= now) return error::slot_not_offered;
        if (const auto why = in_the_way(user, astrologer, start, -1, now)) return why;
        for (held& h : holds)
            if (h.user == user) h.open = false;
        holds.push_back({user, astrologer, start, std::min<instant>(now + std::chrono::minutes(5), start)});
        return std::nullopt;
    }
    answer extend(int user, std::size_t at, instant now) {
        held& h = holds[at];
        if (h.user != user) return error::hold_not_found;
        if (!h.open || h.expires <= now) return error::hold_expired;
        if (h.extended) return error::hold_extended_before;
        h.extended = true;
        h.expires = std::min<instant>(h.expires + std::chrono::minutes(5), h.start);
        return std::nullopt;
    }
    answer book(int user, std::size_t at, instant now) {
        held& h = holds[at];
        if (h.user != user) return error::hold_not_found;
        if (!h.open || h.expires <= now) return error::hold_expired;
        purse& p = users[static_cast<std::size_t>(user)];
        if (p.cash + p.bonus < price) return error::insufficient_funds;
        const std::int64_t bonus = std::min(p.bonus, price);
        p.bonus -= bonus;
        p.cash -= price - bonus;
        p.held += price;
        h.open = false;
        sales.push_back({user, h.astrologer, h.start, bonus, price - bonus});
        return std::nullopt;
    }

    // The sale ends: the user gets so much back, cash first; of the rest half is the astrologer's.
    void end(sale& b, std::string state, std::string by, std::int64_t refund, std::int64_t apology,
             std::int64_t penalty) {
        purse& user = users[static_cast<std::size_t>(b.user)];
        purse& reader = astrologers[static_cast<std::size_t>(b.astrologer)];
        const std::int64_t cash = std::min(refund, b.cash), kept = price - refund;
        user.held -= price;
        user.cash += cash;
        user.bonus += refund - cash + apology;
        reader.earnings += kept - kept / 2 - penalty;
        commission += kept / 2;
        penalties += penalty;
        promotions -= apology;
        b.state = std::move(state);
        b.by = std::move(by);
        b.refund = refund;
        b.apology = apology;
    }
    static answer settled(const sale& b) {
        if (b.state == "cancelled") return error::already_cancelled;
        if (b.state != "confirmed") return error::already_settled;
        return std::nullopt;
    }

    answer cancel(std::string by, std::size_t at, instant now) {
        sale& b = sales[at];
        if (const auto why = settled(b)) return why;
        if (now >= b.start) return error::too_late;
        std::int64_t refund = price;
        if (by == "user" && b.start - now < std::chrono::hours(24)) refund = price / 2;
        if (by == "user" && b.start - now < std::chrono::hours(2)) refund = 0;
        end(b, "cancelled", by, refund, by == "user" ? 0 : 5'000, 0);
        return std::nullopt;
    }
    answer reschedule(std::string by, std::size_t at, instant start, instant now) {
        sale& b = sales[at];
        if (by != "user") return error::other_side_only;
        if (const auto why = settled(b)) return why;
        if (now >= b.start) return error::too_late;
        if (b.start - now < std::chrono::hours(2)) return error::reschedule_too_late;
        if (b.moves == 2) return error::reschedules_used_up;
        if (start == b.start) return error::same_time;
        if (start <= now) return error::slot_not_offered;
        if (const auto why = in_the_way(b.user, b.astrologer, start, static_cast<int>(at), now)) return why;
        for (held& h : holds) {  // their own hold gives way where it would be in it
            const bool same = h.astrologer == b.astrologer;
            const auto rest = same ? length + buffer : length;
            if (h.user == b.user && h.start < start + rest && start < h.start + rest) h.open = false;
        }
        b.start = start;
        ++b.moves;
        b.user_came = b.astrologer_came = false;
        return std::nullopt;
    }
    answer check_in(std::string by, std::size_t at, instant now) {
        sale& b = sales[at];
        if (by == "admin") return error::other_side_only;
        if (const auto why = settled(b)) return why;
        if (b.start - now > std::chrono::minutes(10)) return error::check_in_too_early;
        if (now >= b.end()) return error::check_in_too_late;
        (by == "user" ? b.user_came : b.astrologer_came) = true;
        return std::nullopt;
    }
    int settle(instant now) {
        int ended = 0;
        for (sale& b : sales) {
            if (b.state != "confirmed" || now < b.end() + std::chrono::minutes(15)) continue;
            ++ended;
            if (b.astrologer_came && b.user_came)
                end(b, "completed", "", 0, 0, 0);
            else if (b.astrologer_came)
                end(b, "no_show", "user", 0, 0, 0);
            else
                end(b, "no_show", "astrologer", price, b.user_came ? 5'000 : 0, 10'000);
        }
        return ended;
    }
};

}  // namespace astrotalk::booking::testing
