// Reminders, in controlled time: the clock of the process and its database sessions is moved, never waited
// for.
#include "http/json.hpp"
#include "notification/notification_pgtest.hpp"
#include "notification/queries.hpp"
#include "notification/steps.hpp"

namespace astrotalk::notification {
namespace {

using namespace std::chrono_literals;

struct remind_test : fixture {
    const instant start = std::chrono::floor<std::chrono::minutes>(clock::now()) + 72h;

    void SetUp() override {
        fixture::SetUp();
        move_to(start);
    }
    // So long before `start` it is now.
    void at(std::chrono::seconds before) { clock::advance(start - before - clock::now()); }
    void move_to(instant when) {
        db.execute("update booking set starts_at = " + text(when) + ", ends_at = " + text(when + 30min));
    }
    static std::string text(instant when) {
        return "to_timestamp(" + std::to_string(when.time_since_epoch().count()) + " / 1000000.0)";
    }
    void remind_now() {
        pg::testing::run(db, [&](pg::client& c) -> task<void> { co_await remind(c, keys); });
    }
    // Which reminders that person was given, oldest first.
    std::string reminders(uuid whom) {
        return db.execute(
            "select string_agg(params::json ->> 'before', ' ' order by id) from notification where kind = "
            "'booking.reminder' and user_id = " +
            quoted(whom));
    }
    void add_bookings(int more) {
        db.execute(
            "with made as (select gen_random_uuid() as id, gen_random_uuid() as hold, gen_random_uuid() as "
            "taken, n from generate_series(1, " +
            std::to_string(more) +
            ") n), holds as (insert into wallet_hold (id, owner_id, cash, bonus) select hold, " +
            quoted(user) +
            ", 1, 0 from made), spans as (insert into occupancy (id, astrologer_id, user_id, kind, status, "
            "span, "
            "blocked, channel, price_per_minute) select taken, " +
            quoted(astrologer) + ", " + quoted(user) +
            ", 'booking', 'released', '[2030-01-01,2030-01-02)', '[2030-01-01,2030-01-02)', 'call', 1 from "
            "made) "
            "insert into booking (id, occupancy_id, wallet_hold_id, user_id, astrologer_id, starts_at, "
            "ends_at, "
            "channel, price_per_minute, price) select id, taken, hold, " +
            quoted(user) + ", " + quoted(astrologer) + ", " + text(start) + ", " + text(start + 30min) +
            ", 'call', 1, 30 from made");
    }
};

TEST_F(remind_test, both_are_reminded_a_day_an_hour_and_ten_minutes_before_once_each) {
    add_device(user, "one");
    for (const auto before : {72h + 0s, 24h + 2s}) {
        at(before);
        remind_now();
    }
    work();
    EXPECT_EQ(reminders(user), "");
    const std::pair<std::chrono::seconds, const char*> steps[] = {{24h, "day"},
                                                                  {23h, "day"},
                                                                  {1h + 2s, "day"},
                                                                  {1h, "day hour"},
                                                                  {30min, "day hour"},
                                                                  {10min, "day hour minutes"},
                                                                  {1min, "day hour minutes"},
                                                                  {-1s, "day hour minutes"}};
    for (const auto& [before, given] : steps) {
        at(before);
        for (int i = 0; i < 3; ++i) remind_now();
        work();
        EXPECT_EQ(reminders(user), given) << before.count();
        EXPECT_EQ(reminders(astrologer), given) << before.count();
    }
    EXPECT_EQ(push.all.size(), 3u);
    EXPECT_EQ(sms.all.size(), 0u);
    at(-25h);
    pg::testing::run(db, [](pg::client& c) -> task<void> { co_await prune_reminders(c); });
    EXPECT_EQ(db.execute("select count(*) from booking_reminder"), "0");
    at(72h);
}

TEST_F(remind_test, who_books_later_than_that_is_not_reminded_of_it) {
    at(24h + 30s);
    remind_now();
    at(24h - 10s);
    db.execute("update booking set created_at = " + text(clock::now()));
    remind_now();  // this looks back to it
    work();
    EXPECT_EQ(reminders(user), "");
    db.execute("update booking set created_at = created_at - interval '20 seconds'");
    remind_now();
    work();
    EXPECT_EQ(reminders(user), "day");
    at(1h);
    remind_now();
    work();
    EXPECT_EQ(reminders(user), "day hour");
    at(72h);
}

TEST_F(remind_test, a_booking_that_was_moved_is_reminded_of_at_its_new_time) {
    at(24h);
    remind_now();
    work();
    at(2h);
    remind_now();
    move_to(start + 30h);
    at(1h);
    remind_now();
    work();
    EXPECT_EQ(reminders(user), "day") << "not of the start that is none any more";
    at(-6h);
    remind_now();
    work();
    at(-29h);
    remind_now();
    work();
    EXPECT_EQ(reminders(user), "day day hour");
    at(72h);
}

TEST_F(remind_test, a_cancelled_booking_is_not_reminded_of_even_when_the_reminder_waits) {
    at(24h);
    remind_now();
    EXPECT_EQ(db.execute("select kind from outbox"), "booking.reminder");
    cancel("user", 75000);
    work();
    at(1h);
    remind_now();
    work();
    EXPECT_EQ(reminders(user), "");
    EXPECT_EQ(db.execute("select count(*) from outbox"), "0");
    at(72h);
}

TEST_F(remind_test, a_reminder_of_a_start_that_has_moved_is_dropped) {
    at(24h);
    remind_now();
    move_to(start + 1h);
    work();
    EXPECT_EQ(reminders(user), "");
    at(72h);
}

TEST_F(remind_test, after_an_outage_only_the_last_that_is_due_comes) {
    at(25h);
    remind_now();
    at(50min);
    remind_now();
    work();
    EXPECT_EQ(reminders(user), "hour");
    at(72h);
}

TEST_F(remind_test, a_short_outage_delays_a_reminder) {
    at(25h);
    remind_now();
    at(21h);
    remind_now();
    work();
    EXPECT_EQ(reminders(user), "day");
    at(72h);
}

TEST_F(remind_test, nothing_is_given_twice_when_a_node_dies_before_it_noted_how_far_it_came) {
    at(24h + 30s);
    remind_now();
    const auto progress = db.execute("select up_to from reminder_progress where kind = 'day'");
    at(24h);
    remind_now();
    work();
    db.execute("update reminder_progress set up_to = '" + progress + "' where kind = 'day'");
    remind_now();
    db.execute("delete from reminder_progress");
    remind_now();
    work();
    EXPECT_EQ(reminders(user), "day");
    at(72h);
}

// More than a batch, by two nodes at once.
TEST_F(remind_test, two_nodes_give_each_reminder_once) {
    add_bookings(450);
    at(24h);
    pg::testing::run(db, [&](pg::client& c) -> task<void> {
        int left = 4;
        event done;
        auto one = [&]() -> task<void> {
            co_await remind(c, keys);
            if (--left == 0) done.set();
        };
        for (int i = 0; i < 4; ++i) spawn(one());
        co_await done.wait_for(60s);
        EXPECT_EQ(left, 0);
    });
    EXPECT_EQ(db.execute("select count(*) from booking_reminder"), "451");
    EXPECT_EQ(db.execute("select count(*) from outbox where kind = 'booking.reminder'"), "451");
    EXPECT_EQ(db.execute("select deadlocks from pg_stat_database where datname = current_database()"), "0");
    at(72h);
}

// The cancellation has begun and is not committed when the reminder is told: it waits for it, and is dropped.
TEST_F(remind_test, a_cancellation_under_way_stops_the_reminder) {
    static constexpr pg::statement cancels{
        "test.cancels",
        "update booking set state = 'cancelled', cancelled_by = 'user', cancelled_at = app_now() "
        "where state = 'confirmed'",
        0};
    at(24h);
    remind_now();
    db.execute("update outbox set attempts = 1");
    const auto id = *uuid::parse(db.execute("select id from outbox"));
    pg::testing::run(db, [&](pg::client& c) -> task<void> {
        service s{c, keys, {{"first", &sms}}, registered};
        bool cancelling = false, told_it = false;
        event done;
        auto tell = [&]() -> task<void> {
            while (!cancelling) co_await sleep_for(1ms);
            const auto payload = http::to_json(reminder_payload{booking_id{booking}, "day", start});
            co_await tell_of_reminder(s, {id, payload, 1});
            told_it = true;
            done.set();
        };
        spawn(tell());
        auto body = [&](pg::transaction& t) -> task<void> {
            co_await t.execute(cancels);
            cancelling = true;
            while (!db.has_waiter()) co_await sleep_for(1ms);
        };
        co_await c.transact(body);
        co_await done.wait_for(10s);
        EXPECT_TRUE(told_it);
    });
    EXPECT_EQ(reminders(user), "");
    EXPECT_EQ(db.execute("select count(*) from outbox"), "0");
    at(72h);
}

// What is due is found along an index that has only bookings to come.
TEST_F(remind_test, the_search_walks_the_index_of_bookings_to_come) {
    add_bookings(2000);
    db.execute("update booking set state = 'cancelled', cancelled_at = app_now() where id <> " +
               quoted(booking) + "; analyze booking");
    const auto plan = db.execute(
        "prepare due (text, timestamptz, timestamptz, int, bigint) as " +
        std::string(sql::find_due_reminders.sql) +
        "; create temp table plan (line text); do $$ declare l text; begin for l in execute 'explain execute "
        "due(''day'', ''2026-11-20'', ''2026-11-21'', 86400, 200)' loop insert into plan values (l); end "
        "loop; end $$; "
        "select string_agg(line, ' ') from plan");
    EXPECT_NE(plan.find("booking_upcoming"), std::string::npos) << plan;
}

}  // namespace
}  // namespace astrotalk::notification
