// A client of Redis for one loop: one connection, over which commands are pipelined.
//
// Contract: an answer comes within `deadline` or not at all, and then at once: while Redis is away, or owes
// an answer that is overdue, nobody waits for it. So it is for what can be done without Redis. The connection
// is made again by itself, with backoff; each going and coming is logged once.
//
// Protocol by hiredis, sockets by Asio, TLS by crypto/tls. Thread safety: none; a client and its calls belong
// to its loop. Lifetime: `close` before the loop stops.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/loop.hpp"
#include "core/secret.hpp"
#include "core/task.hpp"

namespace astrotalk::redis {

// What REDIS_URL says: redis://user:password@host:6379/0, or rediss:// for TLS.
struct address {
    std::string host;
    std::uint16_t port = 6379;
    bool tls = false;
    std::string user;
    secret password;
    int database = 0;

    static std::optional<address> parse(std::string_view url);
};

struct reply {
    enum class kind : std::uint8_t { nil, integer, text, list, error };
    kind is = kind::nil;
    std::int64_t integer = 0;
    std::string text;  // an error's too
    std::vector<reply> list;
};

struct options {
    address at;
    std::string ca_file;  // for TLS; empty: the system's authorities
    std::chrono::milliseconds deadline{50};
    std::chrono::milliseconds patience{1000};  // an answer later than this: the connection is given up
    std::chrono::milliseconds connect_timeout{2000};
    std::chrono::milliseconds longest_backoff{5000};
    std::size_t queue_limit = 1024;  // commands that wait for an answer
};

class client {
  public:
    // Begins to connect when the loop runs. Throws std::runtime_error when `ca_file` is not readable.
    client(loop& on, options how);
    ~client();
    client(const client&) = delete;

    // Nothing: no answer in time, or none to be expected. A refusal by Redis is a reply.
    task<std::optional<reply>> ask(std::vector<std::string> command);
    // Connected, and answers in time.
    bool up() const;
    task<void> close();

  private:
    struct state;
    std::shared_ptr<state> state_;
};

}  // namespace astrotalk::redis
