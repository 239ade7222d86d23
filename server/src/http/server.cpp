#include "http/server.hpp"

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <system_error>

#include "core/log.hpp"
#include "core/verify.hpp"
#include "http/session.hpp"
#include "http/wire.hpp"

namespace astrotalk::http {
namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

using tcp_acceptor = asio::basic_socket_acceptor<tcp, asio::io_context::executor_type>;

// Completes with a connection on the chosen loop's context.
struct accept_one {
    tcp_acceptor& acceptor;
    asio::io_context& onto;
    error_code error{};
    std::optional<tcp_socket> socket{};

    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> caller) {
        acceptor.async_accept(onto.get_executor(), [this, caller](error_code e, tcp_socket accepted) {
            error = e;
            socket.emplace(std::move(accepted));
            caller.resume();
        });
    }
    error_code await_resume() const noexcept { return error; }
};

std::chrono::milliseconds sweep_period(const server_options& o) {
    const auto shortest = std::min({o.header_time, o.body_time, o.idle_time, o.write_time, o.handshake_time});
    return std::clamp(shortest / 4, std::chrono::milliseconds(20), std::chrono::milliseconds(1000));
}

std::string date_now() {
    return http_date(std::chrono::system_clock::to_time_t(
        std::chrono::time_point_cast<std::chrono::system_clock::duration>(clock::now())));
}

}  // namespace

struct server::state : std::enable_shared_from_this<server::state> {
    server_options options;
    answerer answer;
    std::vector<std::shared_ptr<hall>> halls;
    tcp_acceptor acceptor;
    std::atomic<std::size_t> running{0};  // accepting and sweeping coroutines

    state(server_options how, const std::vector<loop*>& on, answerer a)
        : options(std::move(how)), answer(std::move(a)), acceptor(on.front()->context().get_executor()) {
        for (std::size_t i = 0; i < on.size(); ++i) {
            halls.push_back(std::make_shared<hall>(*on[i], i, options, answer));
            halls.back()->date = date_now();
        }
    }

    void listen() {
        const auto check = [this](error_code e) {
            if (e)
                throw std::system_error(
                    e.value(), std::system_category(),
                    fmt::format("cannot listen on {} port {}", options.host, options.port));
        };
        error_code failed;
        const auto address = asio::ip::make_address(options.host, failed);
        check(failed);
        acceptor.open(address.is_v6() ? tcp::v6() : tcp::v4(), failed);
        check(failed);
        acceptor.set_option(asio::socket_base::reuse_address(true), failed);
        acceptor.bind({address, options.port}, failed);
        check(failed);
        acceptor.listen(4096, failed);
        check(failed);
    }

    std::size_t connections() const {
        std::size_t all = 0;
        for (const auto& each : halls) all += each->count.load(std::memory_order_relaxed);
        return all;
    }

    hall& least_loaded() const {
        return **std::min_element(halls.begin(), halls.end(), [](const auto& a, const auto& b) {
            return a->count.load(std::memory_order_relaxed) < b->count.load(std::memory_order_relaxed);
        });
    }

    void place(hall& into, tcp_socket socket);
    void turn_away(tcp_socket socket) const;
    static task<void> accept(std::shared_ptr<state> self);
    static task<void> sweep(std::shared_ptr<state> self, std::shared_ptr<hall> of);
    task<bool> wait_until_empty(std::chrono::milliseconds allowed) const;
};

void server::state::place(hall& into, tcp_socket socket) {
    into.count.fetch_add(1, std::memory_order_relaxed);
    asio::post(into.on.context(), [shared = halls[into.index], socket = std::move(socket)]() mutable {
        auto one = std::make_unique<session>(shared, std::move(socket));
        if (!shared->draining) spawn(session::serve(std::move(one)));
    });
}

// One attempt to say why; whoever floods the server does not get a coroutine, nor a handshake.
void server::state::turn_away(tcp_socket socket) const {
    if (options.certificate) return;
    response busy = problem(503, "unavailable", "The server has too many connections.");
    busy.headers.emplace_back("retry-after", "1");
    std::string out;
    append_head(out, busy, {false, false, options.behind_tls, halls.front()->date});
    out += busy.body;
    error_code ignored;
    socket.non_blocking(true, ignored);
    socket.write_some(asio::buffer(out), ignored);
    socket.shutdown(tcp::socket::shutdown_send, ignored);
}

task<void> server::state::accept(std::shared_ptr<state> self) {
    for (;;) {
        hall& into = self->least_loaded();
        accept_one next{self->acceptor, into.on.context()};
        const error_code failed = co_await next;
        if (!self->acceptor.is_open() || failed == asio::error::operation_aborted) break;
        if (failed) {
            // Out of descriptors, mostly: connections wait in the backlog until some are free.
            log::warning("accept.failed", {{"error", log::text(failed.message())}});
            co_await sleep_for(std::chrono::milliseconds(50));
        } else if (self->connections() >= self->options.connection_limit) {
            self->turn_away(std::move(*next.socket));
        } else {
            self->place(into, std::move(*next.socket));
        }
    }
    self->running.fetch_sub(1);
}

task<void> server::state::sweep(std::shared_ptr<state> self, std::shared_ptr<hall> of) {
    const auto period = sweep_period(self->options);
    while (!co_await of->finished.wait_for(period)) {
        of->sweep();
        of->date = date_now();
    }
    self->running.fetch_sub(1);
}

task<bool> server::state::wait_until_empty(std::chrono::milliseconds allowed) const {
    const auto deadline = steady::now() + allowed;
    while (connections() > 0) {
        if (steady::now() >= deadline) co_return false;
        co_await sleep_for(std::chrono::milliseconds(5));
    }
    co_return true;
}

server::server(server_options how, std::vector<loop*> on, answerer answer) {
    verify(!on.empty());
    state_ = std::make_shared<state>(std::move(how), on, std::move(answer));
    state_->listen();
}

server::~server() = default;

void server::start() {
    state_->running = 1 + state_->halls.size();
    state_->halls.front()->on.post([s = state_] { spawn(state::accept(s)); });
    for (const auto& each : state_->halls)
        each->on.post([s = state_, each] { spawn(state::sweep(s, each)); });
}

std::uint16_t server::port() const { return state_->acceptor.local_endpoint().port(); }
std::size_t server::connections() const { return state_->connections(); }

task<void> server::stop() {
    const auto self = state_;
    self->halls.front()->on.post([self] {
        error_code ignored;
        self->acceptor.close(ignored);
    });
    for (const auto& each : self->halls) each->on.post([each] { each->drain(); });
    if (!co_await self->wait_until_empty(self->options.drain_time)) {
        log::warning("server.drain_incomplete", {{"connections", self->connections()}});
        for (const auto& each : self->halls) each->on.post([each] { each->close_all(); });
        co_await self->wait_until_empty(std::chrono::seconds(1));
    }
    for (const auto& each : self->halls) each->on.post([each] { each->finished.set(); });
    for (int i = 0; i < 200 && self->running.load() > 0; ++i)
        co_await sleep_for(std::chrono::milliseconds(5));
}

}  // namespace astrotalk::http
