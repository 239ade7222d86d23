// A PostgreSQL client for coroutines (libpq 15, pipeline mode:
// postgresql.org/docs/15/libpq-pipeline-mode.html).
//
// Reads are pipelined over a few connections. Writes take a connection of their own from a bounded pool and
// are one statement, which is its own transaction; `transact` is for the few that need more. A statement is
// prepared on a connection at its first use there. Parameters travel as the codec of their type says
// (pg/codec.hpp), results in binary, and a row is a described struct whose members match the columns by
// position and name.
//
// Thread safety: a client belongs to one loop. Lifetime: it outlives the tasks it gave out.
// Errors: `unavailable` when the database is away or too slow (the edge answers 503); `error` for any other
// failure of a statement; a broken constraint is a value where the caller asks for it with `try_write`.
#pragma once

#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/loop.hpp"
#include "core/result.hpp"
#include "core/task.hpp"
#include "pg/codec.hpp"
#include "pg/statement.hpp"

namespace astrotalk::pg {

struct unavailable : std::exception {
    const char* what() const noexcept override { return "the database is not available"; }
};

// An integrity constraint (SQLSTATE class 23) said no. Features map the name to their error in one place.
struct violation {
    std::string constraint;
};

struct options {
    std::string url{};               // libpq connection string or URI
    int read_connections = 4;        // pipelined
    int write_connections = 16;      // exclusive
    std::size_t queue_limit = 4096;  // waiting statements; more are refused with `unavailable`
    std::chrono::milliseconds statement_timeout{5000};
    std::chrono::milliseconds connect_timeout{3000};
};

class connection;

// Inside `transact`: the same calls, on the transaction's own connection.
class transaction {
  public:
    explicit transaction(connection& on) : connection_(on) {}
    template <class Row, class... A>
    task<std::vector<Row>> query(const statement& s, const A&... a);
    template <class Row, class... A>
    task<std::optional<Row>> query_one(const statement& s, const A&... a);
    template <class... A>
    task<std::int64_t> execute(const statement& s, const A&... a);  // rows affected

  private:
    task<rows> run(const statement& s, arguments a);
    connection& connection_;
};

class client {
  public:
    client(loop& on, options how);
    ~client();

    // Pipelined; for statements that only read.
    template <class Row, class... A>
    task<std::vector<Row>> read(const statement& s, const A&... a) {
        return rows_of<Row>(run_read(s, encode(s, a...)));
    }
    template <class Row, class... A>
    task<std::optional<Row>> read_one(const statement& s, const A&... a) {
        return first_of<Row>(run_read(s, encode(s, a...)));
    }

    // On an exclusive connection; a statement that writes, in its own transaction. One that PostgreSQL takes
    // back for a conflict (40001, 40P01) runs again, at most five times in all; one lost with its connection
    // never does.
    template <class Row, class... A>
    task<std::vector<Row>> write(const statement& s, const A&... a) {
        return rows_of<Row>(run_write(s, encode(s, a...)));
    }
    template <class Row, class... A>
    task<std::optional<Row>> write_one(const statement& s, const A&... a) {
        return first_of<Row>(run_write(s, encode(s, a...)));
    }
    template <class Row, class... A>
    task<result<std::vector<Row>, violation>> try_write(const statement& s, const A&... a) {
        return rows_or_violation<Row>(run_write(s, encode(s, a...)));
    }
    template <class... A>
    task<std::int64_t> execute(const statement& s, const A&... a) {
        return affected_by(run_write(s, encode(s, a...)));
    }

    // BEGIN, `body`, COMMIT; ROLLBACK when it throws. 40001 and 40P01 run `body` again, at most five times in
    // all, so `body` must have no effect but its statements.
    task<void> transact(std::function<task<void>(transaction&)> body);

    // Whether a connection is up: for /readyz. Never throws.
    task<bool> ready();
    // Ends after the statements under way; later calls are refused with `unavailable`.
    task<void> close();

  private:
    friend class transaction;
    task<rows> run_read(const statement& s, arguments a);
    task<rows> run_write(const statement& s, arguments a);

    template <class Row>
    static task<std::vector<Row>> rows_of(task<rows> pending);
    template <class Row>
    static task<std::optional<Row>> first_of(task<rows> pending);
    template <class Row>
    static task<result<std::vector<Row>, violation>> rows_or_violation(task<rows> pending);
    static task<std::int64_t> affected_by(task<rows> pending);

    struct state;
    std::unique_ptr<state> state_;
};

// Called after every statement on the thread that ran it, with its name, the time from call to answer, and
// whether it went well (a broken constraint is an answer, not a failure). One for the process; set it before
// the first client.
using observer = void (*)(std::string_view name, std::chrono::nanoseconds took, bool ok);
void on_statement(observer watching);

template <class Row, class... A>
task<std::vector<Row>> transaction::query(const statement& s, const A&... a) {
    return client::rows_of<Row>(run(s, encode(s, a...)));
}
template <class Row, class... A>
task<std::optional<Row>> transaction::query_one(const statement& s, const A&... a) {
    return client::first_of<Row>(run(s, encode(s, a...)));
}
template <class... A>
task<std::int64_t> transaction::execute(const statement& s, const A&... a) {
    return client::affected_by(run(s, encode(s, a...)));
}

template <class Row>
task<std::vector<Row>> client::rows_of(task<rows> pending) {
    const rows answer = co_await std::move(pending);
    co_return decode_rows<Row>(answer.or_throw());
}
template <class Row>
task<std::optional<Row>> client::first_of(task<rows> pending) {
    const rows answer = co_await std::move(pending);
    if (answer.or_throw().size() == 0) {
        detail::check_columns<Row>(answer);
        co_return std::nullopt;
    }
    co_return decode_row<Row>(answer, 0);
}
template <class Row>
task<result<std::vector<Row>, violation>> client::rows_or_violation(task<rows> pending) {
    const rows answer = co_await std::move(pending);
    if (const auto constraint = answer.violated(); !constraint.empty())
        co_return violation{std::string(constraint)};
    co_return decode_rows<Row>(answer.or_throw());
}

}  // namespace astrotalk::pg
