#include <gtest/gtest.h>

#include "crypto/crypto.hpp"
#include "notification/notification.hpp"
#include "notification/queries.hpp"
#include "pg/testing.hpp"

namespace astrotalk::notification {
namespace {

using namespace std::chrono_literals;
using pg::testing::database;

constexpr const char* user_phone = "+919876500001";
constexpr const char* astrologer_phone = "+919876500002";

std::string a_code(const std::string& code, const std::string& more = "") {
    return R"({"to":"+919876500009","templateName":"code.en","text":")" + code +
           " is your AstroTalk code. It is valid for 10 minutes. Do not share it with anyone.\"" + more + "}";
}

// Remembers what it was given, and fails as often as asked.
struct recorder final : sms_sender {
    struct sent {
        std::string to, text, template_name;
        uuid id;
    };
    std::vector<sent> all;
    std::map<std::string, int> failures;  // by number
    bool permanently = false, of_number = true;

    task<void> send(sms_message what) override {
        if (failures[what.to.reveal()]-- > 0) {
            if (permanently) throw sms_refused(of_number, "refused");
            throw std::runtime_error("away");
        }
        all.push_back({what.to.reveal(), what.text.reveal(), what.template_name, what.id});
        co_return;
    }
    std::vector<std::string> texts_to(const std::string& number) const {
        std::vector<std::string> found;
        for (const auto& each : all)
            if (each.to == number) found.push_back(each.text);
        return found;
    }
};

struct mail_recorder final : email_sender {
    std::vector<std::string> all;  // "to subject text"
    int failures = 0;
    bool permanently = false;

    task<void> send(email_message what) override {
        if (failures-- > 0) {
            if (permanently) throw email_refused("refused");
            throw std::runtime_error("away");
        }
        all.push_back(fmt::format("{} {} {}", what.to.reveal(), what.subject, what.text.reveal()));
        co_return;
    }
};

struct fixture : testing::Test {
    database db;
    crypto::keyring keys{bytes(32, 7)};
    recorder sms, second;
    bool has_second = false;
    mail_recorder mail;
    bool has_mail = true;
    sms::registration registered;
    uuid user = uuid::v7(), astrologer = uuid::v7(), booking = uuid::v7();

    static std::string literal(const bytes& raw) { return "'\\x" + crypto::hex(raw) + "'::bytea"; }
    static std::string quoted(uuid id) { return "'" + id.to_string() + "'"; }

    void add_person(uuid id, const std::string& phone, const std::string& type) {
        const auto sealed = keys.seal("pool_user.phone", phone, "pool_user.phone:" + id.to_string());
        db.execute("insert into pool_user (id, phone_hash, phone_sealed, confirmed_at, user_type) values (" +
                   quoted(id) + ", " + literal(keys.mac("phone-index", phone)) + ", " + literal(sealed) +
                   ", app_now(), '" + type + "')");
    }
    void add_job(const std::string& kind, const std::string& json) {
        const auto id = uuid::v7();
        db.execute("insert into outbox (id, kind, payload) values (" + quoted(id) + ", '" + kind + "', " +
                   literal(jobs::seal_payload(keys, id, json)) + ")");
    }
    void about_booking(const std::string& kind) {
        add_job(kind, "{\"bookingId\":\"" + booking.to_string() + "\"}");
    }
    void SetUp() override {
        add_person(user, user_phone, "user");
        add_person(astrologer, astrologer_phone, "astrologer");
        db.execute(
            "insert into astrologer (id, display_name, bio, languages, specializations, experience_years, "
            "city, "
            "zone) values (" +
            quoted(astrologer) +
            ", 'आचार्य मीरा', 'b', '{hi}', '{vedic}', 5, 'Pune', "
            "'Europe/London')");
        db.execute("insert into wallet (owner_id) values (" + quoted(user) + ")");
        const auto hold = quoted(uuid::v7()), taken = quoted(uuid::v7());
        db.execute("insert into wallet_hold (id, owner_id, cash, bonus) values (" + hold + ", " +
                   quoted(user) + ", 75000, 0)");
        const std::string span = "tstzrange('2030-01-01 11:00Z', '2030-01-01 11:30Z')";
        db.execute("insert into occupancy (id, astrologer_id, user_id, kind, span, blocked) values (" +
                   taken + ", " + quoted(astrologer) + ", " + quoted(user) + ", 'booking', " + span + ", " +
                   span + ")");
        db.execute(
            "insert into booking (id, occupancy_id, wallet_hold_id, user_id, astrologer_id, starts_at, "
            "ends_at, "
            "price_per_minute, price) values (" +
            quoted(booking) + ", " + taken + ", " + hold + ", " + quoted(user) + ", " + quoted(astrologer) +
            ", '2030-01-01 11:00Z', '2030-01-01 11:30Z', 2500, 75000)");
    }

    // Works until no row waits (dead letters apart), or for ten seconds.
    void work() {
        pg::options connect;
        connect.url = db.url();
        loop on;
        pg::client client(on, connect);
        jobs::worker_options how;
        how.poll = 10ms;
        how.backoff_base = how.backoff_cap = 5ms;
        jobs::outbox_worker worker(on, client, keys, how);
        service s{client, keys, {{"first", &sms}}, registered};
        if (has_second) s.providers.push_back({"second", &second});
        if (has_mail) s.mail = &mail;
        handle_jobs(worker, s);
        auto watch = [](jobs::outbox_worker& w, const database& d) -> task<void> {
            const auto end = std::chrono::steady_clock::now() + 10s;
            while (d.execute("select count(*) from outbox where dead_at is null") != "0" &&
                   std::chrono::steady_clock::now() < end)
                co_await sleep_for(10ms);
            w.stop();
        };
        auto all = [](jobs::outbox_worker& w, pg::client& c, task<void> watching) -> task<void> {
            spawn(std::move(watching));
            co_await w.run();
            co_await c.close();
        };
        on.run_until(all(worker, client, watch(worker, db)));
    }
};

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
    about_booking("booking.cancelled");
    work();
    EXPECT_NE(sms.texts_to(user_phone).at(0).find("मिनट की बुकिंग हुई"), std::string::npos);
    EXPECT_NE(sms.texts_to(user_phone).at(1).find("आपके वॉलेट में वापस है"), std::string::npos);
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
    db.execute(
        "update booking set state = 'cancelled', cancelled_by = 'astrologer', cancelled_at = app_now(), "
        "refund = price");
    work();
    ASSERT_EQ(sms.all.size(), 2u);
    EXPECT_EQ(sms.texts_to(user_phone).at(0),
              "AstroTalk: आचार्य मीरा cancelled your booking on Tue 1 Jan 2030, 4:30 PM "
              "IST. Rs 750 is back in your wallet.");
}

TEST_F(notification_test, a_worker_that_lost_its_lease_splits_nothing) {
    about_booking("booking.confirmed");
    db.execute("update outbox set attempts = 2");
    pg::testing::run(db, [&](pg::client& c) -> task<void> {
        const auto id = *uuid::parse(db.execute("select id from outbox"));
        const auto split = co_await c.execute(sql::split_job, id, 1, std::vector<uuid>{uuid::v7()},
                                              std::vector<bytes>{bytes(3)});
        EXPECT_EQ(split, 0);
    });
    EXPECT_EQ(db.execute("select kind from outbox"), "booking.confirmed");
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
