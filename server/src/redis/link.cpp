#include "redis/link.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/write.hpp>

namespace astrotalk::redis {
namespace asio = boost::asio;
using boost::system::error_code;

namespace {

// Waits for an operation that `start` begins; it may give a value beside its error.
template <class Value, class Start>
struct finished {
    Start start;
    error_code error{};
    Value value{};

    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> caller) {
        start([this, caller](error_code e, Value v) {
            error = e;
            value = std::move(v);
            caller.resume();
        });
    }
    Value await_resume() { return std::move(value); }
};
template <class Value, class Start>
finished<Value, Start> finish_of(Start start) {
    return {std::move(start)};
}

}  // namespace

link::link(asio::io_context& on, const options& how, const crypto::tls_context& trust)
    : how_(how), trust_(trust), resolver_(on), socket_(on) {}

task<std::string> link::open() {
    std::string why = co_await connect();
    if (why.empty() && how_.at.tls) {
        tls_ = std::make_unique<crypto::tls_engine>(trust_, how_.at.host);
        why = co_await shake_hands();
    }
    co_return why;
}

task<std::string> link::connect() {
    using results = asio::ip::tcp::resolver::results_type;
    auto resolving = finish_of<results>([this](auto done) {
        resolver_.async_resolve(how_.at.host, std::to_string(how_.at.port), std::move(done));
    });
    const results found = co_await resolving;
    if (resolving.error || closed_) co_return closed_ ? "no connection in time" : resolving.error.message();
    auto connecting = finish_of<asio::ip::tcp::endpoint>(
        [this, &found](auto done) { asio::async_connect(socket_, found, std::move(done)); });
    co_await connecting;
    if (connecting.error || closed_) co_return closed_ ? "no connection in time" : connecting.error.message();
    error_code ignored;
    socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
    co_return "";
}

task<std::string> link::shake_hands() {
    for (;;) {
        const auto state = tls_->handshake();
        outgoing_ += tls_->take_outgoing();
        flush();
        if (state == crypto::tls_engine::progress::done) co_return "";
        if (state == crypto::tls_engine::progress::failed) co_return "TLS: " + tls_->fault();
        const std::string got = co_await receive_raw();
        if (got.empty()) co_return "the connection ended in the TLS handshake";
        tls_->feed(got);
    }
}

task<std::string> link::receive_raw() {
    std::string got(16 * 1024, '\0');
    auto reading = finish_of<std::size_t>(
        [this, &got](auto done) { socket_.async_read_some(asio::buffer(got), std::move(done)); });
    const std::size_t size = co_await reading;
    if (reading.error && !closed_) fault_ = reading.error.message();
    got.resize(reading.error ? 0 : size);
    co_return got;
}

task<std::string> link::receive() {
    if (!tls_) co_return co_await receive_raw();
    std::string plain(16 * 1024, '\0');
    for (;;) {
        plain.resize(tls_->read(plain.data(), plain.size()));
        outgoing_ += tls_->take_outgoing();
        flush();
        if (!plain.empty()) co_return plain;
        if (tls_->ended()) {
            fault_ = tls_->fault();
            co_return "";
        }
        plain.resize(16 * 1024);
        const std::string got = co_await receive_raw();
        if (got.empty()) co_return "";
        tls_->feed(got);
    }
}

void link::send(std::string_view bytes) {
    if (tls_) {
        tls_->write(bytes);
        outgoing_ += tls_->take_outgoing();
    } else {
        outgoing_ += bytes;
    }
    flush();
}

void link::flush() {
    if (closed_ || !sending_.empty() || outgoing_.empty()) return;
    sending_.swap(outgoing_);
    asio::async_write(socket_, asio::buffer(sending_),
                      [self = shared_from_this()](error_code failed, std::size_t) {
                          self->sending_.clear();
                          if (failed)
                              self->close();
                          else
                              self->flush();
                      });
}

void link::close() {
    closed_ = true;
    resolver_.cancel();
    error_code ignored;
    socket_.close(ignored);
}

}  // namespace astrotalk::redis
