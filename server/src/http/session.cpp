#include "http/session.hpp"

#include <boost/beast/http/basic_parser.hpp>

#include "core/log.hpp"
#include "http/socket_io.hpp"
#include "http/wire.hpp"

namespace astrotalk::http {
namespace asio = boost::asio;
namespace beast = boost::beast;
using boost::system::error_code;

namespace {

constexpr std::size_t most_headers = 100;

std::string_view view(beast::string_view text) { return {text.data(), text.size()}; }

verb verb_of(std::string_view name) {
    for (auto v : {verb::get, verb::post, verb::put, verb::delete_, verb::head, verb::patch, verb::options})
        if (name_of(v) == name) return v;
    return verb::unknown;
}

}  // namespace

// Collects views of the header, and the pieces of a chunked body.
class session::parser : public beast::http::basic_parser<true> {
  public:
    explicit parser(session& owner) : owner_(owner) {}

  private:
    void on_request_impl(beast::http::verb, beast::string_view method, beast::string_view target, int version,
                         error_code&) override {
        owner_.request_.method = verb_of(view(method));
        owner_.request_.target = view(target);
        owner_.version_1_0_ = version == 10;
    }
    void on_response_impl(int, beast::string_view, int, error_code&) override {}
    void on_field_impl(beast::http::field, beast::string_view name, beast::string_view value,
                       error_code& error) override {
        if (is_header_done()) return;  // trailers of a chunked body mean nothing to anyone here
        const char* const start = owner_.buffer_.get();
        // A folded line is unfolded elsewhere by the parser; nothing honest sends one since RFC 7230.
        if (!value.empty() && (value.data() < start || value.data() >= start + owner_.end_))
            error = beast::http::error::bad_obs_fold;
        else if (owner_.request_.headers.size() >= most_headers)
            error = beast::http::error::header_limit;
        char* const own = owner_.buffer_.get() + (name.data() - start);
        for (std::size_t i = 0; i < name.size(); ++i)
            if (own[i] >= 'A' && own[i] <= 'Z') own[i] = static_cast<char>(own[i] + 32);
        owner_.request_.headers.emplace_back(view(name), view(value));
    }
    void on_header_impl(error_code&) override {}
    void on_body_init_impl(boost::optional<std::uint64_t> const&, error_code&) override {}
    std::size_t on_body_impl(beast::string_view body, error_code&) override { return body.size(); }
    void on_chunk_header_impl(std::uint64_t, beast::string_view, error_code&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view body, error_code&) override {
        owner_.body_.append(body.data(), body.size());
        return body.size();
    }
    void on_finish_impl(error_code&) override {}

    session& owner_;
};

session::session(std::shared_ptr<hall> in, tcp_socket socket)
    : hall_(std::move(in)), socket_(std::move(socket)), slot_(hall_->sessions.size()) {
    hall_->sessions.push_back(this);
    if (hall_->options.certificate) tls_.emplace(hall_->options.certificate->current());
    error_code ignored;
    socket_.non_blocking(true, ignored);
    socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
    const auto remote = socket_.remote_endpoint(ignored).address();
    peer_ = remote.is_v6() && remote.to_v6().is_v4_mapped()
                ? asio::ip::make_address_v4(asio::ip::v4_mapped, remote.to_v6()).to_string()
                : remote.to_string();
}

session::~session() {
    hall_->large_bodies -= large_;
    hall_->sessions.back()->slot_ = slot_;
    hall_->sessions[slot_] = hall_->sessions.back();
    hall_->sessions.pop_back();
    hall_->count.fetch_sub(1, std::memory_order_relaxed);
}

task<void> session::serve(std::unique_ptr<session> self) {
    try {
        co_await self->run();
    } catch (const std::exception& e) {
        log::error("connection.failed", {{"error", log::text(e.what())}});
    }
}

task<void> session::run() {
    if (tls_ && !co_await shake_hands()) co_return;
    enter(phase::idle, hall_->options.header_time);
    while (keep_alive_) co_await run_one();
    if (tls_) {
        tls_->close();
        error_code ignored;
        socket_.write_some(asio::buffer(tls_->take_outgoing()), ignored);
    }
    if (unread_) co_await linger();
}

// What is received here goes through the buffer, which nobody needs yet.
task<bool> session::shake_hands() {
    enter(phase::greeting, hall_->options.handshake_time);
    if (capacity_ < first_buffer) grow(first_buffer);
    for (;;) {
        const auto state = tls_->handshake();
        if (!co_await send_slowly(tls_->take_outgoing(), {})) co_return false;
        if (state != crypto::tls_engine::progress::wants_more)
            co_return state == crypto::tls_engine::progress::done && !hall_->draining;
        const std::size_t got = co_await read_some{socket_, asio::buffer(buffer_.get(), capacity_)};
        if (got == 0) co_return false;
        tls_->feed({buffer_.get(), got});
    }
}

// One request and its answer. Clears `keep_alive_` when the connection should end.
task<void> session::run_one() {
    parser p(*this);
    outcome read = co_await read_request(p);
    if (read == outcome::complete) read = co_await answer_request();
    if (read == outcome::gone) keep_alive_ = false;
    if (read == outcome::refused) {
        keep_alive_ = false;
        unread_ = true;
        if (hall_->options.restate) hall_->options.restate(path_of(request_.target), refusal_);
        co_await send(refusal_, request_.method != verb::head);
    }
    if (!keep_alive_) co_return;
    hall_->large_bodies -= std::exchange(large_, 0);
    if (begin_ == end_) {
        begin_ = end_ = 0;
        if (capacity_ > first_buffer) {
            buffer_.reset();
            capacity_ = 0;
        }
    }
    if (body_.capacity() > joined_body) body_ = {};
    if (hall_->draining && begin_ == end_)
        keep_alive_ = false;
    else
        enter(begin_ == end_ ? phase::idle : phase::reading,
              begin_ == end_ ? hall_->options.idle_time : hall_->options.header_time);
}

task<session::outcome> session::read_request(parser& p) {
    request_.method = verb::unknown;
    request_.target = {};
    request_.headers.clear();
    body_.clear();
    outcome read = co_await read_header();
    if (read == outcome::complete) read = parse_header(p);
    if (read == outcome::complete) read = co_await admit_body(p);
    if (read == outcome::complete) read = co_await read_body(p);
    if (read == outcome::gone && expired_ && phase_ == phase::reading)
        co_return refuse(408, "request_timeout", "The request took too long to arrive.");
    co_return read;
}

// Waits until the buffer holds a whole header: `header_size_` bytes from `begin_`.
task<session::outcome> session::read_header() {
    std::size_t searched = 0;
    for (;;) {
        // Some clients send an empty line after a body (RFC 9112 §2.2).
        while (searched == 0 && end_ - begin_ >= 2 && buffer_[begin_] == '\r' && buffer_[begin_ + 1] == '\n')
            begin_ += 2;
        const std::string_view received(buffer_.get() + begin_, end_ - begin_);
        const auto found = received.find("\r\n\r\n", searched);
        header_size_ = found == std::string_view::npos ? received.size() : found + 4;
        if (header_size_ > hall_->options.header_limit)
            co_return refuse(431, "header_too_large", "The request header is too large.");
        if (found != std::string_view::npos) co_return outcome::complete;
        searched = received.size() < 3 ? 0 : received.size() - 3;
        if (!co_await fill()) co_return outcome::gone;
        if (phase_ == phase::idle) enter(phase::reading, hall_->options.header_time);
    }
}

session::outcome session::parse_header(parser& p) {
    p.header_limit(static_cast<std::uint32_t>(hall_->options.header_limit + 1));
    p.body_limit(boost::none);  // admit_body knows
    error_code failed;
    p.put(asio::const_buffer(buffer_.get() + begin_, header_size_), failed);
    if (failed == beast::http::error::need_more) failed = {};
    if (failed == beast::http::error::header_limit)
        return refuse(431, "header_too_large", "The request header is too large.");
    if (failed || !p.is_header_done())
        return refuse(400, "malformed_request", "The request is not valid HTTP.");
    begin_ += header_size_;
    keep_alive_ = p.keep_alive();

    const auto hosts = std::count_if(request_.headers.begin(), request_.headers.end(),
                                     [](const auto& h) { return h.first == "host"; });
    if (hosts > 1 || (hosts == 0 && !version_1_0_))
        return refuse(400, "malformed_request", "The request needs one Host header.");
    if (!p.chunked() && !request_.header("transfer-encoding").empty())
        return refuse(501, "not_implemented", "The only transfer coding understood is chunked.");
    const auto path = path_of(request_.target);
    if (!path.starts_with('/') && path != "*")
        return refuse(400, "malformed_request", "The request target must be a path.");
    request_.path = path;
    const auto mark = request_.target.find('?');
    request_.query = mark == std::string_view::npos ? std::string_view{} : request_.target.substr(mark + 1);
    request_.peer = client_address(peer_, forwarded_for(request_), hall_->options.proxies);
    return outcome::complete;
}

// Who may send a body above the ordinary limit is asked before it is read.
task<session::outcome> session::admit_body(parser& p) {
    const auto& how = hall_->options;
    const auto length = p.content_length();
    std::size_t limit = how.body_limit;
    if (how.admit_large_body && (p.chunked() || (length && *length > limit))) {
        enter(phase::answering, std::chrono::milliseconds::max());
        auto said = co_await how.admit_large_body(request_, hall_->index);
        if (said.refusal) {
            refusal_ = std::move(*said.refusal);
            co_return outcome::refused;
        }
        limit = std::max(limit, said.limit);
        enter(phase::reading, how.header_time);
    }
    if (length && *length > limit) co_return refuse(413, "body_too_large", "The request body is too large.");
    const std::size_t most = p.chunked() ? limit : length ? static_cast<std::size_t>(*length) : 0;
    if (most > how.body_limit) {
        if (most > how.large_bodies - std::min(how.large_bodies, hall_->large_bodies))
            co_return refuse(503, "unavailable", "Too many large bodies are on their way: try again.");
        hall_->large_bodies += most;
        large_ = most;
    }
    p.body_limit(limit);
    co_return outcome::complete;
}

task<session::outcome> session::read_body(parser& p) {
    const auto length = p.content_length();
    const std::size_t size = length ? static_cast<std::size_t>(*length) : 0;
    request_.body = {};
    if (!p.chunked() && end_ - begin_ >= size) {
        request_.body = {buffer_.get() + begin_, size};
        begin_ += size;
        co_return outcome::complete;
    }
    enter(phase::reading, hall_->options.body_time + time_for(large_));
    const auto expected = request_.header("expect");
    if (!expected.empty() && !version_1_0_) {
        if (!beast::iequals({expected.data(), expected.size()}, "100-continue"))
            co_return refuse(417, "expectation_failed", "The only expectation understood is 100-continue.");
        if (begin_ == end_ && !co_await send_slowly(sealed("HTTP/1.1 100 Continue\r\n\r\n"), {}))
            co_return outcome::gone;
    }
    const outcome read = p.chunked() ? co_await read_chunked_body(p) : co_await read_sized_body(size);
    request_.body = body_;
    co_return read;
}

// Grows as data arrives: an announced length reserves nothing.
task<session::outcome> session::read_sized_body(std::size_t size) {
    body_.assign(buffer_.get() + begin_, end_ - begin_);
    begin_ = end_;
    while (body_.size() < size) {
        const std::size_t had = body_.size();
        body_.resize(std::min(size, std::max(had * 2, joined_body)));
        const std::size_t got = co_await receive(body_.data() + had, body_.size() - had);
        body_.resize(had + got);
        if (got == 0) co_return outcome::gone;
    }
    co_return outcome::complete;
}

// The header lies before `begin_` and stays where it is; chunks pass through a buffer of their own.
task<session::outcome> session::read_chunked_body(parser& p) {
    p.eager(true);
    std::string pending(buffer_.get() + begin_, end_ - begin_);
    begin_ = end_;
    for (;;) {
        error_code failed;
        std::size_t used = 0;
        while (!failed && !p.is_done() && used < pending.size())
            used += p.put(asio::const_buffer(pending.data() + used, pending.size() - used), failed);
        pending.erase(0, used);
        if (failed == beast::http::error::body_limit)
            co_return refuse(413, "body_too_large", "The request body is too large.");
        if ((failed && failed != beast::http::error::need_more) ||
            pending.size() > hall_->options.header_limit)
            co_return refuse(400, "malformed_request", "The chunked body is not valid.");
        if (p.is_done()) break;
        const std::size_t had = pending.size();
        pending.resize(had + joined_body);
        const std::size_t got = co_await receive(pending.data() + had, joined_body);
        pending.resize(had + got);
        if (got == 0) co_return outcome::gone;
    }
    if (!pending.empty()) {  // the next request of a pipeline: beyond the header, which must not move
        if (free_space() < pending.size()) {
            keep_alive_ = false;
            co_return outcome::complete;
        }
        std::memcpy(buffer_.get() + end_, pending.data(), pending.size());
        end_ += pending.size();
    }
    co_return outcome::complete;
}

task<session::outcome> session::answer_request() {
    enter(phase::answering, std::chrono::milliseconds::max());
    response answer;
    try {
        answer = co_await hall_->answer(request_, hall_->index);
    } catch (const std::exception& e) {
        log::error("request.failed", {{"error", log::text(e.what())}});
        answer = problem(500, "internal", "Something went wrong on our side.");
    } catch (...) {
        answer = problem(500, "internal", "Something went wrong on our side.");
    }
    if (hall_->draining) keep_alive_ = false;
    if (answer.streamed && request_.method != verb::head)
        co_await send_stream(answer);
    else
        co_await send(answer, request_.method != verb::head);
    co_return outcome::complete;
}

// Receives more into the buffer. False when the connection is gone or was told to end.
task<bool> session::fill() {
    if (begin_ == end_) begin_ = end_ = 0;
    if (free_space() == 0) grow(capacity_ + 1);
    const std::size_t got = co_await receive(buffer_.get() + end_, free_space());
    end_ += got;
    co_return got != 0;
}

// Compacts too. Only before a header is parsed: nothing may refer to the buffer.
void session::grow(std::size_t at_least) {
    const std::size_t size = end_ - begin_;
    if (begin_ > 0 && size + 1 <= capacity_ - begin_ / 2) {
        std::memmove(buffer_.get(), buffer_.get() + begin_, size);
    } else {
        capacity_ = std::max({first_buffer, capacity_ * 2, at_least});
        auto larger = std::make_unique_for_overwrite<char[]>(capacity_);
        if (size > 0) std::memcpy(larger.get(), buffer_.get() + begin_, size);
        buffer_ = std::move(larger);
    }
    begin_ = 0;
    end_ = size;
}

read_some session::receive(char* into, std::size_t size) {
    return {socket_, asio::buffer(into, size), tls_ ? &*tls_ : nullptr};
}

session::outcome session::refuse(int status, std::string_view code, std::string title) {
    refusal_ = problem(status, code, std::move(title));
    return outcome::refused;
}

void session::enter(phase next, std::chrono::milliseconds allowed) {
    phase_ = next;
    deadline_ = next == phase::answering ? steady::time_point::max() : steady::now() + allowed;
}

}  // namespace astrotalk::http
