// What the tests of this folder work with: senders that remember, and a database with two people and a
// booking.
#pragma once

#include <gtest/gtest.h>

#include "crypto/crypto.hpp"
#include "notification/inbox.hpp"
#include "notification/notification.hpp"
#include "pg/testing.hpp"

namespace astrotalk::notification {

inline constexpr const char* user_phone = "+919876500001";
inline constexpr const char* astrologer_phone = "+919876500002";

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

struct push_recorder final : push_sender {
    std::vector<std::string> all;  // "token title body kind"
    std::vector<std::string> ids;
    int failures = 0;
    std::optional<bool> refusal;  // whether the device is gone

    task<void> send(push_message what) override {
        if (failures-- > 0) {
            if (refusal) throw push_refused(*refusal, "refused");
            throw jobs::retry_later(std::chrono::milliseconds(1), "busy");
        }
        all.push_back(fmt::format("{} {} {} {}", what.token.reveal(), what.title, what.body, what.kind));
        ids.push_back(what.notification_id);
        co_return;
    }
};

struct fixture : testing::Test {
    pg::testing::database db;
    crypto::keyring keys{bytes(32, 7)};
    recorder sms, second;
    bool has_second = false;
    mail_recorder mail;
    bool has_mail = true;
    push_recorder push;
    bool has_push = true;
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
    void cancel(const std::string& by, std::int64_t refund) {
        db.execute("update booking set state = 'cancelled', cancelled_by = '" + by +
                   "', cancelled_at = app_now(), refund = " + std::to_string(refund));
    }
    void add_device(uuid of, const std::string& token) {
        const auto id = uuid::v7();
        const auto place = place_of_device(id.to_string());
        db.execute("insert into device (id, user_id, token_hash, token_sealed, platform) values (" +
                   quoted(id) + ", " + quoted(of) + ", sha256('" + token + "'), " +
                   literal(keys.seal(device_purpose, token, place)) + ", 'android')");
    }
    // What the app tells that person: "kind params", oldest first.
    std::string told(uuid whom) {
        return db.execute(
            "select string_agg(kind || ' ' || params, '|' order by id) from notification "
            "where user_id = " +
            quoted(whom));
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
        db.execute(
            "insert into occupancy (id, astrologer_id, user_id, kind, span, blocked, channel, "
            "price_per_minute) values (" +
            taken + ", " + quoted(astrologer) + ", " + quoted(user) + ", 'booking', " + span + ", " + span +
            ", 'call', 2500)");
        db.execute(
            "insert into booking (id, occupancy_id, wallet_hold_id, user_id, astrologer_id, starts_at, "
            "ends_at, "
            "channel, price_per_minute, price) values (" +
            quoted(booking) + ", " + taken + ", " + hold + ", " + quoted(user) + ", " + quoted(astrologer) +
            ", '2030-01-01 11:00Z', '2030-01-01 11:30Z', 'call', 2500, 75000)");
    }

    // Works until no row waits (dead letters apart), or for ten seconds.
    void work() {
        pg::options connect;
        connect.url = db.url();
        loop on;
        pg::client client(on, connect);
        jobs::worker_options how;
        how.poll = std::chrono::milliseconds(10);
        how.backoff_base = how.backoff_cap = std::chrono::milliseconds(5);
        jobs::outbox_worker worker(on, client, keys, how);
        service s{client, keys, {{"first", &sms}}, registered};
        if (has_second) s.providers.push_back({"second", &second});
        if (has_mail) s.mail = &mail;
        if (has_push) s.push = &push;
        handle_jobs(worker, s);
        auto watch = [](jobs::outbox_worker& w, const pg::testing::database& d) -> task<void> {
            const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
            while (d.execute("select count(*) from outbox where dead_at is null") != "0" &&
                   std::chrono::steady_clock::now() < end)
                co_await sleep_for(std::chrono::milliseconds(10));
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

}  // namespace astrotalk::notification
