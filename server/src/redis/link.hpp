// One connection to Redis: bytes in, bytes out, with or without TLS. Inside redis only.
#pragma once

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <string>
#include <string_view>

#include "core/task.hpp"
#include "crypto/tls.hpp"
#include "redis/redis.hpp"

namespace astrotalk::redis {

class link : public std::enable_shared_from_this<link> {
  public:
    link(boost::asio::io_context& on, const options& how, const crypto::tls_context& trust);

    // Resolves, connects, shakes hands. Empty, or why that failed.
    task<std::string> open();
    // What has come, at least a byte; nothing when the connection has ended.
    task<std::string> receive();
    // Takes it all; sends it as soon as what is being sent is gone.
    void send(std::string_view bytes);
    // Whatever waits resumes with nothing.
    void close();
    const std::string& fault() const { return fault_; }

  private:
    task<std::string> connect();
    task<std::string> shake_hands();
    task<std::string> receive_raw();
    void flush();

    const options& how_;
    const crypto::tls_context& trust_;
    boost::asio::ip::tcp::resolver resolver_;
    boost::asio::basic_stream_socket<boost::asio::ip::tcp, boost::asio::io_context::executor_type> socket_;
    std::unique_ptr<crypto::tls_engine> tls_;
    std::string outgoing_, sending_, fault_;
    bool closed_ = false;
};

}  // namespace astrotalk::redis
