#include "booking/ends.hpp"

#include "core/verify.hpp"

namespace astrotalk::booking {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr std::array every_state = {booking_state::confirmed, booking_state::cancelled,
                                    booking_state::completed, booking_state::no_show};

bool is_for(move what, side by) {
    switch (what) {
        case move::cancel: return true;
        case move::reschedule: return by == side::user;
        case move::check_in: return by != side::platform;
        case move::complete:
        case move::report_no_show:
        case move::refund: return by == side::platform;
    }
    __builtin_unreachable();
}

std::optional<error> reschedule_refusal(const booking& b, instant now) {
    if (now >= b.starts_at) return error::too_late;
    if (now > b.starts_at - hours(b.policy.reschedule_hours)) return error::reschedule_too_late;
    if (b.reschedules >= b.policy.most_reschedules) return error::reschedules_used_up;
    return std::nullopt;
}

std::optional<error> check_in_refusal(const booking& b, instant now) {
    if (now < b.starts_at - minutes(b.policy.check_in_minutes)) return error::check_in_too_early;
    if (now >= b.ends_at) return error::check_in_too_late;
    return std::nullopt;
}

money apology_of(const booking& b) { return std::min(b.policy.apology, b.price); }

}  // namespace

std::string_view name_of(booking_state s) {
    switch (s) {
        case booking_state::confirmed: return "confirmed";
        case booking_state::cancelled: return "cancelled";
        case booking_state::completed: return "completed";
        case booking_state::no_show: return "no_show";
    }
    __builtin_unreachable();
}

booking_state state_named(std::string_view name) {
    const auto* found = std::ranges::find(every_state, name, [](booking_state s) { return name_of(s); });
    verify(found != every_state.end());
    return *found;
}

std::string_view name_of(side s) {
    switch (s) {
        case side::user: return "user";
        case side::astrologer: return "astrologer";
        case side::platform: return "admin";
    }
    __builtin_unreachable();
}

std::optional<side> side_of(const booking& b, user_id who, bool is_admin) {
    if (who == b.user_id) return side::user;
    if (who == b.astrologer_id) return side::astrologer;
    if (is_admin) return side::platform;
    return std::nullopt;
}

std::optional<error> refusal_of(move what, side by, const booking& b, instant now) {
    if (!is_for(what, by)) return error::other_side_only;
    if (what == move::refund) return std::nullopt;  // of an ended booking as well
    switch (state_named(b.state)) {
        case booking_state::cancelled: return error::already_cancelled;
        case booking_state::completed:
        case booking_state::no_show: return error::already_settled;
        case booking_state::confirmed: break;
    }
    if (what == move::cancel && now >= b.starts_at) return error::too_late;
    if (what == move::reschedule) return reschedule_refusal(b, now);
    if (what == move::check_in) return check_in_refusal(b, now);
    return std::nullopt;
}

division divide(payment paid, money refund, const policy& by) {
    const money kept = paid.cash + paid.bonus - refund;
    const money from_bonus = std::min(paid.bonus, kept);
    const money commission{kept.paise * by.commission_basis_points / 10'000};
    return {paid.cash - (kept - from_bonus), paid.bonus - from_bonus, kept - commission, commission};
}

money percent_of(money price, std::int32_t percent) { return {(price.paise * percent + 99) / 100}; }

deadlines deadlines_of(const booking& b) {
    if (b.reassigned_from) return {b.starts_at, b.starts_at};  // not whom they chose
    return {b.starts_at - hours(b.policy.full_refund_hours), b.starts_at - hours(b.policy.part_refund_hours)};
}

ending cancelled(const booking& b, side by, instant now) {
    if (by != side::user) return {booking_state::cancelled, by, b.price, apology_of(b), {}};
    const auto [all_until, part_until] = deadlines_of(b);
    const std::int32_t percent = now <= all_until    ? 100
                                 : now <= part_until ? b.policy.part_refund_percent
                                                     : 0;
    return {booking_state::cancelled, by, percent_of(b.price, percent), {}, {}};
}

ending completed() { return {booking_state::completed, std::nullopt, {}, {}, {}}; }

ending missed(const booking& b, side by) {
    if (by == side::user)
        return {
            booking_state::no_show, by, percent_of(b.price, b.policy.user_no_show_refund_percent), {}, {}};
    // Who was not there either was not kept waiting.
    const money apology = b.user_checked_in_at ? apology_of(b) : money{};
    return {booking_state::no_show, side::astrologer, b.price, apology, b.policy.penalty};
}

std::optional<ending> settled(const booking& b, instant now) {
    if (b.state != "confirmed" || now < b.ends_at + minutes(b.policy.settle_minutes)) return std::nullopt;
    if (!b.astrologer_checked_in_at) return missed(b, side::astrologer);
    if (b.user_checked_in_at || b.policy.completed_by == completion::astrologer) return completed();
    return missed(b, side::user);
}

}  // namespace astrotalk::booking
