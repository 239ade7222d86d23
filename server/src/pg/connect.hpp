// Opens connections without blocking: names are resolved by Asio, because libpq would block the loop for it.
// Inside pg only.
#pragma once

#include <libpq-fe.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "pg/pg.hpp"

namespace astrotalk::pg {

using stream = boost::asio::posix::basic_stream_descriptor<boost::asio::io_context::executor_type>;

// Lets `waiter` wait for `of`'s socket, by a duplicate: libpq closes its own when it likes, and another
// thread may be given the number before we have ceased to wait for it. False when no descriptor is left.
bool watch(stream& waiter, const PGconn* of);

// What libpq is told, from the options of a client. Throws std::invalid_argument when the URL is not one.
struct connection_settings {
    explicit connection_settings(const options& how);

    std::vector<std::pair<std::string, std::string>> keywords;  // without host, hostaddr and port
    std::vector<std::string> hosts, ports;  // as many of each; a host may be a socket's folder
    std::string hostaddr;                   // given: nothing is resolved
    std::chrono::milliseconds timeout;
};

// One attempt. `done` is called once, on the loop, with a connection in pipeline mode or with null and the
// reason; never from within `start`, and not after `cancel`.
class connection_attempt : public std::enable_shared_from_this<connection_attempt> {
  public:
    using handler = std::function<void(PGconn*, std::string)>;

    connection_attempt(boost::asio::io_context& on, const connection_settings& with, handler done);
    ~connection_attempt();
    void start();
    void cancel();

  private:
    void resolve_next();
    void begin();
    void poll();
    void wait_for(boost::asio::posix::descriptor_base::wait_type what);
    void fail(std::string reason);
    void finish(bool made, std::string reason);
    void stop_waiting();

    const connection_settings& settings_;
    handler done_;
    boost::asio::ip::tcp::resolver resolver_;
    boost::asio::steady_timer deadline_;
    stream socket_;
    bool finished_ = false;
    PGconn* connection_ = nullptr;
    std::size_t resolved_ = 0;
    std::vector<std::string> hosts_, addresses_, ports_;  // one of each per address
};

}  // namespace astrotalk::pg
