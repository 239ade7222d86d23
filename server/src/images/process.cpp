#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <system_error>

#include "core/log.hpp"
#include "images/frame.hpp"

namespace astrotalk::images {
namespace {

constexpr std::size_t longest_answer = most_parts * (longest_part + 256);

[[noreturn]] void fail(int code, const char* what) {
    throw std::system_error(code, std::generic_category(), what);
}

// Closed when it goes.
struct descriptor {
    int fd = -1;
    descriptor() = default;
    descriptor(const descriptor&) = delete;
    ~descriptor() { reset(); }
    void reset() {
        if (fd >= 0) ::close(fd);
        fd = -1;
    }
};

void make_pipe(descriptor& reads, descriptor& writes) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) fail(errno, "pipe2");
    reads.fd = ends[0];
    writes.fd = ends[1];
}

// A worker under way; killed when it goes before its end.
struct worker {
    pid_t pid = -1;
    descriptor in, out;
    ~worker() {
        if (pid > 0) {
            ::kill(pid, SIGKILL);
            wait();
        }
    }
    // Whether it ended by itself, and well.
    bool wait() {
        int status = 0;
        while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
        }
        pid = -1;
        return WIFEXITED(status) && WEXITSTATUS(status) == 0;
    }
};

// With nothing of ours: no environment, and no open file but the two pipes.
void start(worker& w, const std::string& program, purpose what, const std::string& type) {
    descriptor theirs_in, theirs_out;
    make_pipe(theirs_in, w.in);
    make_pipe(w.out, theirs_out);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, theirs_in.fd, 0);
    ::posix_spawn_file_actions_adddup2(&actions, theirs_out.fd, 1);
    ::posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    ::posix_spawn_file_actions_addclosefrom_np(&actions, 3);
    posix_spawnattr_t attributes;
    ::posix_spawnattr_init(&attributes);
    sigset_t none, all;
    ::sigemptyset(&none);
    ::sigfillset(&all);
    ::posix_spawnattr_setsigmask(&attributes, &none);
    ::posix_spawnattr_setsigdefault(&attributes, &all);
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    const std::string purpose_word = what == purpose::photo ? "photo" : "document";
    char* const arguments[] = {const_cast<char*>(program.c_str()), const_cast<char*>(purpose_word.c_str()),
                               const_cast<char*>(type.c_str()), nullptr};
    char* const environment[] = {nullptr};
    const int failed = ::posix_spawn(&w.pid, program.c_str(), &actions, &attributes, arguments, environment);
    ::posix_spawn_file_actions_destroy(&actions);
    ::posix_spawnattr_destroy(&attributes);
    if (failed != 0) {
        w.pid = -1;
        fail(failed, "the image worker did not start");
    }
    ::fcntl(w.in.fd, F_SETFL, O_NONBLOCK);
    ::fcntl(w.out.fd, F_SETFL, O_NONBLOCK);
}

// False: nothing more to write, or nobody who reads it.
bool write_some(worker& w, std::string_view& rest) {
    const auto wrote = ::write(w.in.fd, rest.data(), rest.size());
    if (wrote > 0) rest.remove_prefix(std::size_t(wrote));
    return !rest.empty() && (wrote > 0 || errno == EAGAIN || errno == EINTR);
}

// False: its end.
bool read_some(worker& w, std::string& answer) {
    char buffer[65536];
    const auto got = ::read(w.out.fd, buffer, sizeof buffer);
    if (got > 0) answer.append(buffer, std::size_t(got));
    return got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
}

// Writes and reads at once: a worker may answer before it has read all. Nothing when its time is up or it
// answers too much.
std::optional<std::string> converse(worker& w, std::string_view upload, std::chrono::milliseconds deadline) {
    const auto until = std::chrono::steady_clock::now() + deadline;
    std::string answer;
    while (true) {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
        if (left.count() <= 0 || answer.size() > longest_answer) return std::nullopt;
        pollfd ends[] = {{w.out.fd, POLLIN, 0}, {w.in.fd, POLLOUT, 0}};
        if (::poll(ends, w.in.fd >= 0 ? 2 : 1, int(left.count())) < 0 && errno != EINTR) fail(errno, "poll");
        if (w.in.fd >= 0 && ends[1].revents != 0 && !write_some(w, upload)) w.in.reset();
        if (ends[0].revents != 0 && !read_some(w, answer)) return answer;
    }
}

// SIGPIPE of a worker that died is the process's to ignore; on this thread it is blocked, and taken.
struct without_sigpipe {
    sigset_t pipe{}, before{};
    without_sigpipe() {
        ::sigemptyset(&pipe);
        ::sigaddset(&pipe, SIGPIPE);
        ::pthread_sigmask(SIG_BLOCK, &pipe, &before);
    }
    ~without_sigpipe() {
        const timespec at_once{};
        while (::sigtimedwait(&pipe, nullptr, &at_once) == SIGPIPE) {
        }
        ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    }
};

outcome run(const workshop_options& how, purpose what, const std::string& type, std::string_view upload) {
    const without_sigpipe blocked;
    worker w;
    start(w, how.worker, what, type);
    const auto answer = converse(w, upload, how.deadline);
    const bool ended_well = answer && w.wait();
    auto read = ended_well ? from_frame(*answer, what) : std::nullopt;
    if (read) return std::move(*read);
    const std::string_view why = !answer ? "deadline" : ended_well ? "answer" : "crash";
    log::warning("images.worker_failed", {{"why", log::text(why)}});
    return fault::not_processed;
}

}  // namespace

workshop::workshop(workshop_options how) : how_(std::move(how)), threads_(how_.at_once, how_.waiting) {}

task<result<std::vector<part>, fault>> workshop::process(purpose what, std::string declared_type,
                                                         std::string bytes) {
    const auto taken = types_for(what);
    if (std::ranges::find(taken, declared_type) == taken.end()) co_return fault::wrong_type;
    if (bytes.size() > longest_upload) co_return fault::too_large;
    auto work = [&] { return run(how_, what, declared_type, bytes); };
    co_return co_await threads_.run(work);
}

}  // namespace astrotalk::images
