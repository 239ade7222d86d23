// The register of personal data against the schema: what keeps it true. A column that looks personal belongs
// to a class of some feature, or its feature says that it is impersonal.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "crypto/keyring.hpp"
#include "personal_data.hpp"
#include "pg/testing.hpp"

namespace astrotalk {
namespace {

using pg::testing::database;

// Sealed or binary (hashes of numbers, keys), or text that is named like what people are or write.
constexpr const char* personal_columns = R"(
    select string_agg(c.oid::regclass || '.' || a.attname, ' ' order by c.oid::regclass::text, a.attnum)
    from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid
    where c.relkind = 'r' and n.nspname = 'public' and a.attnum > 0 and not a.attisdropped
      and c.relname <> 'migration' and c.relname <> 'schema_migration'
      and (a.attname ~ '_sealed$' or a.atttypid in ('bytea'::regtype, 'bytea[]'::regtype, 'inet'::regtype)
           or (a.atttypid in ('text'::regtype, 'varchar'::regtype, 'text[]'::regtype, 'json'::regtype,
                              'jsonb'::regtype, 'date'::regtype)
               and a.attname ~ ('phone|mobile|name|mail|(^|_)ip($|_)|addr|agent|city|place|birth|dob|gender|'
                                'bio|reason|note|comment|message|text|content|payload|answer|detail|label|'
                                'device|document|error|account|pan($|_)|aadhaar|last4|language|special')))
)";

std::set<std::string> words_of(const std::string& text) {
    std::set<std::string> words;
    for (std::size_t from = 0; from < text.size();) {
        const auto end = std::min(text.find(' ', from), text.size());
        words.insert(text.substr(from, end - from));
        from = end + 1;
    }
    return words;
}

std::set<std::string> declared_columns() {
    std::set<std::string> all;
    for (const auto& folder : all_personal_data()) {
        for (const auto& each : folder.classes) all.insert(each.columns.begin(), each.columns.end());
        all.insert(folder.impersonal.begin(), folder.impersonal.end());
    }
    return all;
}

std::vector<std::string> undeclared(const database& db) {
    std::vector<std::string> found;
    const auto declared = declared_columns();
    for (const auto& column : words_of(db.execute(personal_columns)))
        if (!declared.contains(column)) found.push_back(column);
    return found;
}

TEST(personal_data, every_column_that_looks_personal_belongs_to_a_class) {
    const database db;
    EXPECT_EQ(undeclared(db), std::vector<std::string>{}) << "declare it in personal_data.cpp of its feature";
}

TEST(personal_data, a_column_that_nobody_declared_is_found) {
    const database db;
    db.execute(
        "create table gossip (id uuid, nickname text, place_sealed bytea, told_at timestamptz, "
        "seen_from inet, kind text)");
    EXPECT_EQ(undeclared(db),
              (std::vector<std::string>{"gossip.nickname", "gossip.place_sealed", "gossip.seen_from"}));
}

TEST(personal_data, what_is_declared_exists_and_is_declared_once) {
    const database db;
    std::set<std::string> names;
    std::multiset<std::string> columns;
    for (const auto& folder : all_personal_data()) {
        for (const auto& each : folder.classes) {
            EXPECT_TRUE(names.insert(std::string(each.name)).second) << each.name;
            EXPECT_FALSE(each.english.empty() || each.hindi.empty()) << each.name;
            columns.insert(each.columns.begin(), each.columns.end());
        }
        columns.insert(folder.impersonal.begin(), folder.impersonal.end());
    }
    for (const auto& column : columns) {
        EXPECT_EQ(columns.count(column), 1u) << column;
        const auto dot = column.find('.');
        EXPECT_EQ(db.execute("select count(*) from pg_attribute where attrelid = '" + column.substr(0, dot) +
                             "'::regclass and attname = '" + column.substr(dot + 1) + "'"),
                  "1")
            << column;
    }
}

// A statement that erases by age looks at holds and says what it took; what it would take can be asked.
TEST(personal_data, what_purges_looks_at_holds_and_can_be_previewed) {
    const database db;
    for (const auto& folder : all_personal_data())
        for (const auto& each : folder.classes) {
            EXPECT_EQ(each.purge == nullptr, each.due == nullptr) << each.name;
            if (!each.purge) continue;
            for (const auto* statement : {each.purge, each.due}) {
                const std::string sql = statement->sql;
                EXPECT_NE(sql.find("is_held("), std::string::npos) << statement->name;
            }
            EXPECT_NE(std::string(each.purge->sql).find(" skip locked"), std::string::npos);
        }
    const auto known = make_register({}, "a@b.example", {});
    pg::testing::run(db, [&](pg::client& c) -> task<void> {
        for (const auto& line : co_await privacy::preview_purge(c, known))
            EXPECT_EQ(line.count, 0) << line.name;
    });
}

const crypto::keyring& keys() {
    static const crypto::keyring made(bytes(32, 7));
    return made;
}

// Every class's own statements, with a person who has nothing: they have the columns that a copy is made of.
TEST(personal_data, section_12_everything_declared_can_be_read_and_erased) {
    const database db;
    const auto who = user_id::make();
    db.execute("insert into pool_user (id, phone_hash, phone_sealed, confirmed_at, user_type) values ('" +
               who.to_string() + "', 'x', '', app_now(), 'astrologer')");
    const auto known = make_register({}, "a@b.example", {});
    const auto copy = uuid::v7();
    db.execute("insert into data_export (id, user_id) values ('" + copy.to_string() + "', '" +
               who.to_string() + "')");
    pg::testing::run(db, [&](pg::client& c) -> task<void> {
        co_await privacy::build_export(c, keys(), known, copy);
        EXPECT_EQ(db.execute("select state from data_export"), "ready");
        auto body = [&](pg::transaction& t) -> task<void> {
            const auto certificate = co_await privacy::erase_person(t, keys(), known, who, "request", "r");
            for (const auto& each : known.classes)
                EXPECT_NE(certificate.find("\"" + std::string(each.name) + "\""), std::string::npos);
        };
        co_await c.transact(body);
        EXPECT_TRUE(co_await privacy::read_tombstone(c, keys(), who, "why"));
    });
}

std::string hex_literal(const bytes& raw) { return "'\\x" + crypto::hex(raw) + "'"; }

std::string sealed_at(const std::string& purpose, const std::string& row, const std::string& text) {
    return hex_literal(keys().seal(purpose, text, purpose + ":" + row));
}

// An astrologer whose check is under way, with papers, a photo, a payout account, news and a device.
struct astrologer {
    user_id id = user_id::make();
    uuid consent = uuid::v7(), session = uuid::v7(), photo = uuid::v7();

    void store(const database& db, const std::string& withdrawn = "null") const {
        const auto me = "'" + id.to_string() + "'", agreed = "'" + consent.to_string() + "'";
        const auto check = "'" + session.to_string() + "'", picture = "'" + photo.to_string() + "'";
        db.execute("insert into pool_user (id, phone_hash, phone_sealed, confirmed_at, user_type) values (" +
                   me + ", convert_to(" + me + ", 'UTF8'), " +
                   sealed_at("pool_user.phone", id.to_string(), "+919876543210") +
                   ", app_now(), 'astrologer')");
        db.execute(
            "insert into astrologer (id, display_name, bio, languages, specializations, experience_years, "
            "city, legal_name_sealed) values (" +
            me + ", 'Guru', '', '{}', '{}', 1, '', " +
            sealed_at("astrologer.legal_name", id.to_string(), "Asha Devi Rao") + ")");
        db.execute(
            "insert into consent_notice (purpose, version, language, hash, content, items) values "
            "('kyc', 1, 'en', sha256('{}'), '{}', '[]') on conflict do nothing");
        db.execute(
            "insert into consent (id, user_id, purpose, notice_version, language, notice_hash, items, "
            "channel, given_at, origin_sealed, withdrawn_at, withdrawn_channel) select " +
            agreed + ", " + me +
            ", 'kyc', 1, 'en', sha256('{}'), '[]', 'app', app_now() - interval '800 days', " +
            sealed_at("consent.origin", consent.to_string(), "192.0.2.44") +
            ", w, case when w is not null then 'app' end from (select " + withdrawn +
            "::timestamptz as w) t");
        db.execute(
            "insert into kyc_session (id, user_id, consent_id, state, attempt, kid, started_at, "
            "expires_at, ended_at, pan_hash, evidence_sealed, address_hash) select " +
            check + ", " + me + ", " + agreed + ", case when w is null then 'open' else 'expired' end, 1, " +
            check + ", app_now(), app_now() + interval '20 minutes', w, 'pan', " +
            sealed_at("kyc_session.evidence", session.to_string(), "ABCPR1234F") + ", 'a' from (select " +
            withdrawn + "::timestamptz as w) t");
        db.execute(
            "insert into upload (id, user_id, kind, state, content_type, size, parts, expires_at) "
            "values (" +
            picture + ", " + me +
            ", 'photo', 'ready', 'image/jpeg', 9, '{card}', "
            "app_now()), ('" +
            uuid::v7().to_string() + "', " + me +
            ", 'identity', 'ready', 'application/pdf', 9, '{file}', app_now())");
        db.execute("update astrologer set photo = " + picture + " where id = " + me);
        db.execute("insert into payout_account (user_id, secrets_sealed, ifsc) values (" + me + ", " +
                   sealed_at("payout_account.secrets", id.to_string(), "50100012345") + ", 'HDFC0001234')");
        db.execute("insert into notification (id, user_id, kind, params) values ('" + uuid::v7().to_string() +
                   "', " + me + ", 'kyc.approved', '{}')");
        db.execute("insert into device (id, user_id, token_hash, token_sealed, platform) values ('" +
                   uuid::v7().to_string() + "', " + me + ", convert_to(" + me + ", 'UTF8'), 'x', 'ios')");
    }
};

constexpr std::string_view told_of_an_astrologer[] = {"Asha Devi Rao", "ABCPR1234F", "192.0.2.44",
                                                      "50100012345"};

task<std::string> copy_of(pg::client& c, const privacy::data_register& known, user_id who) {
    const auto copy = uuid::v7();
    auto body = [&](pg::transaction& t) -> task<void> {
        co_await t.execute(
            pg::statement{"test.ask", "insert into data_export (id, user_id) values ($1, $2)", 2}, copy, who);
    };
    co_await c.transact(body);
    co_await privacy::build_export(c, keys(), known, copy);
    privacy::request_service s{c, keys()};
    http::principal caller;
    caller.id = who;
    caller.user_type = "astrologer";
    const auto made = co_await privacy::take_export(s, std::move(caller), copy, "r");
    co_return made->document.value_or(personal()).reveal();
}

task<void> erase(pg::client& c, const privacy::data_register& known, user_id who) {
    auto body = [&](pg::transaction& t) -> task<void> {
        co_await privacy::erase_person(t, keys(), known, who, "request", "r");
    };
    co_await c.transact(body);
}

TEST(personal_data, an_astrologers_erasure_ends_what_is_under_way_and_keeps_evidence_sealed) {
    const database db;
    const auto known = make_register({}, "a@b.example", {});
    const astrologer guru, other;
    guru.store(db);
    other.store(db);
    pg::testing::run(db, [&](pg::client& c) -> task<void> {
        const auto copy = co_await copy_of(c, known, guru.id);
        for (const auto part : told_of_an_astrologer)
            EXPECT_NE(copy.find(part), std::string::npos) << part << " in " << copy;
        co_await erase(c, known, guru.id);
        const auto kept = co_await privacy::read_tombstone(c, keys(), guru.id, "why");
        for (const auto part : told_of_an_astrologer)
            EXPECT_NE(kept.value_or("").find(part), std::string::npos) << part;
    });
    const auto of = [&](const user_id& who, const std::string& sql) {
        return db.execute("select string_agg(v, ' ') from (" + sql + " where user_id = '" + who.to_string() +
                          "' order by 1) t (v)");
    };
    EXPECT_EQ(of(guru.id, "select withdrawn_channel || (origin_sealed is null) from consent"),
              "account_closedtrue");
    EXPECT_EQ(of(guru.id,
                 "select num_nonnulls(evidence_sealed, origin_sealed, address_hash, pan_hash) || "
                 "':' || version from kyc_session"),
              "0:2");
    EXPECT_EQ(of(guru.id, "select state from upload"), "removed removed");
    EXPECT_EQ(of(other.id, "select state from upload"), "ready ready");
    EXPECT_EQ(
        of(other.id, "select num_nonnulls(evidence_sealed, pan_hash) || ':' || version from kyc_session"),
        "2:1");
    for (const auto* table : {"notification", "device", "payout_account"}) {
        EXPECT_EQ(of(guru.id, std::string("select '1' from ") + table), "") << table;
        EXPECT_EQ(of(other.id, std::string("select '1' from ") + table), "1") << table;
    }
    EXPECT_EQ(db.execute("select count(*) from astrologer where photo is not null"), "1");
    EXPECT_EQ(db.execute("select string_agg(kind, ' ') from outbox where kind = 'consent.withdrawn'"),
              "consent.withdrawn")
        << "what rests on the consent is told";
}

// The notice promises it: a year after the withdrawal, with the account open, unless somebody is on hold.
TEST(personal_data, evidence_goes_a_year_after_its_consent) {
    const database db;
    const auto known = make_register({}, "a@b.example", {});
    const astrologer stays, recent, long_ago, held;
    stays.store(db);
    recent.store(db, "(app_now() - interval '364 days')");
    long_ago.store(db, "(app_now() - interval '366 days')");
    held.store(db, "(app_now() - interval '366 days')");
    db.execute("insert into legal_hold (id, subject_id, reason, set_by) values ('" + uuid::v7().to_string() +
               "', '" + held.id.to_string() + "', 'a court', '" + held.id.to_string() + "')");
    pg::testing::run(db, [&](pg::client& c) -> task<void> {
        EXPECT_TRUE(co_await privacy::run_purge(c, keys(), known));
        EXPECT_FALSE(co_await privacy::run_purge(c, keys(), known));
    });
    EXPECT_EQ(
        db.execute("select string_agg(user_id::text, ' ') from kyc_session where evidence_sealed is null"),
        long_ago.id.to_string());
    EXPECT_EQ(
        db.execute("select string_agg(user_id::text, ' ') from consent where origin_sealed is not null"),
        held.id.to_string())
        << "traffic data";
}

// Aadhaar: stored nowhere, so a scan finds each kind of place where one could lie.
TEST(scan, aadhaar_numbers_are_found_wherever_they_lie_and_never_told) {
    const database db;
    const std::string number = "234123412346";
    const auto who = user_id::make(), job = user_id::make();
    const auto name = keys().seal("pool_user.name", "Asha " + number, "pool_user.name:" + who.to_string());
    const auto phone = keys().seal("pool_user.phone", "+919876543210", "pool_user.phone:" + who.to_string());
    const auto payload = jobs::seal_payload(keys(), job.value, R"({"text":"2341 2341 2346"})");
    db.execute(
        "insert into pool_user (id, phone_hash, phone_sealed, name_sealed, confirmed_at, user_type) "
        "values ('" +
        who.to_string() + "', 'x', " + hex_literal(phone) + ", " + hex_literal(name) +
        ", app_now(), 'user')");
    db.execute("insert into outbox (id, kind, payload, dead_at, last_error) values ('" + job.to_string() +
               "', 'sms.send', " + hex_literal(payload) + ", app_now(), '2341-2341-2346 refused')");
    db.execute("create table a_later_one (j jsonb, b bytea, l text[])");
    db.execute("insert into a_later_one select '{\"a\": [\"" + number + "\"]}', '" + number + "', '{x," +
               number + "}' from generate_series(1, 2000)");
    const auto report = pg::testing::run(db, [&](pg::client& c) -> task<privacy::scan_report> {
        co_return co_await privacy::scan_database(c, keys(), all_sealed_columns());
    });
    const std::vector<privacy::finding> expected = {
        {"a_later_one.j", 2000},  {"a_later_one.b", 2000},        {"a_later_one.l", 2000},
        {"outbox.last_error", 1}, {"outbox.payload (opened)", 1}, {"pool_user.name (opened)", 1}};
    EXPECT_EQ(report.found.size(), expected.size());
    for (const auto& each : expected)
        EXPECT_NE(std::ranges::find(report.found, each), report.found.end()) << each.place;
    for (const auto& each : report.found) EXPECT_EQ(each.place.find("2341"), std::string::npos);
    EXPECT_EQ(report.unreadable, 0);
}

TEST(scan, an_empty_installation_has_none) {
    const database db;
    const auto report = pg::testing::run(db, [&](pg::client& c) -> task<privacy::scan_report> {
        co_return co_await privacy::scan_database(c, keys(), all_sealed_columns());
    });
    EXPECT_TRUE(report.found.empty());
    EXPECT_GT(report.columns, 60);
}

}  // namespace
}  // namespace astrotalk
