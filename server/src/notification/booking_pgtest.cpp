// What both sides of a booking are told besides SMS.
#include "notification/notification_pgtest.hpp"

namespace astrotalk::notification {
namespace {

using booking_news_test = fixture;

TEST_F(booking_news_test, a_booking_reaches_both_inboxes_and_every_device) {
    add_device(user, "one");
    add_device(user, "two");
    add_device(astrologer, "three");
    about_booking("booking.confirmed");
    work();
    const auto params = "booking.confirmed {\"bookingId\":\"" + booking.to_string() +
                        "\",\"startsAt\":\"2030-01-01T11:00:00Z\"}";
    EXPECT_EQ(told(user), params);
    EXPECT_EQ(told(astrologer), params);
    std::ranges::sort(push.all);
    EXPECT_EQ(push.all,
              (std::vector<std::string>{
                  "one AstroTalk Your consultation is booked: Tue 1 Jan 2030, 4:30 PM IST. booking.confirmed",
                  "three AstroTalk You have a new booking: Tue 1 Jan 2030, 11:00 AM GMT. booking.confirmed",
                  "two AstroTalk Your consultation is booked: Tue 1 Jan 2030, 4:30 PM IST. "
                  "booking.confirmed"}));
    EXPECT_EQ(sms.all.size(), 2u);
    EXPECT_EQ(db.execute("select count(*) from outbox"), "0");
}

TEST_F(booking_news_test, that_it_took_place_comes_without_sms) {
    add_device(user, "one");
    db.execute("update booking set state = 'completed'");
    about_booking("booking.completed");
    work();
    EXPECT_EQ(sms.all.size(), 0u);
    EXPECT_EQ(push.all.size(), 1u);
    EXPECT_EQ(db.execute("select string_agg(kind, ' ') from notification"),
              "booking.completed booking.completed");
}

TEST_F(booking_news_test, that_somebody_did_not_come_comes_without_sms) {
    add_device(user, "one");
    db.execute("update booking set state = 'no_show', no_show_by = 'astrologer'");
    about_booking("booking.no_show");
    work();
    EXPECT_EQ(sms.all.size(), 0u);
    EXPECT_EQ(push.all.size(), 1u);
    EXPECT_EQ(db.execute("select string_agg(kind, ' ') from notification"),
              "booking.no_show booking.no_show");
}

TEST_F(booking_news_test, who_cancelled_and_who_did_not_come_is_said) {
    cancel("user", 75000);
    about_booking("booking.cancelled");
    work();
    EXPECT_NE(told(astrologer).find("\"cancelledBy\":\"user\""), std::string::npos);
}

TEST_F(booking_news_test, news_that_are_not_true_any_more_are_not_told) {
    cancel("user", 75000);
    for (const auto* kind : {"confirmed", "rescheduled", "completed", "no_show"})
        about_booking(std::string("booking.") + kind);
    work();
    EXPECT_EQ(told(user), "");
    EXPECT_EQ(db.execute("select count(*) from outbox"), "0");
}

// A booking that moves twice before the first move's news have their turn.
TEST_F(booking_news_test, of_two_moves_only_the_last_is_told) {
    db.execute("update booking set reschedules = 2");
    for (const auto* moves : {"1", "2"})
        add_job("booking.rescheduled",
                "{\"bookingId\":\"" + booking.to_string() + "\",\"moves\":" + moves + "}");
    work();
    EXPECT_EQ(sms.texts_to(user_phone).size(), 1u);
    EXPECT_EQ(db.execute("select count(*) from notification"), "2");
    EXPECT_EQ(db.execute("select count(*) from outbox"), "0");
}

TEST_F(booking_news_test, nobody_is_told_on_behalf_of_an_account_that_is_gone) {
    add_device(astrologer, "one");
    db.execute("update pool_user set enabled = false, deleted_at = app_now() where id = " + quoted(user));
    about_booking("booking.confirmed");
    work();
    EXPECT_EQ(told(user), "");
    EXPECT_NE(told(astrologer), "");
    EXPECT_EQ(sms.texts_to(user_phone).size(), 0u);
    EXPECT_EQ(push.all.size(), 1u);
}

TEST_F(booking_news_test, a_push_that_fails_repeats_no_inbox_and_no_sms) {
    add_device(user, "one");
    push.failures = 3;
    sms.failures[astrologer_phone] = 3;
    about_booking("booking.rescheduled");
    work();
    EXPECT_EQ(push.all.size(), 1u);
    EXPECT_EQ(sms.all.size(), 2u);
    EXPECT_EQ(db.execute("select count(*) from notification"), "2");
}

}  // namespace
}  // namespace astrotalk::notification
