// bench_load: runs flows against the server and prints one JSON object of what it saw; `usage` says how. One
// thread, raw epoll.
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
#include <optional>
#include <stdexcept>

#include "flow.hpp"

namespace bench {
namespace {

using steady = std::chrono::steady_clock;

constexpr const char* usage =
    R"(bench_load --flows FILE --port P [--port-name NAME=P]… [--connections N] [--seconds S] [--once]
           [--rate R] [--bearers FILE] [--save FILE] [--progress]

Runs flows (bench/flow.hpp) against the server and prints one JSON object of what it saw. Closed loop: each
connection starts the next flow when its last has ended. Open loop (--rate): flows start on a schedule,
latency counts from the scheduled instant, and starts that found no free connection are counted as late.
--once ends when every flow has run once. --bearers has tokens, one a line, that flows take in turn as
$bearer. A flow that waits a quarter of a minute for its SMS is given up, as status 0. --save leaves the
tokens that flows were given. --progress says every five seconds on standard error how far it is.
)";

struct options {
    std::string flows;
    std::vector<std::string> port_names{""};
    std::vector<int> ports{0};
    int connections = 32;
    double seconds = 5;
    double rate = 0;
    bool once = false;
    bool progress = false;
    std::string save;
    std::vector<std::string> bearers;
};

constexpr std::chrono::seconds sms_patience{15}, progress_interval{5};

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
    steady::time_point began;    // when the flow was due
    steady::time_point started;  // the current step
};

struct answer {
    int status;
    std::string_view head, body;
};

// The value of a header, whatever the case of its name; empty when there is none.
std::string_view header(std::string_view head, std::string_view name) {
    for (auto line = head.find("\r\n"); line != std::string_view::npos; line = head.find("\r\n", line + 2)) {
        const auto rest = head.substr(line + 2);
        if (rest.size() <= name.size() || rest[name.size()] != ':') continue;
        if (strncasecmp(rest.data(), name.data(), name.size()) != 0) continue;
        const auto value = rest.substr(name.size() + 1, rest.find("\r\n") - name.size() - 1);
        return value.substr(std::min(value.find_first_not_of(' '), value.size()));
    }
    return {};
}

// The whole answer, or nothing while more of it is to come. A body in chunks is left as it came.
std::optional<answer> read_answer(std::string_view in) {
    const auto head_end = in.find("\r\n\r\n");
    if (head_end == std::string_view::npos) return std::nullopt;
    answer whole{0, in.substr(0, head_end), in.substr(head_end + 4)};
    std::from_chars(in.data() + 9, in.data() + 12, whole.status);
    if (header(whole.head, "transfer-encoding") == "chunked")
        return whole.body.ends_with("0\r\n\r\n") ? std::optional(whole) : std::nullopt;
    std::size_t length = 0;
    const auto stated = header(whole.head, "content-length");
    std::from_chars(stated.data(), stated.data() + stated.size(), length);
    if (whole.body.size() < length) return std::nullopt;
    return whole;
}

double micros_between(steady::time_point from, steady::time_point to) {
    return std::chrono::duration<double, std::micro>(to - from).count();
}

// "p50":…,"p99":…,"max":… of what is sorted on the way.
std::string describe(std::vector<double>& micros) {
    if (micros.empty()) return R"("p50":0,"p99":0,"max":0)";
    std::sort(micros.begin(), micros.end());
    const auto rank = [&](double q) {
        return micros[static_cast<std::size_t>(q * static_cast<double>(micros.size() - 1))];
    };
    return fmt::format(R"("p50":{:.0f},"p99":{:.0f},"max":{:.0f})", rank(0.5), rank(0.99), micros.back());
}

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
        next_report_ = begin_ + progress_interval;
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
            if (how_.progress && now >= next_report_) report(now);
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
        fmt::print("{{\"seconds\":{:.3f},\"flows\":{},\"late\":{},\"whole\":{{{}}},\"steps\":{{", took_,
                   finished_, late_, describe(whole_));
        bool first = true;
        for (auto& [label, s] : stats_) {
            std::string statuses;
            for (const auto& [status, count] : s.statuses)
                statuses += fmt::format("{}\"{}\":{}", statuses.empty() ? "" : ",", status, count);
            fmt::print("{}\"{}\":{{\"count\":{},{},\"statuses\":{{{}}}}}", first ? "" : ",", label,
                       s.micros.size(), describe(s.micros), statuses);
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
        if (how_.rate > 0 && !idle_.empty() && !(how_.once && next_ >= flows_.size()))
            due = std::min(due, scheduled(next_));
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
            if (!how_.bearers.empty()) w.values["bearer"] = how_.bearers[w.serial % how_.bearers.size()];
            w.began = w.started = due;
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
        const auto port_index = static_cast<std::size_t>(s.port_index);
        if (w.sockets[port_index] < 0) {
            w.sockets[port_index] = open_socket(how_.ports[port_index]);
            watch(w, port_index);
        }
        const int fd = w.sockets[port_index];
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
        const bool awaited = w.current && (*w.current)[w.at].port_index == static_cast<int>(port_index);
        if (n <= 0) return closed(w, port_index, awaited);
        if (!awaited) throw std::runtime_error("an answer that nobody asked for");
        w.in.append(buffer, static_cast<std::size_t>(n));
        if (const auto whole = read_answer(w.in)) finish_step(w, *whole);
    }

    // Servers close what has been idle for a while, as more connections than are needed are.
    void closed(worker& w, std::size_t port_index, bool awaited) {
        if (awaited) throw std::runtime_error("the server closed a connection that it owed an answer");
        close(w.sockets[port_index]);
        w.sockets[port_index] = -1;
    }

    void finish_step(worker& w, const answer& got) {
        const auto now = steady::now();
        const step& done = (*w.current)[w.at];
        step_stats& stats = stats_[done.label];
        stats.micros.push_back(micros_between(w.started, now));
        // An inbox is asked once before a code is sent, and then again until there is something new in it.
        if (done.port_index != 0 && !w.values.try_emplace("inbox", got.body).second &&
            w.values["inbox"] == got.body) {
            if (now - w.started > sms_patience) return finish_flow(w, stats, 0);
            return waiting_.push_back({now + std::chrono::milliseconds(5), &w});
        }
        if (w.current->size() > 1) remember(got.head, got.body, w.values);
        if (got.status >= 400 || w.at + 1 == w.current->size()) return finish_flow(w, stats, got.status);
        ++stats.statuses[got.status];
        ++w.at;
        w.started = now;
        send_step(w);
    }

    // After its last step, or the one that failed.
    void finish_flow(worker& w, step_stats& last, int status) {
        ++last.statuses[status];
        if (status > 0 && status < 400) {
            ++finished_;
            whole_.push_back(micros_between(w.began, steady::now()));
            if (!how_.save.empty())
                saved_ +=
                    fmt::format("{} {} {}\n", w.values["access"], w.values["refresh"], w.values["cookie"]);
        } else {
            ++failed_;
        }
        w.current = nullptr;
        idle_.push_back(&w);
    }

    void report(steady::time_point now) {
        const auto of = how_.once ? fmt::format(" of {}", flows_.size()) : "";
        const auto failed = failed_ ? fmt::format(", {} failed", failed_) : "";
        fmt::print(stderr, "  {:.0f} s: {}{} flows{}\n", micros_between(begin_, now) / 1e6, finished_, of,
                   failed);
        next_report_ = now + progress_interval;
    }

    options how_;
    std::vector<flow> flows_;
    std::vector<worker> workers_;
    std::vector<worker*> idle_;
    std::deque<std::pair<steady::time_point, worker*>> waiting_;
    std::string saved_;
    std::map<std::string, step_stats> stats_;
    std::vector<double> whole_;  // from when a flow was due to its last answer
    steady::time_point begin_, next_report_;
    double took_ = 0;
    std::uint64_t next_ = 0, finished_ = 0, failed_ = 0, late_ = 0;
    int epoll_ = -1;
};

std::vector<std::string> read_lines(const std::string& file) {
    std::ifstream in(file);
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    if (lines.empty()) throw std::runtime_error(file + " has no lines");
    return lines;
}

options parse(int argc, char** argv) {
    options how;
    for (int i = 1; i < argc; ++i) {
        const std::string name = argv[i];
        if (name == "--once" || name == "--progress") {
            (name == "--once" ? how.once : how.progress) = true;
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
        else if (name == "--bearers")
            how.bearers = read_lines(value);
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
    if (argc > 1 && (std::strcmp(argv[1], "--help") == 0 || std::strcmp(argv[1], "-h") == 0)) {
        fmt::print("{}", bench::usage);
        return 0;
    }
    try {
        bench::generator load(bench::parse(argc, argv));
        load.run();
        load.print();
    } catch (const std::exception& e) {
        fmt::print(stderr, "bench_load: {}\n", e.what());
        return 1;
    }
}
