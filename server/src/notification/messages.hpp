// What each message says, by the templates of sms/templates.hpp. Pure. English texts are plain ASCII but for
// names, so that a message with a Latin name is one SMS of 160 characters and one with a Hindi name is at
// most two or three of 67.
#pragma once

#include <boost/describe.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "core/clock.hpp"
#include "core/money.hpp"
#include "sms/templates.hpp"

namespace astrotalk::notification {

// The apps serve India; a user's own zone is not asked for.
inline const std::string user_zone = "Asia/Kolkata";

// What a message says of a booking.
struct booking_facts {
    std::string astrologer_name;
    std::string astrologer_zone;  // IANA
    instant starts_at;
    int minutes = 0;
    money price;
    std::optional<std::string> cancelled_by{};  // user, astrologer, admin
    std::optional<money> refund{};              // of a cancelled one; the price when it is not said
    std::optional<std::string> no_show_by{};    // user, astrologer
};

sms::written confirmed_for_user(const booking_facts& b, sms::language in = sms::language::en);
sms::written confirmed_for_astrologer(const booking_facts& b, sms::language in = sms::language::en);
sms::written cancelled_for_user(const booking_facts& b, sms::language in = sms::language::en);
sms::written cancelled_for_astrologer(const booking_facts& b, sms::language in = sms::language::en);
sms::written rescheduled_for_user(const booking_facts& b, sms::language in = sms::language::en);
sms::written rescheduled_for_astrologer(const booking_facts& b, sms::language in = sms::language::en);

// What came of an identity check.
enum class kyc_outcome : std::uint8_t { approved, rejected, failed };
BOOST_DESCRIBE_ENUM(kyc_outcome, approved, rejected, failed)

sms::written kyc_decided(kyc_outcome what, sms::language in);
sms::written payout_account_changed(sms::language in);
// Of a push message, which stands on locked screens.
struct push_text {
    std::string title, body;
};
push_text kyc_on_screen(kyc_outcome what, sms::language in);
// What happened to a booking, and to which of its sides it is told. Neither is named.
enum class booking_news : std::uint8_t { confirmed, cancelled, rescheduled, completed, no_show, reminder };
BOOST_DESCRIBE_ENUM(booking_news, confirmed, cancelled, rescheduled, completed, no_show, reminder)
std::string booking_kind(booking_news what);  // "booking.confirmed", in the outbox and in the inbox
enum class side : std::uint8_t { user, astrologer };
push_text booking_on_screen(booking_news what, side to, const booking_facts& b, sms::language in);
push_text payout_account_on_screen(sms::language in);
push_text recharge_on_screen(sms::language in);
// What became of a refund to where money came from; all but the first put it back into the wallet.
enum class refund_outcome : std::uint8_t { processed, failed, rejected };
BOOST_DESCRIBE_ENUM(refund_outcome, processed, failed, rejected)
push_text refund_on_screen(refund_outcome what, sms::language in);

// "Tue 24 Nov 2026" and "4:30 PM IST" as clocks in that zone show it; in UTC when the zone is unknown.
struct wall_time {
    std::string day, time;
};
wall_time local_time(instant at, const std::string& zone);
// "Rs 750" or "Rs 750.05": the sign of the rupee is not in the alphabet of a plain SMS.
std::string rupees(money amount);
// At most `limit` code points, never half of one, without control characters.
std::string shortened(std::string_view name, std::size_t limit = 30);

}  // namespace astrotalk::notification
