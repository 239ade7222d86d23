// Answers that are sent piece by piece.
#include <sys/socket.h>

#include "core/log.hpp"
#include "http/body_stream.hpp"
#include "http/session.hpp"
#include "http/wire.hpp"

namespace astrotalk::http {
using boost::system::error_code;

class session::streaming final : public body_stream {
  public:
    explicit streaming(session& on) : on_(on), self_(std::make_shared<streaming*>(this)) {
        on_.streaming_ = this;
        watch();
    }
    ~streaming() override {
        *self_ = nullptr;
        on_.streaming_ = nullptr;
    }

    task<bool> write(std::string piece) override {
        if (ended_ || piece.empty()) co_return !ended_;
        if (!co_await on_.push(on_.version_1_0_ ? std::move(piece) : chunk(piece))) lose();
        co_return !ended_;
    }
    bool open() const override { return !ended_; }

    void end() {
        ended_ = true;
        changed().set();
    }
    // The client is gone, so not even an end can be sent.
    void lose() {
        lost_ = true;
        end();
    }
    bool lost() const { return lost_; }

  private:
    static std::string chunk(const std::string& piece) {
        return fmt::format("{:x}\r\n{}\r\n", piece.size(), piece);
    }

    // Notices a client that closes while there is nothing to send. The wait may outlive the stream.
    void watch() {
        on_.socket_.async_wait(tcp_socket::wait_read, [self = self_](error_code failed) {
            if (*self && !failed) (*self)->look();
        });
    }
    // What can be read stays where it is, for the next request; then nothing is noticed before the next
    // write.
    void look() {
        char next = 0;
        const auto got = ::recv(on_.socket_.native_handle(), &next, 1, MSG_PEEK | MSG_DONTWAIT);
        if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
            lose();
        else if (got < 0)
            watch();
    }

    session& on_;
    std::shared_ptr<streaming*> self_;
    bool ended_ = false, lost_ = false;
};

void session::end_stream() {
    if (streaming_) streaming_->end();
}

task<bool> session::push(std::string bytes) {
    if (tls_) bytes = sealed(bytes);
    enter(phase::writing, hall_->options.write_time);
    const bool sent = co_await send_slowly(std::move(bytes), {});
    enter(phase::answering, std::chrono::milliseconds::max());
    co_return sent;
}

task<void> session::send_stream(const response& r) {
    if (version_1_0_) keep_alive_ = false;  // its end is the body's
    std::string head;
    append_head(head, r, {keep_alive_, version_1_0_, hall_->options.behind_tls, hall_->date});
    streaming body(*this);
    if (hall_->draining) body.end();
    bool whole = co_await push(std::move(head));
    if (!whole) body.lose();
    try {
        if (whole) co_await r.streamed(body);
    } catch (const std::exception& e) {
        log::error("stream.failed", {{"error", log::text(e.what())}});
        whole = false;  // the client must not take what it has for all
    }
    whole = whole && !body.lost();
    if (whole && !version_1_0_) whole = co_await push("0\r\n\r\n");
    if (!whole || hall_->draining) keep_alive_ = false;
}

}  // namespace astrotalk::http
