// bench_load: runs flows against the server and prints one JSON object of what it saw.
//
//   bench_load --flows FILE --port P [--port-name NAME=P]… [--connections N] [--seconds S] [--once]
//              [--rate R] [--save FILE]
//
// Closed loop: each connection starts the next flow when its last has ended. Open loop (`--rate`): flows
// start on a schedule, latency counts from the scheduled instant, and starts that found no free connection
// are counted as late. `--once` ends when every flow has run once. One thread, raw epoll.
#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <fstream>
#include <map>
#include <stdexcept>

#include "flow.hpp"

namespace bench {
namespace {

using steady = std::chrono::steady_clock;

struct options {
    std::string flows;
    std::vector<std::string> port_names{""};
    std::vector<int> ports{0};
    int connections = 32;
    double seconds = 5;
    double rate = 0;
    bool once = false;
    std::string save;
};

struct step_stats {
    std::vector<double> micros;
    std::map<int, std::uint64_t> statuses;
};

// One client: a connection a port, the flow it is in, and what it has read of the current answer.
struct worker {
    std::vector<int> sockets;
    const flow* current = nullptr;
    std::size_t at = 0;
    std::uint64_t serial = 0;
    variables values;
    std::string out;
    std::string in;
    steady::time_point started;
};

class generator {
  public:
    explicit generator(options how) : how_(std::move(how)), flows_(read_flows(how_.flows, how_.port_names)) {
        epoll_ = epoll_create1(0);
        workers_.resize(static_cast<std::size_t>(how_.connections));
        for (worker& w : workers_) {
            for (int port : how_.ports) w.sockets.push_back(open_socket(port));
            for (std::size_t i = 0; i < w.sockets.size(); ++i) watch(w, i);
        }
    }

    void run() {
        begin_ = steady::now();
        const auto end = begin_ + std::chrono::duration_cast<steady::duration>(
                                      std::chrono::duration<double>(how_.seconds));
        for (worker& w : workers_) idle_.push_back(&w);
        epoll_event events[256];
        for (;;) {
            const auto now = steady::now();
            const bool closing = now >= end || (how_.once && next_ >= flows_.size());
            if (!closing) start_due(now);
            if (closing && idle_.size() == workers_.size()) break;
            if (now > end + std::chrono::seconds(20)) throw std::runtime_error("answers stopped coming");
            ask_again(now);
            const timespec patience = until_due(now);
            const int n = epoll_pwait2(epoll_, events, 256, &patience, nullptr);
            for (int i = 0; i < n; ++i) {
                const auto index = events[i].data.u64;
                receive(workers_[index / 8], index % 8);
            }
        }
        took_ = std::chrono::duration<double>(steady::now() - begin_).count();
        if (!how_.save.empty()) std::ofstream(how_.save) << saved_;
    }

    void print() {
        fmt::print("{{\"seconds\":{:.3f},\"flows\":{},\"late\":{},\"steps\":{{", took_, finished_, late_);
        bool first = true;
        for (auto& [label, s] : stats_) {
            std::sort(s.micros.begin(), s.micros.end());
            const auto rank = [&](double q) {
                return s.micros[static_cast<std::size_t>(q * static_cast<double>(s.micros.size() - 1))];
            };
            std::string statuses;
            for (const auto& [status, count] : s.statuses)
                statuses += fmt::format("{}\"{}\":{}", statuses.empty() ? "" : ",", status, count);
            fmt::print(
                "{}\"{}\":{{\"count\":{},\"p50\":{:.0f},\"p99\":{:.0f},\"max\":{:.0f},\"statuses\":{{{}}}}}",
                first ? "" : ",", label, s.micros.size(), rank(0.5), rank(0.99), s.micros.back(), statuses);
            first = false;
        }
        fmt::print("}}}}\n");
    }

  private:
    int open_socket(int port) {
        const int fd = socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(static_cast<std::uint16_t>(port));
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
            throw std::runtime_error(fmt::format("cannot connect to port {}", port));
        const int on = 1;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
        return fd;
    }

    void watch(worker& w, std::size_t port_index) {
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.u64 = static_cast<std::uint64_t>(&w - workers_.data()) * 8 + port_index;
        epoll_ctl(epoll_, EPOLL_CTL_ADD, w.sockets[port_index], &event);
    }

    // How long to sleep at most: to the next scheduled start, or to the next look into an inbox. Spinning
    // would take a core from what is measured.
    timespec until_due(steady::time_point now) const {
        auto due = now + std::chrono::milliseconds(100);
        if (how_.rate > 0 && !idle_.empty()) due = std::min(due, scheduled(next_));
        if (!waiting_.empty()) due = std::min(due, waiting_.front().first);
        const auto left = std::max<std::chrono::nanoseconds>(due - now, std::chrono::nanoseconds(0));
        return {0, static_cast<long>(left.count())};
    }

    steady::time_point scheduled(std::uint64_t n) const {
        return begin_ + std::chrono::duration_cast<steady::duration>(
                            std::chrono::duration<double>(static_cast<double>(n) / how_.rate));
    }

    void start_due(steady::time_point now) {
        while (!idle_.empty()) {
            if (how_.once && next_ >= flows_.size()) return;
            steady::time_point due = now;
            if (how_.rate > 0) {
                due = scheduled(next_);
                if (due > now) return;
                if (now - due > std::chrono::milliseconds(1)) ++late_;
            }
            worker& w = *idle_.back();
            idle_.pop_back();
            w.current = &flows_[next_ % flows_.size()];
            w.serial = next_++;
            w.at = 0;
            w.values.clear();
            w.started = due;
            send_step(w);
        }
    }

    void ask_again(steady::time_point now) {
        while (!waiting_.empty() && waiting_.front().first <= now) {
            worker& w = *waiting_.front().second;
            waiting_.pop_front();
            send_step(w);
        }
    }

    void send_step(worker& w) {
        const step& s = (*w.current)[w.at];
        w.out = render(s, w.values, w.serial);
        w.in.clear();
        const int fd = w.sockets[static_cast<std::size_t>(s.port_index)];
        std::size_t sent = 0;
        while (sent < w.out.size()) {
            const auto n = send(fd, w.out.data() + sent, w.out.size() - sent, MSG_NOSIGNAL);
            if (n > 0)
                sent += static_cast<std::size_t>(n);
            else if (errno != EAGAIN)
                throw std::runtime_error(fmt::format("send: {}", std::strerror(errno)));
        }
    }

    void receive(worker& w, std::size_t port_index) {
        char buffer[65536];
        const auto n = recv(w.sockets[port_index], buffer, sizeof buffer, 0);
        if (n < 0 && errno == EAGAIN) return;
        if (n <= 0 || !w.current) throw std::runtime_error("the server closed a connection");
        w.in.append(buffer, static_cast<std::size_t>(n));
        const auto head_end = w.in.find("\r\n\r\n");
        if (head_end == std::string::npos) return;
        const auto length_at = w.in.find("\r\ncontent-length: ");
        std::size_t length = 0;
        if (length_at < head_end)
            std::from_chars(w.in.data() + length_at + 18, w.in.data() + head_end, length);
        if (w.in.size() < head_end + 4 + length) return;
        finish_step(w, std::string_view(w.in).substr(head_end + 4));
    }

    void finish_step(worker& w, std::string_view body) {
        const auto now = steady::now();
        int status = 0;
        std::from_chars(w.in.data() + 9, w.in.data() + 12, status);
        step_stats& stats = stats_[(*w.current)[w.at].label];
        stats.micros.push_back(std::chrono::duration<double, std::micro>(now - w.started).count());
        ++stats.statuses[status];
        const step& done = (*w.current)[w.at];
        // An inbox is asked once before a code is sent, and then again until there is something new in it.
        if (done.port_index != 0 && !w.values.try_emplace("inbox", body).second && w.values["inbox"] == body)
            return waiting_.push_back({now + std::chrono::milliseconds(5), &w});
        if (w.current->size() > 1) remember(body, w.values);
        w.started = now;
        if (status < 400 && ++w.at < w.current->size()) return send_step(w);
        if (status < 400) {
            ++finished_;
            if (!how_.save.empty()) saved_ += w.values["access"] + " " + w.values["refresh"] + "\n";
        }
        w.current = nullptr;
        idle_.push_back(&w);
    }

    options how_;
    std::vector<flow> flows_;
    std::vector<worker> workers_;
    std::vector<worker*> idle_;
    std::deque<std::pair<steady::time_point, worker*>> waiting_;
    std::string saved_;
    std::map<std::string, step_stats> stats_;
    steady::time_point begin_;
    double took_ = 0;
    std::uint64_t next_ = 0, finished_ = 0, late_ = 0;
    int epoll_ = -1;
};

options parse(int argc, char** argv) {
    options how;
    for (int i = 1; i < argc; ++i) {
        const std::string name = argv[i];
        if (name == "--once") {
            how.once = true;
            continue;
        }
        if (++i == argc) throw std::runtime_error(name + " needs a value");
        const std::string value = argv[i];
        if (name == "--flows")
            how.flows = value;
        else if (name == "--port")
            how.ports[0] = std::stoi(value);
        else if (name == "--connections")
            how.connections = std::stoi(value);
        else if (name == "--seconds")
            how.seconds = std::stod(value);
        else if (name == "--save")
            how.save = value;
        else if (name == "--rate")
            how.rate = std::stod(value);
        else if (name == "--port-name") {
            how.port_names.push_back(value.substr(0, value.find('=')));
            how.ports.push_back(std::stoi(value.substr(value.find('=') + 1)));
        } else
            throw std::runtime_error("unknown option " + name);
    }
    return how;
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
    try {
        bench::generator load(bench::parse(argc, argv));
        load.run();
        load.print();
    } catch (const std::exception& e) {
        fmt::print(stderr, "bench_load: {}\n", e.what());
        return 1;
    }
}
