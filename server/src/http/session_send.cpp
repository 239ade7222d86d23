// How a connection's answers leave, and how it ends.
#include "http/session.hpp"
#include "http/socket_io.hpp"
#include "http/wire.hpp"

namespace astrotalk::http {
namespace asio = boost::asio;
using boost::system::error_code;

task<void> session::send(const response& r, bool with_body) {
    auto& out = hall_->scratch;
    out.clear();
    append_head(out, r, {keep_alive_, version_1_0_, hall_->options.behind_tls, hall_->date});
    std::string_view body = with_body && r.status != 204 && r.status != 304 ? std::string_view(r.body) : "";
    if (tls_ || body.size() <= joined_body) {
        out += body;
        body = {};
    }
    if (tls_) out = sealed(out);
    error_code failed;
    const std::array<asio::const_buffer, 2> both{asio::buffer(out), asio::buffer(body.data(), body.size())};
    std::size_t sent = socket_.write_some(both, failed);
    if (failed == asio::error::would_block) failed = {};
    if (!failed && sent == out.size() + body.size()) co_return;
    const std::size_t of_head = std::min(sent, out.size());
    enter(phase::writing, hall_->options.write_time +
                              time_for(r.body.size() > hall_->options.body_limit ? r.body.size() : 0));
    if (failed || !co_await send_slowly(out.substr(of_head), body.substr(sent - of_head)))
        keep_alive_ = false;
}

task<bool> session::send_slowly(std::string head, std::string_view body) {
    for (std::string_view rest : {std::string_view(head), body})
        while (!rest.empty()) {
            const std::size_t sent = co_await write_some{socket_, rest};
            if (sent == 0) co_return false;
            rest.remove_prefix(sent);
        }
    co_return true;
}

// As the connection carries it.
std::string session::sealed(std::string_view plain) {
    if (!tls_) return std::string(plain);
    tls_->write(plain);
    return tls_->take_outgoing();
}

// Closing with unread bytes would reset the connection and could destroy the answer before it is read.
task<void> session::linger() {
    error_code ignored;
    socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
    enter(phase::closing, std::chrono::seconds(2));
    if (capacity_ < first_buffer) grow(first_buffer);
    const std::size_t most = hall_->options.body_limit +
                             (hall_->options.admit_large_body ? hall_->options.large_bodies : 1u << 20);
    for (std::size_t discarded = 0; discarded < most;) {
        const std::size_t got = co_await read_some{socket_, asio::buffer(buffer_.get(), capacity_)};
        if (got == 0) break;
        discarded += got;
    }
}

// What a body takes at the slowest rate that is put up with.
std::chrono::milliseconds session::time_for(std::size_t size) const {
    return std::chrono::milliseconds(size * 1000 / hall_->options.least_rate);
}

}  // namespace astrotalk::http
