// One connection in pipeline mode. Inside pg only.
//
// Statements are sent in order and answered in order. On a pipelined connection those that came within one
// turn of the loop travel as one batch under one Sync; when one of a batch fails, PostgreSQL skips the rest
// of it, and they are sent again, each alone: they only read. On an exclusive connection every statement has
// a Sync of its own.
#pragma once

#include <coroutine>
#include <deque>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "pg/connect.hpp"

namespace astrotalk::pg {

using steady = std::chrono::steady_clock;

// A statement as one client knows it.
struct known_statement {
    const char* name;
    const char* sql;
    std::size_t index;              // of its flag in each connection
    const void* checked = nullptr;  // the row type that fits its columns
};

class statements {
  public:
    known_statement& find(const statement& s);

  private:
    std::unordered_map<std::string_view, known_statement> known_;
};

// A call under way; it lives in the frame that awaits it. Without a statement it asks for a connection to
// keep.
struct operation {
    known_statement* what = nullptr;
    const arguments* with = nullptr;
    std::coroutine_handle<> waiting{};
    PGresult* answer = nullptr;  // owned by who takes it
    bool lost = false;           // never answered: the database is away
    int skipped = 0;             // how often; after the first time it travels alone
    std::shared_ptr<connection> granted{};
    steady::time_point queued{};
};

class pool;

class connection : public std::enable_shared_from_this<connection> {
  public:
    connection(boost::asio::io_context& on, const connection_settings& with, pool& owner, bool exclusive);
    ~connection();

    // closed → opening, after `delay`.
    void open(std::chrono::milliseconds delay);
    // The owner is going: forget everything, call nobody.
    void shut();
    // Treats the connection as lost; who waits on it resumes soon, not now.
    void abandon();

    bool up() const { return up_ && !going_; }
    bool opening() const { return opening_; }
    std::size_t load() const { return flight_.size() + batch_.size(); }
    bool stuck(steady::time_point now, steady::duration patience) const;

    // Only while up. `enqueue` sends at the end of this turn of the loop, `send` now.
    void enqueue(operation& o);
    void send(operation& o);

    // Kept by a transaction. `begin` goes out with the first statement, under the same Sync: were it to fail,
    // nothing runs.
    bool leased = false;
    bool begin_next = false;
    pool& owner() { return owner_; }

  private:
    enum class kind : std::uint8_t { prepare, query, control, sync };
    struct entry {
        kind what;
        bool answered;
        operation* op;
    };

    void connected(PGconn* made);
    void disconnect();
    void wait_readable();
    void wait_writable();
    void readable();
    void flush_batch();
    bool put_clock();
    bool put_control(const char* sql, const char* value);
    bool put(operation& o);
    bool put_sync();
    void flush();
    void drain(std::vector<operation*>& done);
    void take(entry& front, PGresult* result, std::vector<operation*>& done);
    void lose(std::vector<operation*>& done);
    void resume(std::vector<operation*>& done);

    boost::asio::io_context& context_;
    const connection_settings& settings_;
    pool& owner_;
    const bool exclusive_;
    bool up_ = false, opening_ = false, shut_ = false;
    bool going_ = false;  // abandoned, and lost soon
    bool flush_scheduled_ = false, writing_ = false, doomed_ = false;
    PGconn* connection_ = nullptr;
    stream socket_;
    boost::asio::steady_timer delay_;
    std::shared_ptr<connection_attempt> attempt_;
    std::deque<entry> flight_;
    std::vector<operation*> batch_, sending_, done_;
    operation* uncommitted_ = nullptr;  // a write that has its rows and waits for its Sync
    std::vector<bool> prepared_;
    std::chrono::microseconds clock_offset_{0};
    steady::time_point progress_{};
};

}  // namespace astrotalk::pg
