#include "notification/notification_pgtest.hpp"

#include "notification/queries.hpp"

namespace astrotalk::notification {
namespace {

std::string a_code(const std::string& code, const std::string& more = "") {
    return R"({"to":"+919876500009","templateName":"code.en","text":")" + code +
           " is your AstroTalk code. It is valid for 10 minutes. Do not share it with anyone.\"" + more + "}";
}

using notification_test = fixture;

TEST_F(notification_test, statements_fit_the_schema) {
    for (const auto& fault : pg::testing::prepare_all(db, sql::all)) ADD_FAILURE() << fault;
}

TEST_F(notification_test, both_sides_are_told_of_a_booking_each_in_their_time) {
    about_booking("booking.confirmed");
    work();
    ASSERT_EQ(sms.all.size(), 2u);
    EXPECT_EQ(sms.texts_to(user_phone).at(0),
              "AstroTalk: booked with आचार्य मीरा on Tue 1 Jan 2030, 4:30 PM IST, 30 min, Rs 750.");
    EXPECT_EQ(
        sms.texts_to(astrologer_phone).at(0),
        "AstroTalk: new booking on Tue 1 Jan 2030, 11:00 AM GMT, 30 min. See your bookings in the app.");
    EXPECT_NE(sms.all[0].id, sms.all[1].id);
    EXPECT_EQ(db.execute("select count(*) from outbox"), "0");
}

TEST_F(notification_test, each_is_told_in_the_language_that_they_read) {
    db.execute("update pool_user set language = 'hi' where id = " + quoted(user));
    about_booking("booking.confirmed");
    work();
    about_booking("booking.rescheduled");
    work();
    EXPECT_NE(sms.texts_to(user_phone).at(0).find("मिनट की बुकिंग हुई"), std::string::npos);
    EXPECT_NE(sms.texts_to(user_phone).at(1).find("मिनट की है"), std::string::npos);
    for (const auto& text : sms.texts_to(astrologer_phone))
        EXPECT_EQ(text.find("मिनट"), std::string::npos) << "who has not said reads English";
    registered.template_ids = {{"booked.en", "1"}};
    about_booking("booking.confirmed");
    work();
    EXPECT_EQ(sms.texts_to(user_phone).at(2).find("AstroTalk: booked with"), 0u) << "not registered in Hindi";
}

TEST_F(notification_test, a_deleted_user_is_told_nothing_and_the_other_side_is) {
    const auto nothing = keys.seal("pool_user.phone", "", "pool_user.phone:" + user.to_string());
    db.execute("update pool_user set phone_sealed = " + literal(nothing) + " where id = " + quoted(user));
    cancel("admin", 75000);
    about_booking("booking.cancelled");
    work();
    ASSERT_EQ(sms.all.size(), 1u);
    EXPECT_EQ(sms.all.front().to, astrologer_phone);
    EXPECT_EQ(db.execute("select count(*) from outbox"), "0");
}

TEST_F(notification_test, a_retry_for_one_side_does_not_repeat_the_other) {
    about_booking("booking.confirmed");
    sms.failures[astrologer_phone] = 3;
    work();
    EXPECT_EQ(sms.texts_to(user_phone).size(), 1u);
    EXPECT_EQ(sms.texts_to(astrologer_phone).size(), 1u);
}

TEST_F(notification_test, a_refused_number_does_not_keep_the_other_side_from_being_told) {
    about_booking("booking.confirmed");
    sms.failures[user_phone] = 1;
    sms.permanently = true;
    work();
    EXPECT_EQ(sms.texts_to(user_phone).size(), 0u);
    EXPECT_EQ(sms.texts_to(astrologer_phone).size(), 1u);
    EXPECT_EQ(db.execute("select kind from outbox where dead_at is not null"), "sms.send");
}

TEST_F(notification_test, a_booking_cancelled_at_once_is_told_as_cancelled_only) {
    about_booking("booking.confirmed");
    about_booking("booking.cancelled");
    cancel("astrologer", 37550);
    work();
    ASSERT_EQ(sms.all.size(), 2u);
    EXPECT_EQ(sms.texts_to(user_phone).at(0),
              "AstroTalk: आचार्य मीरा cancelled your booking on Tue 1 Jan 2030, 4:30 PM "
              "IST. Rs 375.50 is back in your wallet.");
}

TEST_F(notification_test, a_worker_that_lost_its_lease_splits_nothing) {
    about_booking("booking.confirmed");
    db.execute("update outbox set attempts = 2");
    pg::testing::run(db, [&](pg::client& c) -> task<void> {
        const auto id = *uuid::parse(db.execute("select id from outbox"));
        const std::vector<uuid> ids{uuid::v7()}, people{user};
        const auto split =
            co_await c.execute(sql::tell_parties, id, 1, ids, people, "booking.confirmed", "{}", ids,
                               std::vector<std::string>{"sms.send"}, std::vector<bytes>{bytes(3)});
        EXPECT_EQ(split, 0);
    });
    EXPECT_EQ(db.execute("select kind from outbox"), "booking.confirmed");
    EXPECT_EQ(db.execute("select count(*) from notification"), "0");
}

TEST_F(notification_test, a_plain_message_is_sent_under_the_id_of_its_row_unless_its_time_is_over) {
    add_job("sms.send", a_code("123456"));
    const auto id = db.execute("select id from outbox");
    add_job("sms.send", a_code("654321", R"(,"notAfter":"2020-01-01T00:00:00Z")"));
    work();
    ASSERT_EQ(sms.all.size(), 1u);
    EXPECT_EQ(sms.all[0].text.find("123456 is your AstroTalk code."), 0U);
    EXPECT_EQ(sms.all[0].template_name, "code.en");
    EXPECT_EQ(sms.all[0].id.to_string(), id);
}

TEST_F(notification_test, nonsense_becomes_a_dead_letter_that_tells_nothing_about_people) {
    add_job("sms.send", R"({"to":"+919876500009"})");
    add_job("booking.confirmed", R"({"bookingId":"00000000-0000-7000-8000-000000000000"})");
    work();
    EXPECT_EQ(sms.all.size(), 0u);
    EXPECT_EQ(
        db.execute("select string_agg(last_error, '; ' order by kind) from outbox where dead_at is not null"),
        "there is no such booking; the payload is not a message");
}

TEST_F(notification_test, a_text_that_is_not_its_templates_is_not_sent) {
    add_job("sms.send", R"({"to":"+919876500009","templateName":"code.en","text":"123456 is your code"})");
    add_job("sms.send", R"({"to":"+919876500009","templateName":"greeting.en","text":"Hello"})");
    work();
    EXPECT_EQ(sms.all.size(), 0u);
    EXPECT_EQ(db.execute("select count(*) from outbox where dead_at is not null"), "2");
}

TEST_F(notification_test, a_second_provider_helps_out_after_two_failures) {
    has_second = true;
    sms.failures["+919876500009"] = 1;
    add_job("sms.send", a_code("111111"));
    work();
    EXPECT_EQ(sms.all.size(), 1u);
    EXPECT_EQ(second.all.size(), 0u);
    sms.failures["+919876500009"] = 100;
    add_job("sms.send", a_code("222222"));
    work();
    EXPECT_EQ(sms.all.size(), 1u);
    ASSERT_EQ(second.all.size(), 1u);
    EXPECT_EQ(sms.failures["+919876500009"], 98);
    // Taking turns, the first is found again when only it comes back.
    sms.failures["+919876500009"] = 3;
    second.failures["+919876500009"] = 100;
    add_job("sms.send", a_code("333333"));
    work();
    EXPECT_EQ(sms.all.size(), 2u);
}

TEST_F(notification_test, a_provider_that_refuses_gives_way_at_once_but_not_for_a_bad_number) {
    has_second = true;
    sms.permanently = true;
    sms.of_number = false;
    sms.failures["+919876500009"] = 1;
    add_job("sms.send", a_code("111111"));
    work();
    EXPECT_EQ(second.all.size(), 1u);
    sms.of_number = true;
    sms.failures["+919876500009"] = 1;
    add_job("sms.send", a_code("222222"));
    work();
    EXPECT_EQ(second.all.size(), 1u);
    EXPECT_EQ(db.execute("select last_error from outbox where dead_at is not null"), "refused");
}

TEST_F(notification_test, an_email_is_sent_until_it_is_taken_and_not_after_its_time) {
    mail.failures = 2;
    add_job("email.send",
            R"({"to":"a@example.in","subject":"s","text":"123456","notAfter":"2999-01-01T00:00:00Z"})");
    add_job("email.send",
            R"({"to":"late@example.in","subject":"s","text":"x","notAfter":"2020-01-01T00:00:00Z"})");
    add_job("email.send", R"({"to":"b@example.in","subject":"s","text":"news"})");
    work();
    std::ranges::sort(mail.all);
    EXPECT_EQ(mail.all, (std::vector<std::string>{"a@example.in s 123456", "b@example.in s news"}));
    EXPECT_EQ(db.execute("select count(*) from outbox"), "0");
}

TEST_F(notification_test, an_email_that_is_refused_for_good_or_that_nobody_can_send_is_a_dead_letter) {
    mail.failures = 1;
    mail.permanently = true;
    add_job("email.send", R"({"to":"a@example.in","subject":"s","text":"x"})");
    work();
    has_mail = false;
    add_job("email.send", R"({"to":"b@example.in","subject":"s","text":"x"})");
    work();
    EXPECT_TRUE(mail.all.empty());
    EXPECT_EQ(
        db.execute("select string_agg(last_error, '|' order by id) from outbox where dead_at is not null"),
        "refused|no e-mail provider is configured: see ASTROTALK_EMAIL");
}

}  // namespace
}  // namespace astrotalk::notification
