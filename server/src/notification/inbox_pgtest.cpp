#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <thread>

#include "http/body_stream.hpp"
#include "jobs/jobs.hpp"
#include "notification/inbox.hpp"
#include "notification/queries.hpp"
#include "pg/testing.hpp"

namespace astrotalk::notification {
namespace {

using namespace std::chrono_literals;
using pg::testing::database;

const crypto::keyring& keys() {
    static const crypto::keyring made(bytes(32, 7));
    return made;
}

struct house : database {
    house() : whose(add()), other(add()) {}
    user_id add() {
        const auto id = user_id::make();
        execute("insert into pool_user (id, phone_hash, phone_sealed, user_type, confirmed_at) values ('" +
                id.to_string() + "', sha256('" + id.to_string() + "'), '', 'user', app_now())");
        return id;
    }
    // The ids of the new rows, oldest first.
    std::vector<uuid> notify(user_id who, int count = 1) {
        std::vector<uuid> ids;
        for (int i = 0; i < count; ++i) {
            ids.push_back(uuid::v7());
            insert(ids.back(), who);
        }
        return ids;
    }
    void insert(uuid id, user_id who) {
        execute("insert into notification (id, user_id, kind, params) values ('" + id.to_string() + "', '" +
                who.to_string() + "', 'kyc.approved', '{\"n\":1}')");
    }
    const user_id whose, other;
};

// A connection that takes everything.
struct recorder final : http::body_stream {
    std::string text;
    bool ended = false;
    task<bool> write(std::string piece) override {
        text += piece;
        co_return !ended;
    }
    bool open() const override { return !ended; }
    void end() {
        ended = true;
        changed().set();
    }
    int count(std::string_view what) const {
        int found = 0;
        for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++found;
        return found;
    }
};

// A stream that runs beside the test.
struct running {
    recorder out;
    http::response answer;
    event done;
    static task<void> run(running& self) {
        co_await self.answer.streamed(self.out);
        self.answer = {};
        self.done.set();
    }
    task<void> start(inbox& s, user_id who, std::optional<uuid> after = {}) {
        answer = *co_await stream_notifications(s, who, secret("token"), after);
        spawn(run(*this));
    }
    task<void> stop() {
        out.end();
        co_await done.wait_for(5s);
    }
};

task<bool> comes_true(std::function<bool()> condition) {
    for (int i = 0; i < 1000 && !condition(); ++i) co_await sleep_for(5ms);
    co_return condition();
}
// As the schedule does.
task<void> tail_until(pg::client& c, live_feed& feed, const bool& stopped) {
    while (!stopped) {
        co_await tail_notifications(c, feed);
        co_await sleep_for(10ms);
    }
}

inbox inbox_of(pg::client& c, live_feed& feed) {
    return {c, keys(), feed, [](std::string_view) -> task<bool> { co_return true; }};
}

// Runs `body(inbox)` with a tail beside it.
void with_tail(const database& db, std::function<task<void>(inbox&, live_feed&)> body) {
    pg::testing::run(db, [&](pg::client& c) -> task<void> {
        live_feed feed;
        auto s = inbox_of(c, feed);
        bool stopped = false;
        spawn(tail_until(c, feed, stopped));
        co_await body(s, feed);
        stopped = true;
        co_await sleep_for(50ms);
    });
}

TEST(inbox, is_paged_newest_first_with_what_is_unread) {
    house h;
    const auto ids = h.notify(h.whose, 5);
    h.notify(h.other, 2);
    pg::testing::run(h, [&](pg::client& c) -> task<void> {
        live_feed feed;
        auto s = inbox_of(c, feed);
        const auto page = co_await list_notifications(s, h.whose, uuid{{0xff}}, 3);
        EXPECT_EQ(page.size(), 4u);
        EXPECT_EQ(page[0].id, ids[4]);
        EXPECT_EQ(co_await count_unread(s, h.whose), 5);
        EXPECT_EQ(co_await mark_read(s, h.whose, ids[2]), 2);
        EXPECT_EQ(co_await mark_read(s, h.whose, ids[2]), 2);
        EXPECT_EQ(co_await count_unread(s, h.other), 2);
    });
}

TEST(inbox, keeps_the_newest_two_hundred_and_forgets_after_ninety_days) {
    house h;
    const auto ids = h.notify(h.whose, 205);
    EXPECT_EQ(h.execute("select count(*) || ' ' || min(id::text) from notification"),
              "200 " + ids[5].to_string());
    h.execute("update notification set created_at = app_now() - interval '91 days' where id < '" +
              ids[100].to_string() + "'");
    pg::testing::run(h, [](pg::client& c) { return prune_notifications(c); });
    EXPECT_EQ(h.execute("select count(*) from notification"), "105");
}

TEST(stream, tells_what_is_new_to_whom_it_concerns_and_once) {
    house h;
    h.notify(h.whose);
    with_tail(h, [&](inbox& s, live_feed& feed) -> task<void> {
        running mine, theirs;
        co_await mine.start(s, h.whose);
        co_await theirs.start(s, h.other);
        EXPECT_EQ(feed.listening(), 2u);
        const auto id = h.notify(h.whose)[0];
        EXPECT_TRUE(co_await comes_true([&] { return mine.out.count("id: ") > 0; }));
        co_await sleep_for(100ms);  // the overlap shows the same rows again
        EXPECT_EQ(mine.out.count("id: "), 1) << "what was there before is not news";
        EXPECT_NE(mine.out.text.find("id: " + id.to_string() + "\nevent: notification\ndata: {\"id\":\"" +
                                     id.to_string() + "\",\"kind\":\"kyc.approved\",\"params\":{\"n\":1},"),
                  std::string::npos)
            << mine.out.text;
        EXPECT_EQ(theirs.out.count("id: "), 0);
        co_await mine.stop();
        co_await theirs.stop();
        EXPECT_EQ(feed.listening(), 0u);
    });
}

TEST(stream, goes_on_after_the_last_event_that_a_client_had) {
    house h;
    auto ids = h.notify(h.whose, 150);
    h.execute(
        "update notification set id = encode(set_byte(set_byte(uuid_send(id), 3, 0), 4, 0), 'hex')::uuid "
        "where id <= '" +
        ids[9].to_string() + "'");  // long before the overlap
    with_tail(h, [&](inbox& s, live_feed&) -> task<void> {
        running again;
        const auto last = *uuid::parse(
            h.execute("select max(id::text) from notification where id < '" + ids[10].to_string() + "'"));
        co_await again.start(s, h.whose, last);
        EXPECT_TRUE(co_await comes_true([&] { return again.out.count("id: ") >= 140; }));
        for (int i = 10; i < 150; ++i)
            EXPECT_EQ(again.out.count("id: " + ids[static_cast<std::size_t>(i)].to_string()), 1);
        EXPECT_EQ(again.out.count("id: " + last.to_string()), 0);
        co_await again.stop();
    });
}

TEST(stream, gives_everything_to_who_names_an_event_before_all) {
    house h;
    const auto ids = h.notify(h.whose, 3);
    with_tail(h, [&](inbox& s, live_feed&) -> task<void> {
        running all;
        co_await all.start(s, h.whose, uuid());
        EXPECT_TRUE(co_await comes_true([&] { return all.out.count("id: ") == 3; })) << all.out.text;
        co_await all.stop();
    });
}

TEST(stream, misses_nothing_that_becomes_visible_out_of_order) {
    house h;
    with_tail(h, [&](inbox& s, live_feed&) -> task<void> {
        running one;
        co_await one.start(s, h.whose);
        const auto early = uuid::v7();
        const auto late = h.notify(h.whose)[0];
        EXPECT_TRUE(co_await comes_true([&] { return one.out.count(late.to_string()) > 0; }));
        h.insert(early, h.whose);  // its id was drawn before, and it is committed after
        EXPECT_TRUE(co_await comes_true([&] { return one.out.count("id: " + early.to_string()) == 1; }));
        co_await one.stop();
    });
}

TEST(stream, gets_every_one_of_many_while_streams_come_and_go) {
    house h;
    with_tail(h, [&](inbox& s, live_feed&) -> task<void> {
        std::vector<uuid> all;
        std::set<std::string> had;
        std::optional<uuid> last;
        for (int round = 0; round < 10; ++round) {
            running one;
            co_await one.start(s, h.whose, last);
            for (const auto& id : h.notify(h.whose, 5)) all.push_back(id);
            if (round % 2) co_await sleep_for(5ms * round);
            // A client that never had an event begins anew each time, and reads the list for the rest.
            if (round == 0 || round == 9)
                EXPECT_TRUE(co_await comes_true([&] { return one.out.count(all.back().to_string()) > 0; }));
            co_await one.stop();
            for (auto at = one.out.text.find("id: "); at != std::string::npos;
                 at = one.out.text.find("id: ", at + 1))
                had.insert(one.out.text.substr(at + 4, 36));
            if (had.empty()) continue;
            last = *uuid::parse(*had.rbegin());
        }
        for (const auto& id : all) EXPECT_TRUE(had.contains(id.to_string())) << id.to_string();
    });
}

TEST(stream, beats_while_it_is_silent_and_ends_with_its_token) {
    const house h;
    pg::testing::run(h, [&](pg::client& c) -> task<void> {
        live_feed feed;
        bool valid = true;
        auto s = inbox_of(c, feed);
        s.is_valid = [&valid](std::string_view token) -> task<bool> {
            EXPECT_EQ(token, "token");
            co_return valid;
        };
        s.heartbeat = 30ms;
        s.token_check = 20ms;
        running one;
        co_await one.start(s, h.whose);
        EXPECT_TRUE(co_await comes_true([&] { return one.out.count("\n:\n\n") >= 2; }));
        EXPECT_FALSE(one.done.is_set());
        valid = false;
        EXPECT_TRUE(co_await one.done.wait_for(5s));
        EXPECT_EQ(feed.listening(), 0u);
    });
}

TEST(stream, ends_when_the_database_is_away_so_that_its_client_comes_again) {
    const house h;
    pg::testing::run(h, [&](pg::client& c) -> task<void> {
        live_feed feed;
        auto s = inbox_of(c, feed);
        s.token_check = 10ms;
        s.is_valid = [](std::string_view) -> task<bool> {
            throw pg::unavailable();
            co_return true;
        };
        running one;
        co_await one.start(s, h.whose);
        EXPECT_TRUE(co_await one.done.wait_for(5s));
    });
}

TEST(feed, has_room_for_so_many_and_gives_it_back) {
    loop on;
    on.run_until([]() -> task<void> {
        live_feed feed({.of_user = 2, .in_all = 3});
        const auto a = user_id::make(), b = user_id::make();
        auto first = feed.listen(a), second = feed.listen(a), third = feed.listen(b);
        EXPECT_EQ(feed.listen(a).error(), live_feed::full::node);
        third = live_feed::full::node;
        EXPECT_EQ(feed.listen(a).error(), live_feed::full::user);
        second = live_feed::full::node;
        EXPECT_TRUE(feed.listen(a).has_value()) << "and gone again at once";
        EXPECT_EQ(feed.listening(), 1u);
        co_return;
    }());
}

TEST(feed, is_woken_from_other_threads_while_listeners_come_and_go) {
    live_feed feed;
    const auto who = user_id::make();
    std::atomic<bool> stopped{false};
    std::thread waker([&] {
        while (!stopped) feed.wake({who});
    });
    loop on;
    on.run_until([](live_feed& to, user_id u) -> task<void> {
        for (int i = 0; i < 500; ++i) {
            auto ears = *to.listen(u);
            event news;
            ears->tell(&news);
            EXPECT_TRUE(co_await news.wait_for(5s));
            EXPECT_TRUE(ears->take_news());
            ears->tell(nullptr);
        }
    }(feed, who));
    stopped = true;
    waker.join();
    EXPECT_EQ(feed.listening(), 0u);
}

TEST(devices, have_one_owner_each_and_ten_at_most) {
    const house h;
    pg::testing::run(h, [&](pg::client& c) -> task<void> {
        live_feed feed;
        auto s = inbox_of(c, feed);
        const auto token = [](int n) { return secret("registration-token-" + std::to_string(n)); };
        const auto first = co_await register_device(s, h.whose, token(0), platform::android);
        const auto again = co_await register_device(s, h.whose, token(0), platform::web);
        EXPECT_EQ(first.id, again.id);
        EXPECT_EQ(again.platform, "web");
        EXPECT_EQ((co_await register_device(s, h.other, token(0), platform::ios)).id, first.id);
        EXPECT_FALSE(co_await remove_device(s, h.whose, first.id)) << "handed on";
        EXPECT_TRUE(co_await remove_device(s, h.other, first.id));
        for (int n = 1; n <= 13; ++n) co_await register_device(s, h.whose, token(n), platform::ios);
        EXPECT_EQ(h.execute("select count(*) from device"), "10");
        EXPECT_EQ(h.execute("select count(*) from device where strpos(encode(token_sealed, 'escape'), "
                            "'registration') > 0"),
                  "0");
        crypto::keyring own(bytes(32, 7));
        co_await jobs::add_data_key(c, own, 0s);
        co_await jobs::tail_data_keys(c, own);
        const auto done = co_await jobs::reseal(c, own, sealed_columns()[0]);
        EXPECT_EQ(done.changed, 10);
        EXPECT_EQ(done.unreadable, 0);
    });
    h.execute("update pool_user set enabled = false, deleted_at = app_now(), groups = '{}'");
    EXPECT_EQ(h.execute("select count(*) from device"), "0");
}

// Two that add to one list each remove the same surplus: who waits there for the other ends in a deadlock.
TEST(devices, are_registered_without_waiting_for_another_that_removes_the_surplus) {
    const house h;
    h.execute(
        "insert into device (id, user_id, token_hash, token_sealed, platform, seen_at) select "
        "gen_random_uuid(), '" +
        h.whose.to_string() +
        "', sha256(n::text::bytea), '', 'web', "
        "app_now() - n * interval '1 minute' from generate_series(1, 10) n");
    std::atomic<bool> held = true;
    std::thread other([&] {
        try {
            h.execute("begin; select from device order by seen_at limit 1 for update; select pg_sleep(60)");
        } catch (const std::runtime_error&) {
        }
        held = false;
    });
    const std::string holds =
        "from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database()";
    while (h.execute("select count(*) " + holds) != "1") std::this_thread::sleep_for(5ms);
    pg::testing::run(h, [&](pg::client& c) -> task<void> {
        live_feed feed;
        auto s = inbox_of(c, feed);
        co_await register_device(s, h.whose, secret("registration-token-1"), platform::web);
    });
    EXPECT_TRUE(held);
    h.execute("select pg_terminate_backend(pid) " + holds);
    other.join();
    pg::testing::run(h, [&](pg::client& c) -> task<void> {
        live_feed feed;
        auto s = inbox_of(c, feed);
        co_await register_device(s, h.whose, secret("registration-token-2"), platform::web);
    });
    EXPECT_EQ(h.execute("select count(*) from device"), "10");
}

}  // namespace
}  // namespace astrotalk::notification
