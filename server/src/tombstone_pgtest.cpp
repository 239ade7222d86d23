// What a copy and a tombstone hold of an astrologer, and what a legal hold keeps of them.
#include <gtest/gtest.h>

#include "crypto/keyring.hpp"
#include "personal_data.hpp"
#include "pg/testing.hpp"
#include "privacy/privacy.hpp"

namespace astrotalk {
namespace {

using pg::testing::database;

const crypto::keyring& keys() {
    static const crypto::keyring made(bytes(32, 7));
    return made;
}

std::size_t times(const std::string& text, const std::string& part) {
    std::size_t count = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) ++count;
    return count;
}

struct tombstone : ::testing::Test {
    database db;
    const privacy::data_register known = make_register({}, "a@b.example", {});
    const user_id who = user_id::make();
    const std::string me = "'" + who.to_string() + "'";

    tombstone() {
        db.execute("insert into pool_user (id, phone_hash, phone_sealed, confirmed_at, user_type) values (" +
                   me +
                   ", 'x', '', app_now(), 'astrologer'); insert into astrologer (id, display_name, bio, "
                   "languages, specializations, experience_years, city) values (" +
                   me + ", 'Guru', '', '{}', '{}', 1, '')");
    }
    task<std::string> copy(pg::client& c) {
        const auto id = co_await ready_copy(c);
        privacy::request_service s{c, keys()};
        http::principal caller;
        caller.id = who;
        caller.user_type = "astrologer";
        co_return (co_await privacy::take_export(s, std::move(caller), id, "r"))
            ->document.value_or(personal())
            .reveal();
    }
    task<uuid> ready_copy(pg::client& c) {
        const auto id = uuid::v7();
        db.execute("insert into data_export (id, user_id) values ('" + id.to_string() + "', " + me + ")");
        co_await privacy::build_export(c, keys(), known, id);
        co_return id;
    }
    task<std::string> erase(pg::client& c) {
        std::string certificate;
        auto body = [&](pg::transaction& t) -> task<void> {
            certificate = co_await privacy::erase_person(t, keys(), known, who, "request", "r");
        };
        co_await c.transact(body);
        co_return certificate;
    }
    task<std::string> kept(pg::client& c) {
        co_return (co_await privacy::read_tombstone(c, keys(), who, "why")).value_or("");
    }
};

TEST_F(tombstone, has_what_was_found_and_decided_which_is_not_for_the_copy) {
    db.execute(
        "insert into kyc_session (id, user_id, method, state, attempt, expires_at, ended_at, findings, "
        "staff_reason, reasons, pan_hash, address_hash, device_hash, approved_by) values "
        "(gen_random_uuid(), " +
        me +
        ", 'papers', 'rejected', 1, app_now(), app_now(), '[{\"code\":\"pan_in_use\",\"says\":\"reject\"}]', "
        "'the stamp is another office''s', '{pan_in_use}', '\\xaa01', '\\xaa02', '\\xaa03', '" +
        uuid::v7().to_string() + "')");
    pg::testing::run(db, [&](pg::client& c) -> task<void> {
        const auto shown = co_await copy(c);
        EXPECT_EQ(times(shown, "pan_in_use"), 1u) << "the reason, as the person was told it";
        for (const auto* part : {"another office", "aa01", "aa02", "aa03", "findings", "approvedBy"})
            EXPECT_EQ(times(shown, part), 0u) << part;
        co_await erase(c);
        const auto left = co_await kept(c);
        for (const auto* part :
             {"another office", "aa01", "aa02", "aa03", "\"says\":\"reject\"", "approvedBy"})
            EXPECT_EQ(times(left, part), 1u) << part << " in " << left;
    });
    EXPECT_EQ(db.execute("select findings || coalesce(staff_reason, '') from kyc_session"), "[]")
        << "and nowhere else";
}

// The statements read 10,000 at once; 10,003 are a whole page and a bit.
TEST_F(tombstone, has_every_record_however_many_there_are) {
    db.execute(
        "insert into upload (id, user_id, kind, state, content_type, size, parts, expires_at) "
        "select gen_random_uuid(), " +
        me +
        ", 'certificate', 'ready', 'x-' || n || '-', 9, '{file}', app_now() "
        "from generate_series(1, 10003) n");
    const auto all_of = [&](const std::string& text) {
        EXPECT_EQ(times(text, "\"contentType\""), 10'003u);
        for (const auto* one : {"\"x-1-\"", "\"x-10000-\"", "\"x-10001-\"", "\"x-10003-\""})
            EXPECT_EQ(times(text, one), 1u) << one;
    };
    pg::testing::run(db,
                     [&](pg::client& c) -> task<void> {
                         all_of(co_await copy(c));
                         co_await erase(c);
                         all_of(co_await kept(c));
                     },
                     {.statement_timeout = std::chrono::minutes(1)});
}

// A copy is derived data, but what was in it may be gone elsewhere since: a hold keeps it like the rest.
TEST_F(tombstone, leaves_a_ready_copy_of_somebody_on_hold_where_it_is) {
    pg::testing::run(db, [&](pg::client& c) -> task<void> {
        const auto made = co_await ready_copy(c);
        db.execute("insert into data_export (id, user_id) values (gen_random_uuid(), " + me +
                   "); insert into legal_hold (id, subject_id, reason, set_by) values (gen_random_uuid(), " +
                   me + ", 'a court', " + me + ")");
        const auto certificate = co_await erase(c);
        const auto at_once = certificate.substr(0, certificate.find("\"kept\":"));
        EXPECT_EQ(times(at_once, "privacy.exports"), 0u) << certificate;
        EXPECT_EQ(times(certificate, "\"privacy.exports\""), 1u);
        EXPECT_EQ(db.execute("select string_agg(state, ' ' order by state) from data_export"),
                  "ready removed");
        db.execute(
            "update data_export set ready_at = app_now() - interval '8 days', expires_at = app_now() - "
            "interval '1 day' where id = '" +
            made.to_string() + "'");
        co_await privacy::run_purge(c, keys(), known);
        EXPECT_EQ(db.execute("select count(*) from data_export where document_sealed is not null"), "1");
        db.execute("update legal_hold set lifted_at = app_now(), lifted_by = set_by, lift_reason = 'over'");
        co_await privacy::run_purge(c, keys(), known);
        EXPECT_EQ(db.execute("select count(*) from data_export where document_sealed is not null"), "0");
    });
}

TEST_F(tombstone, without_a_hold_leaves_no_copy) {
    pg::testing::run(db, [&](pg::client& c) -> task<void> {
        co_await ready_copy(c);
        const auto certificate = co_await erase(c);
        EXPECT_EQ(times(certificate.substr(0, certificate.find("\"kept\":")), "privacy.exports"), 1u);
    });
    EXPECT_EQ(db.execute("select string_agg(state, ' ') from data_export"), "removed");
}

}  // namespace
}  // namespace astrotalk
