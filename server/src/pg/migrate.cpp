#include "pg/migrate.hpp"

#include <libpq-fe.h>

#include "core/log.hpp"

namespace astrotalk::pg {
namespace {

struct clear {
    void operator()(PGresult* result) const { PQclear(result); }
    void operator()(PGconn* connection) const { PQfinish(connection); }
};
using answer = std::unique_ptr<PGresult, clear>;

std::string trimmed(std::string text) {
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text;
}

// A blocking session; everything it refuses is a migration_error.
class session {
  public:
    explicit session(const std::string& url) : connection_(PQconnectdb(url.c_str())) {
        if (PQstatus(connection_.get()) != CONNECTION_OK)
            throw migration_error("no connection to the database: " +
                                  trimmed(PQerrorMessage(connection_.get())));
        PQsetNoticeProcessor(connection_.get(), [](void*, const char*) {}, nullptr);
    }

    answer run(const char* sql, std::initializer_list<const char*> parameters = {}) {
        answer got(PQexecParams(connection_.get(), sql, static_cast<int>(parameters.size()), nullptr,
                                parameters.begin(), nullptr, nullptr, 0));
        check(got.get(), "migration");
        return got;
    }

    // Every statement of a script; `each` sees every answer.
    template <class F>
    void script(const std::string& what, const char* sql, F each) {
        if (PQsendQuery(connection_.get(), sql) != 1) throw migration_error(what + ": " + message());
        std::string failure;
        while (const answer got{PQgetResult(connection_.get())}) {
            if (!failure.empty()) continue;  // read to the end, so that the session can go on
            try {
                check(got.get(), what);
                each(got.get());
            } catch (const migration_error& e) {
                failure = e.what();
            }
        }
        if (!failure.empty()) throw migration_error(failure);
    }

    bool in_transaction() const { return PQtransactionStatus(connection_.get()) == PQTRANS_INTRANS; }

  private:
    std::string message() const { return trimmed(PQerrorMessage(connection_.get())); }
    void check(const PGresult* got, const std::string& what) const {
        const auto status = PQresultStatus(got);
        if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK || status == PGRES_EMPTY_QUERY) return;
        throw migration_error(what + ": " + trimmed(PQresultErrorMessage(got)));
    }

    std::unique_ptr<PGconn, clear> connection_;
};

std::string checksum(session& in, const char* text) {
    return PQgetvalue(in.run("select encode(sha256(convert_to($1, 'UTF8')), 'hex')", {text}).get(), 0, 0);
}

// What of `all` is not applied yet, after verifying that what is applied is the beginning of `all`,
// unchanged.
std::span<const migration> missing(session& in, std::span<const migration> all) {
    const auto table = in.run("select to_regclass('schema_migration') is not null");
    if (std::string_view(PQgetvalue(table.get(), 0, 0)) != "t") return all;
    const auto applied = in.run("select name, checksum from schema_migration order by name");
    const auto count = static_cast<std::size_t>(PQntuples(applied.get()));
    for (std::size_t i = 0; i < count; ++i) {
        const std::string name = PQgetvalue(applied.get(), static_cast<int>(i), 0);
        if (i >= all.size() || name != all[i].name)
            throw migration_error("the database has the migration " + name +
                                  ", which this program does not know: run the newer program");
        if (PQgetvalue(applied.get(), static_cast<int>(i), 1) != checksum(in, all[i].up))
            throw migration_error(
                "the migration " + name +
                " was changed after it was applied here: undo the change and add a migration instead");
    }
    return all.subspan(count);
}

void assert_after(session& in, const migration& each) {
    const std::string name = each.name;
    in.script(name + "/after.sql", each.after, [&](const PGresult* got) {
        if (PQresultStatus(got) != PGRES_TUPLES_OK || PQnfields(got) != 2 || PQntuples(got) == 0)
            throw migration_error(name + "/after.sql: every statement must answer rows (name, holds)");
        for (int row = 0; row < PQntuples(got); ++row)
            if (std::string_view(PQgetvalue(got, row, 1)) != "t")
                throw migration_error(name + ": taken back, because it does not hold that " +
                                      PQgetvalue(got, row, 0));
    });
}

void apply(session& in, const migration& each) {
    const std::string name = each.name;
    in.run("begin");
    in.script(name + "/up.sql", each.up, [](const PGresult*) {});
    if (!in.in_transaction()) throw migration_error(name + "/up.sql must not end the transaction it runs in");
    assert_after(in, each);
    const auto sum = checksum(in, each.up);
    in.run("insert into schema_migration (name, checksum) values ($1, $2)", {each.name, sum.c_str()});
    in.run("commit");
}

}  // namespace

std::vector<std::string> migrate(const std::string& url, std::span<const migration> all) {
    session in(url);
    in.run("set client_min_messages = error");
    in.run("set statement_timeout = 0");
    // Held by the session: it goes with it, however it ends.
    in.run("select pg_advisory_lock(hashtextextended('astrotalk.schema_migration', 0))");
    in.run(
        "create table if not exists schema_migration (name text primary key, checksum text not null, "
        "applied_at timestamptz not null default clock_timestamp())");
    std::vector<std::string> applied;
    for (const auto& each : missing(in, all)) {
        apply(in, each);
        applied.emplace_back(each.name);
        log::info("migration.applied", {{"migration", log::text(each.name)}});
    }
    return applied;
}

std::vector<std::string> pending(const std::string& url, std::span<const migration> all) {
    session in(url);
    std::vector<std::string> names;
    for (const auto& each : missing(in, all)) names.emplace_back(each.name);
    return names;
}

}  // namespace astrotalk::pg
