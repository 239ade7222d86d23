// What a *_pgtest stands on: a real PostgreSQL with a fresh, migrated database for each test.
//
// The cluster is ASTROTALK_TEST_DATABASE_URL when that is set (a superuser of any PostgreSQL 15 or newer),
// else a private one in a temporary folder, started at first use and gone with the process, however that
// ends. The schema is migrated once, into a template; a `database` is a copy of it (about 40 ms) and is
// dropped with the object. Thread safety: make databases on one thread. Blocking.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/loop.hpp"
#include "pg/pg.hpp"

namespace astrotalk::pg::testing {

class database {
  public:
    database();
    ~database();
    database(const database&) = delete;
    database& operator=(const database&) = delete;

    // Without the schema: for tests of migrations.
    static database empty();

    const std::string& url() const { return url_; }
    // Runs any SQL at once, several statements too, in a session that knows nothing of earlier ones; gives
    // the last one's first value as text ("" for none or null). Throws std::runtime_error with PostgreSQL's
    // own message. Any thread; several at once.
    std::string execute(const std::string& sql) const;
    // Whether a statement in this database waits for a lock.
    bool has_waiter() const;

  private:
    explicit database(const std::string& source);
    std::string name_, url_;
    struct sessions;
    std::unique_ptr<sessions> idle_;
};

// Prepares every statement against the database and gives "name: message" for each that PostgreSQL refuses.
std::vector<std::string> prepare_all(const database& on, std::span<const statement> statements);

// Runs `body(client)`, a coroutine, to its end on a loop of its own with a client of its own, and gives back
// its value. `body` may be a lambda with captures: it outlives the coroutine.
//
//     testing::run(db, [&](pg::client& client) -> task<void> { EXPECT_TRUE(co_await client.ready()); });
template <class F>
auto run(const std::string& url, F body, options how = {}) {
    using T = decltype(std::declval<std::invoke_result_t<F, client&>>().operator co_await().await_resume());
    loop on;
    how.url = url;
    client connected(on, std::move(how));
    // Closed also when the body throws, so that nothing is left on the loop.
    auto closing = [](client& c, F& run) -> task<T> {
        std::exception_ptr failure;
        if constexpr (std::is_void_v<T>) {
            try {
                co_await run(c);
            } catch (...) {
                failure = std::current_exception();
            }
            co_await c.close();
            if (failure) std::rethrow_exception(failure);
        } else {
            std::optional<T> value;
            try {
                value.emplace(co_await run(c));
            } catch (...) {
                failure = std::current_exception();
            }
            co_await c.close();
            if (failure) std::rethrow_exception(failure);
            co_return std::move(*value);
        }
    };
    return on.run_until(closing(connected, body));
}
template <class F>
auto run(const database& db, F body, options how = {}) {
    return run(db.url(), std::move(body), std::move(how));
}

}  // namespace astrotalk::pg::testing
