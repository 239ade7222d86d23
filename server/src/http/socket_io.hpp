// Waiting for a socket in a coroutine. Internal to the server.
#pragma once

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <coroutine>
#include <string_view>

#include "crypto/tls.hpp"

namespace astrotalk::http {

// The concrete executor spares every operation the type erasure of any_io_executor.
using tcp_socket =
    boost::asio::basic_stream_socket<boost::asio::ip::tcp, boost::asio::io_context::executor_type>;

// Both give the number of bytes moved; none means that the connection is gone or the operation was cancelled.
struct read_some {
    tcp_socket& socket;
    boost::asio::mutable_buffer into;
    crypto::tls_engine* tls = nullptr;  // what is read is what it makes of it
    boost::system::error_code error{};
    std::size_t size = 0;

    bool await_ready() { return tls != nullptr && decrypt(); }
    void await_suspend(std::coroutine_handle<> caller) {
        if (tls != nullptr) return wait_for_record(caller);
        socket.async_read_some(into, [this, caller](boost::system::error_code e, std::size_t n) {
            error = e;
            size = n;
            caller.resume();
        });
    }
    std::size_t await_resume() const noexcept { return error ? 0 : size; }

  private:
    bool decrypt() {
        size = tls->read(static_cast<char*>(into.data()), into.size());
        // What TLS itself owes the peer, as an alert. Who asks for it without reading it is cut off.
        const std::string owed = tls->take_outgoing();
        if (!owed.empty() && socket.write_some(boost::asio::buffer(owed), error) != owed.size() && !error)
            error = boost::asio::error::no_buffer_space;
        return size != 0 || tls->ended() || error;
    }
    // An idle connection keeps no buffer for what may come.
    void wait_for_record(std::coroutine_handle<> caller) {
        socket.async_wait(tcp_socket::wait_read, [this, caller](boost::system::error_code e) {
            thread_local std::array<char, 16 * 1024> received;
            error = e;
            const std::size_t got = e ? 0 : socket.read_some(boost::asio::buffer(received), error);
            if (error == boost::asio::error::would_block) error = {};
            tls->feed({received.data(), got});
            if (error || decrypt())
                caller.resume();
            else
                wait_for_record(caller);
        });
    }
};

struct write_some {
    tcp_socket& socket;
    std::string_view from;
    boost::system::error_code error{};
    std::size_t size = 0;

    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> caller) {
        socket.async_write_some(boost::asio::buffer(from.data(), from.size()),
                                [this, caller](boost::system::error_code e, std::size_t n) {
                                    error = e;
                                    size = n;
                                    caller.resume();
                                });
    }
    std::size_t await_resume() const noexcept { return error ? 0 : size; }
};

}  // namespace astrotalk::http
