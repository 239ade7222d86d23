#include "notification/inbox.hpp"
#include "notification/notification_pgtest.hpp"
#include "notification/queries.hpp"
#include "notification/steps.hpp"

namespace astrotalk::notification {
namespace {

struct kyc_test : fixture {
    uuid session = uuid::v7();

    void decided(const std::string& outcome) {
        add_job("kyc.decided", "{\"userId\":\"" + astrologer.to_string() + "\",\"sessionId\":\"" +
                                   session.to_string() + "\",\"outcome\":\"" + outcome + "\"}");
    }
    void add_device(const std::string& token) { fixture::add_device(astrologer, token); }
    std::string notifications() {
        return db.execute("select string_agg(kind || ' ' || params, '|') from notification where user_id = " +
                          quoted(astrologer));
    }
};

TEST_F(kyc_test, an_approval_reaches_the_inbox_every_device_and_the_phone_once) {
    add_device("one");
    add_device("two");
    decided("approved");
    work();
    EXPECT_EQ(notifications(), "kyc.approved {\"sessionId\":\"" + session.to_string() + "\"}");
    std::ranges::sort(push.all);
    EXPECT_EQ(push.all,
              (std::vector<std::string>{"one AstroTalk Your identity check is complete. kyc.approved",
                                        "two AstroTalk Your identity check is complete. kyc.approved"}));
    EXPECT_EQ(push.ids[0], db.execute("select id from notification"));
    EXPECT_EQ(sms.texts_to(astrologer_phone),
              (std::vector<std::string>{"AstroTalk: your identity check is complete and your profile is "
                                        "approved. Set your hours in the app."}));
    EXPECT_EQ(db.execute("select count(*) from outbox"), "0");
}

TEST_F(kyc_test, it_is_told_in_their_language_and_without_what_is_personal) {
    add_device("one");
    db.execute("update pool_user set language = 'hi'");
    for (const auto* outcome : {"rejected", "failed"}) decided(outcome);
    work();
    EXPECT_EQ(sms.all.size(), 2u);
    for (const auto& each : sms.all) EXPECT_TRUE(each.template_name.ends_with(".hi")) << each.template_name;
    ASSERT_EQ(push.all.size(), 2u);
    for (const auto& each : push.all) EXPECT_NE(each.find("पहचान"), std::string::npos) << each;
}

TEST_F(kyc_test, a_failure_of_one_way_repeats_none_of_the_others) {
    add_device("one");
    push.failures = 3;
    sms.failures[astrologer_phone] = 3;
    decided("approved");
    work();
    EXPECT_EQ(push.all.size(), 1u);
    EXPECT_EQ(sms.all.size(), 1u);
    EXPECT_EQ(db.execute("select count(*) from notification"), "1");
}

TEST_F(kyc_test, a_changed_payout_account_is_told_of_everywhere_without_naming_it) {
    add_device("one");
    add_job("payout_account.changed",
            "{\"userId\":\"" + astrologer.to_string() + "\",\"payableFrom\":\"2026-11-25T10:00:00Z\"}");
    work();
    EXPECT_EQ(notifications(), "payout_account.changed {\"payableFrom\":\"2026-11-25T10:00:00Z\"}");
    EXPECT_EQ(push.all, (std::vector<std::string>{"one AstroTalk The bank account for your earnings was "
                                                  "changed. payout_account.changed"}));
    EXPECT_EQ(sms.texts_to(astrologer_phone).size(), 1u);
    add_job("payout_account.changed", "{\"userId\":1}");
    work();
    EXPECT_EQ(db.execute("select last_error from outbox"), "the payload is not about an account for payouts");
}

// Two workers that both believe the row is theirs: the lease ran out in the middle of the first.
TEST_F(kyc_test, whoever_lost_the_row_splits_nothing) {
    add_device("one");
    decided("approved");
    pg::testing::run(db, [&](pg::client& c) -> task<void> {
        service s{c, keys, {{"first", &sms}}, registered};
        jobs::job late;
        late.id = *uuid::parse(db.execute("select id from outbox"));
        late.payload = "{\"userId\":\"" + astrologer.to_string() + "\",\"sessionId\":\"" +
                       session.to_string() + "\",\"outcome\":\"approved\"}";
        late.attempt = 1;
        db.execute("update outbox set attempts = 2");
        co_await tell_of_kyc(s, late);
        EXPECT_EQ(db.execute("select count(*) from notification"), "0");
        auto now = late;
        now.attempt = 2;
        co_await tell_of_kyc(s, now);
        co_await tell_of_kyc(s, now);
        EXPECT_EQ(db.execute("select count(*) from notification"), "1");
    });
    work();
    EXPECT_EQ(push.all.size(), 1u);
    EXPECT_EQ(sms.all.size(), 1u);
}

TEST_F(kyc_test, who_is_gone_is_told_nothing_and_what_is_no_event_is_a_dead_letter) {
    decided("approved");
    db.execute("update pool_user set enabled = false, deleted_at = app_now(), groups = '{}' where id = " +
               quoted(astrologer));
    work();
    EXPECT_EQ(sms.all.size(), 0u);
    EXPECT_EQ(db.execute("select count(*) from notification"), "0");
    decided("perhaps");
    work();
    EXPECT_EQ(db.execute("select last_error from outbox"), "the payload is not about an identity check");
}

TEST_F(kyc_test, a_device_that_is_gone_is_removed_and_others_stay) {
    add_device("one");
    push.failures = 1;
    push.refusal = true;
    decided("approved");
    work();
    EXPECT_EQ(db.execute("select count(*) from device"), "0");
    add_device("two");
    push.failures = 1;
    push.refusal = false;
    decided("failed");
    work();
    EXPECT_EQ(db.execute("select count(*) from device"), "1");
    EXPECT_EQ(db.execute("select kind || ' ' || last_error from outbox"), "push.send refused");
}

TEST_F(kyc_test, without_a_provider_devices_are_not_told_and_nothing_waits) {
    add_device("one");
    has_push = false;
    decided("approved");
    work();
    EXPECT_EQ(db.execute("select count(*) from outbox"), "0");
    EXPECT_EQ(sms.all.size(), 1u);
}

TEST_F(kyc_test, a_push_a_day_late_is_not_sent) {
    add_device("one");
    const auto device = db.execute("select id from device");
    add_job("push.send", "{\"deviceId\":\"" + device + "\",\"userId\":\"" + astrologer.to_string() +
                             "\",\"notificationId\":\"" + session.to_string() +
                             "\",\"kind\":\"k\",\"title\":\"t\",\"body\":\"b\",\"notAfter\":"
                             "\"2020-01-01T00:00:00Z\"}");
    work();
    EXPECT_TRUE(push.all.empty());
    EXPECT_EQ(db.execute("select count(*) from outbox"), "0");
}

}  // namespace
}  // namespace astrotalk::notification
