#include "notification/messages.hpp"

#include <date/tz.h>
#include <fmt/format.h>

#include <array>

namespace astrotalk::notification {
namespace {

using texts = std::vector<std::string>;

const date::time_zone* find_zone(const std::string& name) {
    try {
        return date::locate_zone(name);
    } catch (const std::exception&) {
        return date::locate_zone("Etc/UTC");
    }
}

wall_time when_for_user(const booking_facts& b) { return local_time(b.starts_at, user_zone); }
wall_time when_for_astrologer(const booking_facts& b) { return local_time(b.starts_at, b.astrologer_zone); }

}  // namespace

wall_time local_time(instant at, const std::string& zone) {
    static constexpr std::array<const char*, 7> weekdays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr std::array<const char*, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto info = find_zone(zone)->get_info(at);
    const auto wall = at.time_since_epoch() + info.offset;
    const auto day = date::floor<date::days>(date::sys_time<std::chrono::microseconds>(wall));
    const date::year_month_day ymd(day);
    const auto minutes = std::chrono::floor<std::chrono::minutes>(wall - day.time_since_epoch()).count();
    const auto hour = minutes / 60;
    return {fmt::format("{} {} {} {}", weekdays[date::weekday(day).c_encoding()],
                        static_cast<unsigned>(ymd.day()), months[static_cast<unsigned>(ymd.month()) - 1],
                        static_cast<int>(ymd.year())),
            fmt::format("{}:{:02} {} {}", (hour + 11) % 12 + 1, minutes % 60, hour < 12 ? "AM" : "PM",
                        info.abbrev)};
}

std::string rupees(money amount) {
    const auto whole = amount.paise / 100, part = amount.paise % 100;
    return part ? fmt::format("Rs {}.{:02}", whole, part) : fmt::format("Rs {}", whole);
}

std::string shortened(std::string_view name, std::size_t limit) {
    std::string out;
    std::size_t points = 0;
    for (const char c : name) {
        const auto byte = static_cast<unsigned char>(c);
        const bool begins = (byte & 0xc0) != 0x80;
        if (begins && ++points > limit) break;
        out += byte < 0x20 || byte == 0x7f ? ' ' : c;
    }
    return out;
}

sms::written confirmed_for_user(const booking_facts& b, sms::language in) {
    const auto when = when_for_user(b);
    return sms::write(
        "booked", in,
        texts{shortened(b.astrologer_name), when.day, when.time, std::to_string(b.minutes), rupees(b.price)});
}

sms::written confirmed_for_astrologer(const booking_facts& b, sms::language in) {
    const auto when = when_for_astrologer(b);
    return sms::write("booked_astrologer", in, texts{when.day, when.time, std::to_string(b.minutes)});
}

sms::written cancelled_for_user(const booking_facts& b, sms::language in) {
    const auto when = when_for_user(b);
    const auto by = b.cancelled_by.value_or("admin");
    const auto* const kind = by == "user"         ? "cancelled_by_you"
                             : by == "astrologer" ? "cancelled_by_astrologer"
                                                  : "cancelled_by_team";
    return sms::write(
        kind, in,
        texts{shortened(b.astrologer_name), when.day, when.time, rupees(b.refund.value_or(b.price))});
}

sms::written cancelled_for_astrologer(const booking_facts& b, sms::language in) {
    const auto when = when_for_astrologer(b);
    const auto by = b.cancelled_by.value_or("admin");
    const auto* const kind = by == "user"         ? "astrologer_cancelled_by_user"
                             : by == "astrologer" ? "astrologer_cancelled_by_you"
                                                  : "astrologer_cancelled_by_team";
    return sms::write(kind, in, texts{when.day, when.time, std::to_string(b.minutes)});
}

sms::written rescheduled_for_user(const booking_facts& b, sms::language in) {
    const auto when = when_for_user(b);
    return sms::write("rescheduled", in,
                      texts{shortened(b.astrologer_name), when.day, when.time, std::to_string(b.minutes)});
}

sms::written rescheduled_for_astrologer(const booking_facts& b, sms::language in) {
    const auto when = when_for_astrologer(b);
    return sms::write("rescheduled_astrologer", in, texts{when.day, when.time, std::to_string(b.minutes)});
}

sms::written kyc_decided(kyc_outcome what, sms::language in) {
    return sms::write(fmt::format("kyc_{}", boost::describe::enum_to_string(what, "")), in, {});
}

sms::written payout_account_changed(sms::language in) { return sms::write("payout_account_changed", in, {}); }

namespace {

// In English and Hindi; {} is the day and time.
struct screen_text {
    const char *english, *hindi;
};

screen_text missed(side to, const std::optional<std::string>& by) {
    if (!by)
        return {"The consultation on {} did not take place. See the app.",
                "{} का परामर्श नहीं हुआ। "
                "ऐप में देखें।"};
    const bool own = *by == (to == side::user ? "user" : "astrologer");
    if (own)
        return {"You missed the consultation on {}. See the app.",
                "आप {} के परामर्श में नहीं आए। "
                "ऐप में देखें।"};
    return to == side::user
               ? screen_text{"The astrologer did not come to your consultation on {}. See the app.",
                             "ज्योतिषी {} के आपके परामर्श में नहीं आए। ऐप में देखें।"}
               : screen_text{"The user did not come to the consultation on {}. See the app.",
                             "ग्राहक {} के परामर्श में नहीं आए। ऐप में देखें।"};
}

screen_text screen_text_of(booking_news what, side to, const booking_facts& b) {
    const bool user = to == side::user;
    switch (what) {
        case booking_news::confirmed:
            return user ? screen_text{"Your consultation is booked: {}.", "आपका परामर्श बुक हुआ: {}।"}
                        : screen_text{"You have a new booking: {}.", "आपके लिए नई बुकिंग: {}।"};
        case booking_news::cancelled:
            return {"The consultation on {} was cancelled.", "{} का परामर्श रद्द किया गया।"};
        case booking_news::rescheduled:
            return {"The consultation was moved to {}.", "परामर्श का नया समय: {}।"};
        case booking_news::completed:
            return user ? screen_text{"Your consultation of {} is complete. You can review it in the app.",
                                      "{} का आपका परामर्श पूरा हुआ। ऐप में अपनी राय दें।"}
                        : screen_text{"The consultation of {} is complete.", "{} का परामर्श पूरा हुआ।"};
        case booking_news::no_show: return missed(to, b.no_show_by);
        case booking_news::reminder: return {"Your consultation is on {}.", "आपका परामर्श {} को है।"};
    }
    __builtin_unreachable();
}

}  // namespace

std::string booking_kind(booking_news what) {
    return fmt::format("booking.{}", boost::describe::enum_to_string(what, ""));
}

push_text booking_on_screen(booking_news what, side to, const booking_facts& b, sms::language in) {
    const auto text = screen_text_of(what, to, b);
    const auto when = to == side::user ? when_for_user(b) : when_for_astrologer(b);
    return {"AstroTalk", fmt::format(fmt::runtime(in == sms::language::hi ? text.hindi : text.english),
                                     fmt::format("{}, {}", when.day, when.time))};
}

push_text payout_account_on_screen(sms::language in) {
    return {"AstroTalk", in == sms::language::hi ? "आपकी कमाई का बैंक खाता बदला गया।"
                                                 : "The bank account for your earnings was changed."};
}

push_text recharge_on_screen(sms::language in) {
    return {"AstroTalk",
            in == sms::language::hi ? "आपके वॉलेट में पैसे आ गए।" : "The money has arrived in your wallet."};
}

push_text refund_on_screen(refund_outcome what, sms::language in) {
    const bool hindi = in == sms::language::hi;
    if (what == refund_outcome::processed)
        return {"AstroTalk", hindi ? "आपका रिफ़ंड भेज दिया गया।" : "Your refund is on its way to you."};
    return {"AstroTalk", hindi ? "रिफ़ंड नहीं हो सका: पैसे आपके वॉलेट में वापस हैं।"
                               : "The refund did not go through: the money is back in your wallet."};
}

push_text kyc_on_screen(kyc_outcome what, sms::language in) {
    const bool hindi = in == sms::language::hi;
    switch (what) {
        case kyc_outcome::approved:
            return {"AstroTalk", hindi ? "आपकी पहचान की जाँच पूरी हुई।" : "Your identity check is complete."};
        case kyc_outcome::rejected:
            return {"AstroTalk", hindi ? "आपकी पहचान की जाँच पर निर्णय हो गया है। ऐप में देखें।"
                                       : "There is a decision on your identity check. See it in the app."};
        case kyc_outcome::failed:
            return {"AstroTalk", hindi ? "आपकी पहचान की जाँच पूरी नहीं हो सकी। ऐप में देखें।"
                                       : "Your identity check could not be completed. See the app."};
    }
    __builtin_unreachable();
}

}  // namespace astrotalk::notification
