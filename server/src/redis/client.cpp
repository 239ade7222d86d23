#include <atomic>
#include <deque>
#include <random>

#include "core/log.hpp"
#include "redis/link.hpp"
#include "redis/protocol.hpp"
#include "redis/redis.hpp"
#include "telemetry/metrics.hpp"

namespace astrotalk::redis {
namespace {

using steady = std::chrono::steady_clock;
using std::chrono::milliseconds;

// Full jitter, so that the threads and nodes that lost Redis together do not come back together.
milliseconds backoff(int failures, milliseconds longest) {
    thread_local std::minstd_rand random(std::random_device{}());
    const auto most = std::min(longest.count(), std::int64_t{50} << std::min(failures, 16));
    return milliseconds(std::uniform_int_distribution<std::int64_t>(most / 2, most)(random));
}

// The clients of this process that are away: the first that goes tells of it, and the last that comes back.
std::atomic<int> away{0};

telemetry::gauge& connections() {
    return telemetry::gauge_of("astrotalk_redis_connections", "Connections to Redis that answer");
}
telemetry::counter& unanswered() {
    return telemetry::counter_of("astrotalk_redis_unanswered_total",
                                 "Commands without an answer in time, or while Redis was away");
}

}  // namespace

struct client::state : std::enable_shared_from_this<client::state> {
    // Lives in the frame of who asks. Answers come in the order of questions, so the deadlines do too.
    struct question {
        state& of;
        std::vector<std::string> command;
        std::optional<reply> answer{};
        std::coroutine_handle<> caller{};

        bool await_ready() const noexcept { return false; }
        bool await_suspend(std::coroutine_handle<> from) {
            caller = from;
            return of.submit(*this);
        }
        void await_resume() const noexcept {}
    };
    struct place {
        question* by;  // null: gone without an answer
        steady::time_point deadline;
    };

    state(loop& loop_of, options o)
        : on(loop_of),
          how(std::move(o)),
          trust(how.at.tls ? crypto::tls_client(how.ca_file) : nullptr),
          timer(on.context()) {}

    ~state() {
        if (told_away) --away;
    }

    bool answers() const { return ready && overdue == 0; }
    bool submit(question& asked);
    void watch();
    void expire();
    void take(reply got);
    void forget_all();
    void came();
    void gone(const std::string& why);

    task<std::string> greet();
    task<std::string> answer_until_end();
    task<void> give_up_after(std::shared_ptr<link> attempt, std::shared_ptr<event> made);
    task<std::string> connect();
    static task<void> run(std::shared_ptr<state> self);

    loop& on;
    const options how;
    const crypto::tls_context trust;
    boost::asio::steady_timer timer;
    bool watching = false;
    std::shared_ptr<link> to;
    std::unique_ptr<reply_reader> replies;
    std::deque<place> waiting;
    std::size_t overdue = 0;  // of the first in line nobody waits any more
    bool ready = false, told_away = false, closed = false;
    event closing, ended;
};

bool client::state::submit(question& asked) {
    if (!answers() || waiting.size() >= how.queue_limit) {
        unanswered().add();
        return false;
    }
    std::string bytes;
    append_command(bytes, asked.command);
    waiting.push_back({&asked, steady::now() + how.deadline});
    to->send(bytes);
    watch();
    return true;
}

// One timer, for whoever is first in line.
void client::state::watch() {
    if (watching || waiting.empty()) return;
    watching = true;
    timer.expires_at(overdue < waiting.size() ? waiting[overdue].deadline
                                              : waiting.front().deadline + how.patience);
    timer.async_wait([weak = weak_from_this()](boost::system::error_code) {
        const auto self = weak.lock();
        if (!self) return;
        self->watching = false;
        self->expire();
        self->watch();
    });
}

void client::state::expire() {
    const auto now = steady::now();
    while (overdue < waiting.size() && waiting[overdue].deadline <= now) {
        question* const by = std::exchange(waiting[overdue++].by, nullptr);
        unanswered().add();
        by->caller.resume();
    }
    if (!waiting.empty() && waiting.front().deadline + how.patience <= now) to->close();
}

void client::state::take(reply got) {
    if (waiting.empty()) throw std::runtime_error("a reply that nobody asked for");
    question* const by = waiting.front().by;
    waiting.pop_front();
    if (by == nullptr) {
        --overdue;
        return;
    }
    by->answer = std::move(got);
    by->caller.resume();
}

void client::state::forget_all() {
    ready = false;
    overdue = 0;
    for (const auto& each : std::exchange(waiting, {})) {
        if (each.by == nullptr) continue;
        unanswered().add();
        each.by->caller.resume();
    }
}

void client::state::came() {
    ready = true;
    connections().add(1);
    if (std::exchange(told_away, false) && --away == 0) log::info("redis.back");
}

void client::state::gone(const std::string& why) {
    if (ready) connections().add(-1);
    if (!closed && !std::exchange(told_away, true) && away++ == 0)
        log::warning("redis.away", {{"error", log::text(why)}});
    forget_all();
}

// AUTH and SELECT, answered before anybody else asks.
task<std::string> client::state::greet() {
    std::vector<std::vector<std::string>> commands;
    if (!how.at.password.empty()) {
        commands.push_back({"AUTH"});
        if (!how.at.user.empty()) commands.back().push_back(how.at.user);
        commands.back().push_back(how.at.password.reveal());
    }
    if (how.at.database != 0) commands.push_back({"SELECT", std::to_string(how.at.database)});
    commands.push_back({"PING"});
    std::string bytes;
    for (const auto& each : commands) append_command(bytes, each);
    to->send(bytes);
    for (std::size_t answered = 0; answered < commands.size();) {
        const std::string got = co_await to->receive();
        if (got.empty()) co_return "the connection ended before Redis answered";
        replies->feed(got);
        while (auto next = replies->next()) {
            if (next->is == reply::kind::error) co_return next->text;
            ++answered;
        }
    }
    co_return "";
}

task<std::string> client::state::answer_until_end() {
    for (;;) {
        const std::string got = co_await to->receive();
        if (got.empty()) co_return to->fault().empty() ? "no answer in time" : to->fault();
        replies->feed(got);
        while (auto next = replies->next()) take(std::move(*next));
    }
}

task<void> client::state::give_up_after(std::shared_ptr<link> attempt, std::shared_ptr<event> made) {
    if (!co_await made->wait_for(how.connect_timeout)) attempt->close();
}

task<std::string> client::state::connect() {
    to = std::make_shared<link>(on.context(), how, trust);
    replies = std::make_unique<reply_reader>();
    const auto made = std::make_shared<event>();
    spawn(give_up_after(to, made));
    std::string why;
    try {
        why = co_await to->open();
        if (why.empty()) why = co_await greet();
    } catch (const std::exception& e) {
        why = e.what();
    }
    made->set();
    co_return why;
}

task<void> client::state::run(std::shared_ptr<state> self) {
    for (int failures = 0; !self->closed; ++failures) {
        std::string why;
        try {
            why = co_await self->connect();
            if (why.empty()) {
                failures = 0;
                self->came();
                why = co_await self->answer_until_end();
            }
        } catch (const std::exception& e) {
            why = e.what();
        }
        self->to->close();
        self->gone(why);
        if (!self->closed) co_await self->closing.wait_for(backoff(failures, self->how.longest_backoff));
    }
    self->ended.set();
}

client::client(loop& on, options how) : state_(std::make_shared<state>(on, std::move(how))) {
    connections().add(0);  // shown from the start: an alert needs to see it at 0
    on.post([s = state_] { spawn(state::run(s)); });
}

client::~client() = default;

bool client::up() const { return state_->answers(); }

task<std::optional<reply>> client::ask(std::vector<std::string> command) {
    const auto kept = state_;
    state::question asked{*kept, std::move(command)};
    co_await asked;
    co_return std::move(asked.answer);
}

task<void> client::close() {
    const auto kept = state_;
    kept->closed = true;
    kept->closing.set();
    if (kept->to) kept->to->close();
    kept->timer.cancel();
    co_await kept->ended.wait_for(std::chrono::seconds(2));
}

}  // namespace astrotalk::redis
