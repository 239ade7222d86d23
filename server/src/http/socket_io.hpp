// Waiting for a socket in a coroutine. Internal to the server.
#pragma once

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <coroutine>
#include <string_view>

namespace astrotalk::http {

// The concrete executor spares every operation the type erasure of any_io_executor.
using tcp_socket =
    boost::asio::basic_stream_socket<boost::asio::ip::tcp, boost::asio::io_context::executor_type>;

// Both give the number of bytes moved; none means that the connection is gone or the operation was cancelled.
struct read_some {
    tcp_socket& socket;
    boost::asio::mutable_buffer into;
    boost::system::error_code error{};
    std::size_t size = 0;

    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> caller) {
        socket.async_read_some(into, [this, caller](boost::system::error_code e, std::size_t n) {
            error = e;
            size = n;
            caller.resume();
        });
    }
    std::size_t await_resume() const noexcept { return error ? 0 : size; }
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
