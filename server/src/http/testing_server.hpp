// A server on threads of its own and a client that sends exactly the bytes it is told. For tests.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

#include "core/verify.hpp"
#include "http/server.hpp"

namespace astrotalk::http {

class testing_server {
  public:
    testing_server(server_options how, server::answerer answer, std::size_t loops = 1) : loops_(loops) {
        std::vector<loop*> all;
        for (auto& each : loops_) all.push_back(&each);
        server_.emplace(std::move(how), all, std::move(answer));
        server_->start();
        for (auto& each : loops_) threads_.emplace_back([&each] { each.run(); });
    }
    ~testing_server() {
        stop();
        for (auto& each : loops_) each.stop();
        for (auto& each : threads_) each.join();
    }
    std::uint16_t port() const { return server_->port(); }
    std::size_t connections() const { return server_->connections(); }
    void stop() {
        if (std::exchange(stopped_, true)) return;
        std::atomic<bool> done{false};
        loops_.front().post([&] { spawn(run_stop(*server_, done)); });
        while (!done) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }

  private:
    static task<void> run_stop(server& s, std::atomic<bool>& done) {
        co_await s.stop();
        done = true;
    }
    std::vector<loop> loops_;
    std::optional<server> server_;
    std::vector<std::thread> threads_;
    bool stopped_ = false;
};

// Again, when a signal came in between.
template <class Call>
auto undisturbed(Call call) {
    auto result = call();
    while (result < 0 && errno == EINTR) result = call();
    return result;
}

// Signals do not disturb it: libFuzzer's timer comes every few seconds.
class raw_client {
  public:
    // From an address of 127.0.0.0/8: each has ports of its own, and thousands of them wait for a minute
    // after their connection's end.
    explicit raw_client(std::uint16_t port, std::uint32_t from = INADDR_LOOPBACK)
        : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
        const auto mine = endpoint(from, 0), to = endpoint(INADDR_LOOPBACK, port);
        const int yes = 1;
        ::setsockopt(fd_, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &yes, sizeof yes);
        verify(::bind(fd_, reinterpret_cast<const sockaddr*>(&mine), sizeof mine) == 0);
        const int failed =
            undisturbed([&] { return ::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to); });
        verify(failed == 0 || errno == EISCONN);
    }
    ~raw_client() { ::close(fd_); }
    raw_client(const raw_client&) = delete;

    bool send(std::string_view bytes) const {
        while (!bytes.empty()) {
            const auto n = undisturbed([&] { return ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL); });
            if (n <= 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(n));
        }
        return true;
    }
    // Sends no more; what is answered still comes.
    void finish() const { ::shutdown(fd_, SHUT_WR); }
    // Receives until `received` holds `count` of `needle`; false when the server closed or 5 s have passed.
    bool wait_for(std::string_view needle, int count = 1) {
        for (;;) {
            int found = 0;
            for (auto at = received.find(needle); at != std::string::npos; at = received.find(needle, at + 1))
                ++found;
            if (found >= count) return true;
            if (!receive()) return false;
        }
    }
    // Everything until the server closes.
    const std::string& rest() {
        while (receive()) {
        }
        return received;
    }
    bool closed() const { return closed_; }
    // What there is, or what comes by then.
    bool receive(std::chrono::milliseconds within = std::chrono::seconds(5)) {
        pollfd p{fd_, POLLIN, 0};
        if (undisturbed([&] { return ::poll(&p, 1, static_cast<int>(within.count())); }) <= 0) return false;
        char buffer[16384];
        const auto n = undisturbed([&] { return ::recv(fd_, buffer, sizeof buffer, 0); });
        closed_ = n <= 0;
        if (n > 0) received.append(buffer, static_cast<std::size_t>(n));
        return n > 0;
    }

    std::string received;

  private:
    static sockaddr_in endpoint(std::uint32_t address, std::uint16_t port) {
        sockaddr_in at{};
        at.sin_family = AF_INET;
        at.sin_port = htons(port);
        at.sin_addr.s_addr = htonl(address);
        return at;
    }

    int fd_;
    bool closed_ = false;
};

}  // namespace astrotalk::http
