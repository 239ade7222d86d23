#include "http/client.hpp"

#include <curl/curl.h>

#include <atomic>
#include <deque>
#include <mutex>
#include <random>
#include <thread>

#include "core/loop.hpp"
#include "core/verify.hpp"

namespace astrotalk::http {
namespace {

using steady = std::chrono::steady_clock;

// One attempt. It lives in the awaiting frame until `finish` has been posted to its loop.
struct call {
    client_request& what;
    loop& home;
    std::coroutine_handle<> caller;
    steady::time_point deadline;
    client_response answer{};
    std::optional<upstream_error> failure{};
    CURL* easy = nullptr;
    curl_slist* headers = nullptr;
    bool too_large = false;

    void finish() {
        if (easy) curl_easy_cleanup(std::exchange(easy, nullptr));
        if (headers) curl_slist_free_all(std::exchange(headers, nullptr));
        home.post([resume = caller] { resume.resume(); });
    }
    void fail(upstream_error::kind why, std::string message) {
        failure.emplace(why, std::move(message));
        finish();
    }
};

std::size_t take_body(char* data, std::size_t, std::size_t size, void* into) {
    auto& c = *static_cast<call*>(into);
    if (c.answer.body.size() + size > c.what.body_limit) {
        c.too_large = true;
        return 0;  // libcurl ends the transfer
    }
    c.answer.body.append(data, size);
    return size;
}

std::size_t take_header(char* data, std::size_t, std::size_t size, void* into) {
    auto& headers = static_cast<call*>(into)->answer.headers;
    const std::string_view line(data, size);
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || headers.size() >= 100) return size;
    std::string name(line.substr(0, colon));
    for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    auto value = line.substr(colon + 1);
    while (!value.empty() && (value.front() == ' ' || value.front() == '\t')) value.remove_prefix(1);
    while (!value.empty() && (value.back() == '\r' || value.back() == '\n' || value.back() == ' '))
        value.remove_suffix(1);
    headers.emplace_back(std::move(name), std::string(value));
    return size;
}

void add_header(call& c, const std::string& name, const std::string& value) {
    c.headers = curl_slist_append(c.headers, (name + (value.empty() ? ";" : ": " + value)).c_str());
}

void prepare(call& c) {
    CURL* const easy = c.easy = curl_easy_init();
    verify(easy != nullptr);
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(c.deadline - steady::now()).count();
    curl_easy_setopt(easy, CURLOPT_URL, c.what.url.c_str());
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, std::max<long>(left, 1));
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, name_of(c.what.method).data());  // a literal
    if (c.what.method == verb::head) curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    if (!c.what.body.empty() || c.what.method == verb::post || c.what.method == verb::put) {
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, c.what.body.data());
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(c.what.body.size()));
    }
    for (const auto& [name, value] : c.what.headers) add_header(c, name, value);
    if (!c.what.trace_parent.empty()) add_header(c, "traceparent", c.what.trace_parent);
    // None at all: libcurl asks for leave before a body, and an empty Expect is answered 417 by Node.
    c.headers = curl_slist_append(c.headers, "Expect:");
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, c.headers);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &c);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, &c);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, &c);
}

bool worth_repeating(const call& c) {
    if (c.failure) return c.failure->why() == upstream_error::kind::unreachable;
    return c.answer.status == 502 || c.answer.status == 503 || c.answer.status == 504;
}

}  // namespace

struct client::state {
    client_options how;
    CURLM* multi = nullptr;
    std::mutex mutex;
    std::deque<call*> waiting;
    std::vector<call*> running;
    std::atomic<bool> closing{false};
    std::thread thread;

    void submit(call& c) {
        bool full;
        {
            std::lock_guard lock(mutex);
            full = closing || waiting.size() >= how.queue_limit;
            if (!full) waiting.push_back(&c);
        }
        if (full) return c.fail(upstream_error::kind::overloaded, "too many outbound calls are waiting");
        curl_multi_wakeup(multi);
    }

    void start_waiting() {
        std::lock_guard lock(mutex);
        while (!waiting.empty() && running.size() < how.in_flight) {
            call* c = waiting.front();
            waiting.pop_front();
            if (steady::now() >= c->deadline) {
                c->fail(upstream_error::kind::timed_out, "the deadline passed in the queue");
                continue;
            }
            prepare(*c);
            running.push_back(c);
            curl_multi_add_handle(multi, c->easy);
        }
    }

    void end(call& c, CURLcode code) {
        std::erase(running, &c);
        curl_multi_remove_handle(multi, c.easy);
        if (code == CURLE_OK) {
            long status = 0;
            curl_easy_getinfo(c.easy, CURLINFO_RESPONSE_CODE, &status);
            c.answer.status = static_cast<int>(status);
            return c.finish();
        }
        const auto why = c.too_large                        ? upstream_error::kind::too_large
                         : code == CURLE_OPERATION_TIMEDOUT ? upstream_error::kind::timed_out
                                                            : upstream_error::kind::unreachable;
        c.fail(why, curl_easy_strerror(code));
    }

    void serve() {
        while (!closing) {
            start_waiting();
            int active = 0, left = 0;
            bool ended = false;
            curl_multi_perform(multi, &active);
            while (const CURLMsg* message = curl_multi_info_read(multi, &left)) {
                if (message->msg != CURLMSG_DONE) continue;
                call* c = nullptr;
                curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &c);
                end(*c, message->data.result);
                ended = true;
            }
            if (ended) continue;  // its place is free for a call that waits
            curl_multi_poll(multi, nullptr, 0, 1000, nullptr);
        }
        while (!running.empty()) end(*running.back(), CURLE_ABORTED_BY_CALLBACK);
        std::lock_guard lock(mutex);
        for (call* c : std::exchange(waiting, {}))
            c->fail(upstream_error::kind::unreachable, "the client is closing");
    }
};

client::client(client_options how) : state_(std::make_unique<state>()) {
    static const bool initialised = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
    verify(initialised);
    state_->how = how;
    state_->multi = curl_multi_init();
    state_->thread = std::thread([s = state_.get()] { s->serve(); });
}

client::~client() {
    state_->closing = true;
    curl_multi_wakeup(state_->multi);
    state_->thread.join();
    curl_multi_cleanup(state_->multi);
}

task<client_response> client::send(client_request what) {
    struct awaiter {
        state& owner;
        call& attempt;
        bool await_ready() const noexcept { return false; }
        void await_suspend(std::coroutine_handle<> caller) {
            attempt.caller = caller;
            owner.submit(attempt);
        }
        void await_resume() const noexcept {}
    };
    const auto deadline = steady::now() + what.deadline;
    for (int tries_left = what.retries;; --tries_left) {
        call attempt{what, loop::current(), {}, deadline};
        co_await awaiter{*state_, attempt};
        const auto pause = std::chrono::milliseconds(50 << std::min(what.retries - tries_left, 6));
        const bool again = tries_left > 0 && worth_repeating(attempt) && steady::now() + pause < deadline;
        if (!again && attempt.failure) throw *attempt.failure;
        if (!again) co_return std::move(attempt.answer);
        // Full jitter, so that callers that failed together do not come back together.
        thread_local std::minstd_rand jitter{std::random_device{}()};
        const auto wait = std::uniform_int_distribution<std::int64_t>(0, pause.count())(jitter);
        co_await sleep_for(std::chrono::milliseconds(wait));
    }
}

}  // namespace astrotalk::http
