// What the tests of this folder stand on: a database with an astrologer and users with money, and ways to
// race.
#pragma once

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <memory>
#include <string>
#include <vector>

#include "booking/booking.hpp"
#include "core/loop.hpp"
#include "pg/testing.hpp"
#include "wallet/wallet.hpp"

namespace astrotalk::booking::testing {

using namespace std::chrono_literals;

inline constexpr std::string_view nil = "'00000000-0000-0000-0000-000000000000'";

struct world {
    pg::testing::database db;
    user_id astrologer = add_astrologer();

    user_id add_person(const char* type) {
        const user_id id = user_id::make();
        const auto text = id.to_string();
        db.execute(
            "insert into pool_user (id, phone_hash, phone_sealed, user_type, name_sealed, language, "
            "city_sealed, "
            "adult_declared_at) values ('" +
            text + "', '\\x" + std::string(text.substr(24)) + "', '', '" + type +
            "', '', 'en', '', app_now()); insert into wallet (owner_id) values ('" + text + "')");
        return id;
    }
    // Round the clock in India, 10 rupees a minute of chat and 15 of a call, no video, 5 minutes after each
    // consultation.
    user_id add_astrologer(const std::string& status = "approved") {
        const user_id id = add_person("astrologer");
        db.execute(
            "insert into astrologer (id, display_name, bio, languages, specializations, experience_years, "
            "city, "
            "status, chat_price, call_price, weekly, buffer_after, notice_minutes) values ('" +
            id.to_string() + "', 'Meera', 'Reads charts', '{en}', '{vedic}', 9, 'Pune', '" + status +
            "', 1000, 1500, '{0,10080}', 5, 0)");
        return id;
    }
    // Money comes with a journal, so that the ledger is sound from the first.
    user_id add_user(std::int64_t cash = 10'000'000, std::int64_t bonus = 0) {
        const user_id id = add_person("user");
        if (cash > 0) give(id, "cash", cash);
        if (bonus > 0) give(id, "bonus", bonus);
        return id;
    }
    void give(user_id to, const std::string& account, std::int64_t paise) {
        const auto owner = to.to_string(), journal = journal_id::make().to_string(),
                   amount = std::to_string(paise);
        db.execute("insert into journal (id, kind, reference_id) values ('" + journal + "', 'promotion." +
                   account + "', '" + owner + "'); insert into posting values ('" + journal + "', 1, " +
                   std::string(nil) + ", 'promotions', '" + owner + "', '" + account + "', " + amount +
                   "); update wallet set " + account + " = " + account + " + " + amount +
                   " where owner_id = '" + owner + "'");
    }
    std::int64_t count(const std::string& from) const {
        return std::stoll(db.execute("select count(*) from " + from));
    }
};

// Tomorrow at that hour and minute, UTC.
inline instant tomorrow(std::chrono::minutes at) {
    return std::chrono::floor<std::chrono::days>(clock::now()) + std::chrono::days(1) + at;
}

inline service service_on(pg::client& pg) {
    return {pg, [](uuid, std::string_view json) { return bytes(json.begin(), json.end()); }, 300s};
}

inline caller user(user_id id) { return {id, "user", "a-test"}; }

inline http::idempotency_key key(const std::string& name, const std::string& body = "body") {
    return {name, body};
}
inline http::idempotency_key fresh_key() { return key(uuid::v7().to_string()); }

inline std::string text_of(const answer& a, const char* member) {
    const auto json = boost::json::parse(a.body);
    const auto& value = json.at(member);
    return value.is_string() ? std::string(value.as_string()) : boost::json::serialize(value);
}

// Runs them all at once on the current loop and gives their values in order. A failure fails the test and is
// left out.
template <class T>
task<std::vector<T>> all(std::vector<task<T>> work) {
    struct state {
        std::size_t left;
        event done;
        std::vector<std::optional<T>> values;
    };
    auto shared = std::make_shared<state>();
    shared->left = work.size();
    shared->values.resize(work.size());
    auto one = [](task<T> inner, std::shared_ptr<state> s, std::size_t at) -> task<void> {
        try {
            s->values[at].emplace(co_await std::move(inner));
        } catch (const std::exception& e) {
            ADD_FAILURE() << e.what();
        }
        if (--s->left == 0) s->done.set();
    };
    for (std::size_t i = 0; i < work.size(); ++i) spawn(one(std::move(work[i]), shared, i));
    while (shared->left > 0) co_await shared->done.wait_for(60s);
    std::vector<T> values;
    for (auto& each : shared->values)
        if (each) values.push_back(std::move(*each));
    co_return values;
}

inline task<void> expect_sound_ledger(pg::client& pg) {
    const auto report = co_await wallet::verify_ledger(pg);
    for (const auto& each : report.differences)
        ADD_FAILURE() << each.subject.to_string() << " " << each.what << ": " << each.recorded
                      << " recorded, " << each.recomputed << " recomputed";
}

}  // namespace astrotalk::booking::testing
