#include "notification/messages.hpp"

#include <gtest/gtest.h>

#include <boost/mp11/algorithm.hpp>
#include <set>

namespace astrotalk::notification {
namespace {

using namespace std::chrono_literals;

booking_facts example() {
    return {"Acharya Meera",
            "Asia/Kolkata",
            instant(std::chrono::sys_days(std::chrono::year(2026) / 11 / 24) + 11h),
            30,
            money{75000},
            std::nullopt};
}

std::string both(const wall_time& w) { return w.day + ", " + w.time; }

TEST(messages, say_what_was_booked) {
    EXPECT_EQ(confirmed_for_user(example()).text.reveal(),
              "AstroTalk: booked with Acharya Meera on Tue 24 Nov 2026, 4:30 PM IST, 30 min, Rs 750.");
    EXPECT_EQ(
        confirmed_for_astrologer(example()).text.reveal(),
        "AstroTalk: new booking on Tue 24 Nov 2026, 4:30 PM IST, 30 min. See your bookings in the app.");
}

TEST(messages, say_who_cancelled) {
    auto b = example();
    b.cancelled_by = "user";
    EXPECT_EQ(cancelled_for_user(b).text.reveal(),
              "AstroTalk: you cancelled your booking with Acharya Meera on Tue 24 Nov 2026, "
              "4:30 PM IST. Rs 750 is back in your wallet.");
    EXPECT_EQ(cancelled_for_astrologer(b).text.reveal(),
              "AstroTalk: the user cancelled the booking on Tue 24 Nov 2026, 4:30 PM "
              "IST, 30 min. The time is free again.");
    b.cancelled_by = "astrologer";
    EXPECT_EQ(cancelled_for_user(b).text.reveal().find("AstroTalk: Acharya Meera cancelled your booking on"),
              0u);
    EXPECT_EQ(cancelled_for_astrologer(b).text.reveal().find("AstroTalk: you cancelled the booking"), 0u);
    b.cancelled_by = "admin";
    EXPECT_EQ(cancelled_for_user(b).text.reveal().find("AstroTalk: our team cancelled your booking with"),
              0u);
}

TEST(messages, say_where_a_booking_was_moved_to) {
    EXPECT_EQ(rescheduled_for_user(example()).text.reveal(),
              "AstroTalk: your booking with Acharya Meera is now on Tue 24 Nov 2026, 4:30 PM IST, 30 min.");
    EXPECT_EQ(rescheduled_for_astrologer(example()).text.reveal(),
              "AstroTalk: a booking was moved to Tue 24 Nov 2026, 4:30 PM IST, 30 min. See your bookings in "
              "the app.");
}

TEST(messages, what_comes_back_is_what_is_said) {
    auto b = example();
    b.cancelled_by = "user";
    b.refund = money{37550};
    const auto text = cancelled_for_user(b).text.reveal();
    EXPECT_NE(text.find("Rs 375.50 is back"), std::string::npos) << text;
}

// A locked screen is read by whoever holds the phone.
TEST(messages, a_screen_says_what_and_when_and_names_nobody) {
    auto b = example();
    std::set<std::string> all;
    for (const auto* by : {"user", "astrologer"}) {
        b.no_show_by = by;
        for (const auto to : {side::user, side::astrologer})
            for (const auto in : {sms::language::en, sms::language::hi})
                boost::mp11::mp_for_each<boost::describe::describe_enumerators<booking_news>>([&](auto each) {
                    const auto shown = booking_on_screen(each.value, to, b, in);
                    EXPECT_EQ(shown.title, "AstroTalk");
                    EXPECT_EQ(shown.body.find("Meera"), std::string::npos);
                    EXPECT_NE(shown.body.find("Tue 24 Nov 2026, 4:30 PM IST"), std::string::npos);
                    EXPECT_EQ(in == sms::language::hi, shown.body.ends_with("।")) << shown.body;
                    all.insert(shown.body);
                });
    }
    // Confirmed, completed and a no-show (by whom) differ by side; cancelled, moved and reminders do not. Who
    // missed it is told the same on either side.
    EXPECT_EQ(all.size(), 2u * (2 + 2 + 3 + 1 + 1 + 1));
    b.no_show_by.reset();
    EXPECT_EQ(booking_on_screen(booking_news::no_show, side::user, b, sms::language::en).body,
              "The consultation on Tue 24 Nov 2026, 4:30 PM IST did not take place. See the app.");
    EXPECT_EQ(booking_kind(booking_news::no_show), "booking.no_show");
}

TEST(messages, times_are_wall_times_of_the_zone) {
    const auto summer = instant(std::chrono::sys_days(std::chrono::year(2026) / 7 / 1) + 22h + 5min);
    EXPECT_EQ(both(local_time(summer, "Europe/London")), "Wed 1 Jul 2026, 11:05 PM BST");
    EXPECT_EQ(both(local_time(summer, "Asia/Kolkata")), "Thu 2 Jul 2026, 3:35 AM IST");
    EXPECT_EQ(both(local_time(summer + 2h - 5min, "Etc/UTC")), "Thu 2 Jul 2026, 12:00 AM UTC");
    EXPECT_EQ(both(local_time(summer + 14h, "Etc/UTC")), "Thu 2 Jul 2026, 12:05 PM UTC");
    EXPECT_EQ(both(local_time(summer, "Mars/Olympus")), "Wed 1 Jul 2026, 10:05 PM UTC");
}

TEST(messages, amounts_are_in_rupees) {
    EXPECT_EQ(rupees(money{75000}), "Rs 750");
    EXPECT_EQ(rupees(money{75005}), "Rs 750.05");
    EXPECT_EQ(rupees(money{0}), "Rs 0");
}

TEST(messages, a_long_name_is_cut_between_code_points) {
    std::string name;
    for (int i = 0; i < 60; ++i) name += "आ";
    EXPECT_EQ(shortened(name).size(), 90u);
    EXPECT_EQ(shortened("a\nb"), "a b");
    auto b = example();
    b.astrologer_name = name;
    b.price = money{123456789};
    EXPECT_LE(shortened(cancelled_for_user(b).text.reveal(), 1000).size(), 160u + 60u);
}

}  // namespace
}  // namespace astrotalk::notification
