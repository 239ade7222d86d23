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
            EXPECT_NE(std::string(each.purge->sql).find("for update skip locked"), std::string::npos);
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
