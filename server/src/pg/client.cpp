#include <atomic>
#include <boost/asio/steady_timer.hpp>

#include "pg/pool.hpp"

namespace astrotalk::pg {
using namespace std::chrono_literals;
namespace {

constexpr int most_attempts = 5;
constexpr statement commit{"pg.commit", "commit", 0};
constexpr statement rollback{"pg.rollback", "rollback", 0};

std::atomic<observer> watching{nullptr};

// Too slow (57014), shutting down (57P0x), short of something (53), gone (08), or no longer the primary
// (25006).
// libpq itself says that the connection broke while the answer was on its way: then there is no SQLSTATE.
bool is_outage(std::string_view sqlstate) {
    return sqlstate.empty() || sqlstate.starts_with("57") || sqlstate.starts_with("53") ||
           sqlstate.starts_with("08") || sqlstate == "25006";
}
// PostgreSQL has taken the whole statement back and says that trying again may go well.
bool is_transient(std::string_view sqlstate) { return sqlstate == "40001" || sqlstate == "40P01"; }

bool is_transient(const std::exception_ptr& failure) {
    try {
        std::rethrow_exception(failure);
    } catch (const error& e) {
        return is_transient(e.sqlstate());
    } catch (...) {
        return false;
    }
}

task<void> pause(int attempt) { return sleep_for(backoff(attempt, 2ms, 50ms)); }

struct in_pool {
    pool& from;
    operation& op;
    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> caller) {
        op.waiting = caller;
        if (from.submit(op)) return true;
        op.lost = true;
        return false;
    }
    void await_resume() const noexcept {}
};

struct on_connection {
    connection& kept;
    operation& op;
    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> caller) {
        op.waiting = caller;
        if (kept.up()) {
            kept.send(op);
            return true;
        }
        op.lost = true;
        return false;
    }
    void await_resume() const noexcept {}
};

// Makes rows of an operation that has resumed. Throws `unavailable`.
rows answer_of(operation& op, steady::time_point began) {
    const auto report = [&](bool ok) {
        if (const auto tell = watching.load(std::memory_order_relaxed))
            tell(op.what->name, steady::now() - began, ok);
    };
    if (op.lost) {
        report(false);
        throw unavailable();
    }
    rows answer(std::exchange(op.answer, nullptr), op.what->name, &op.what->checked);
    if (!answer.failed()) [[likely]] {
        report(true);
        return answer;
    }
    const auto state = answer.sqlstate();
    report(state.starts_with("23"));
    if (is_outage(state)) throw unavailable();
    return answer;
}

// A statement that is its own transaction: when it is taken back for a conflict it runs again.
task<rows> run(pool& from, const statement& s, arguments a) {
    known_statement& known = from.known().find(s);
    for (int attempt = 1;; ++attempt) {
        operation op{.what = &known, .with = &a};
        const auto began = steady::now();
        co_await in_pool{from, op};
        rows answer = answer_of(op, began);
        if (!answer.failed() || attempt == most_attempts || !is_transient(answer.sqlstate()))
            co_return answer;
        co_await pause(attempt);
    }
}

task<rows> run_kept(connection& kept, const statement& s, arguments a) {
    operation op{.what = &kept.owner().known().find(s), .with = &a};
    const auto began = steady::now();
    co_await on_connection{kept, op};
    co_return answer_of(op, began);
}

// BEGIN went out with the first statement; without one there is nothing to end.
task<void> commit_on(connection& kept) {
    if (kept.begin_next) co_return;
    const rows answer = co_await run_kept(kept, commit, {});
    answer.or_throw();
    // The body swallowed a failed statement: PostgreSQL answers COMMIT with ROLLBACK.
    if (answer.command() != "COMMIT") throw error("25P02", "", commit.name, "the transaction had failed");
}

task<void> rollback_on(connection& kept) {
    if (kept.begin_next || !kept.up()) co_return;
    bool ended = false;
    try {
        ended = !(co_await run_kept(kept, rollback, {})).failed();
    } catch (const unavailable&) {
    }
    if (!ended) kept.abandon();
}

}  // namespace

void on_statement(observer tell) { watching = tell; }

struct client::state {
    connection_settings settings;
    statements known;
    pool reads, writes;
    boost::asio::steady_timer watchdog;
    std::chrono::milliseconds patience;
    std::shared_ptr<const bool> alive = std::make_shared<const bool>(true);

    state(boost::asio::io_context& on, const options& how)
        : settings(how),
          reads(on, settings, pooling::pipelined, how.read_connections, how.queue_limit, known),
          writes(on, settings, pooling::exclusive, how.write_connections, how.queue_limit, known),
          watchdog(on),
          patience(how.statement_timeout + 2s) {}

    // PostgreSQL ends slow statements itself; this is for a server or a network that no longer answers at
    // all.
    void watch() {
        watchdog.expires_after(1s);
        watchdog.async_wait([this, life = std::weak_ptr(alive)](boost::system::error_code stopped) {
            if (stopped || life.expired()) return;
            const auto now = steady::now();
            reads.watch(now, patience);
            writes.watch(now, patience);
            watch();
        });
    }
};

client::client(loop& on, options how) : state_(std::make_unique<state>(on.context(), how)) {
    state_->watch();
}
client::~client() = default;

task<rows> client::run_read(const statement& s, arguments a) { return run(state_->reads, s, std::move(a)); }
task<rows> client::run_write(const statement& s, arguments a) { return run(state_->writes, s, std::move(a)); }
task<rows> transaction::run(const statement& s, arguments a) {
    return run_kept(connection_, s, std::move(a));
}

task<std::int64_t> client::affected_by(task<rows> pending) {
    const rows answer = co_await std::move(pending);
    co_return answer.or_throw().affected();
}

task<void> client::transact(std::function<task<void>(transaction&)> body) {
    for (int attempt = 1;; ++attempt) {
        operation lease;
        co_await in_pool{state_->writes, lease};
        if (lease.lost) throw unavailable();
        connection& kept = *lease.granted;
        kept.begin_next = true;
        std::exception_ptr failure;
        try {
            transaction t(kept);
            co_await body(t);
            co_await commit_on(kept);
        } catch (...) {
            failure = std::current_exception();
        }
        if (failure) co_await rollback_on(kept);
        state_->writes.release(kept);
        if (!failure) co_return;
        if (attempt == most_attempts || !is_transient(failure)) std::rethrow_exception(failure);
        co_await pause(attempt);
    }
}

task<bool> client::ready() { co_return state_->reads.up() && state_->writes.up(); }

task<void> client::close() {
    state_->reads.stop();
    state_->writes.stop();
    while (state_->reads.busy() || state_->writes.busy()) co_await sleep_for(1ms);
    state_->watchdog.cancel();
}

}  // namespace astrotalk::pg
