#include "http/client.hpp"

#include <gtest/gtest.h>

#include "http/testing_server.hpp"

namespace astrotalk::http {
namespace {

using std::chrono::milliseconds;

std::atomic<int> calls{0};

// The other side: fails as its paths say.
task<response> upstream(request& in, std::size_t) {
    const int call = ++calls;
    response r;
    r.content_type = "text/plain";
    r.headers.emplace_back("X-Mixed-Case", " kept ");
    r.body = fmt::format("{} {} {}", name_of(in.method), in.body, in.header("traceparent"));
    if (in.path == "/slow") co_await sleep_for(milliseconds(400));
    if (in.path == "/short") co_await sleep_for(milliseconds(20));
    if (in.path == "/large") r.body.assign(5000, 'x');
    if (in.path == "/away") r.status = 503;
    if (in.path == "/names")
        for (const auto& [name, value] : in.headers) r.body += fmt::format("[{}]", name);
    if (in.path == "/recovers" && call < 3) r.status = 502;
    if (in.path == "/elsewhere") {
        r.status = 302;
        r.headers.emplace_back("location", "/");
    }
    co_return r;
}

class client_test : public testing::Test {
  protected:
    client_test() { calls = 0; }
    client_request to(std::string_view path) const {
        client_request what;
        what.url = fmt::format("http://127.0.0.1:{}{}", server_.port(), path);
        return what;
    }
    client_response ask(client_request what) { return loop_.run_until(client_.send(std::move(what))); }
    std::optional<upstream_error::kind> failure_of(client_request what) {
        try {
            ask(std::move(what));
        } catch (const upstream_error& e) {
            return e.why();
        }
        return std::nullopt;
    }

    testing_server server_{{}, upstream};
    loop loop_;  // outlives the client
    client client_;
};

TEST_F(client_test, sends_and_receives) {
    auto what = to("/");
    what.method = verb::post;
    what.body = "hello";
    what.trace_parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    const auto answer = ask(std::move(what));
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "POST hello 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    EXPECT_NE(std::find(answer.headers.begin(), answer.headers.end(),
                        std::pair<std::string, std::string>("x-mixed-case", "kept")),
              answer.headers.end());
}

TEST_F(client_test, sends_a_large_body_without_asking_first) {
    auto what = to("/names");
    what.method = verb::post;
    what.body.assign(200'000, 'x');
    const auto answer = ask(std::move(what));
    EXPECT_NE(answer.body.find("[host]"), std::string::npos);
    EXPECT_EQ(answer.body.find("[expect]"), std::string::npos);
}

TEST_F(client_test, an_answer_with_any_status_is_a_value) {
    EXPECT_EQ(ask(to("/away")).status, 503);
    EXPECT_EQ(ask(to("/elsewhere")).status, 302);  // redirects are not followed
    EXPECT_EQ(calls, 2);
}

TEST_F(client_test, says_why_there_was_no_answer) {
    auto slow = to("/slow");
    slow.deadline = milliseconds(60);
    EXPECT_EQ(failure_of(std::move(slow)), upstream_error::kind::timed_out);

    auto large = to("/large");
    large.body_limit = 4999;
    EXPECT_EQ(failure_of(std::move(large)), upstream_error::kind::too_large);

    auto nobody = to("/");
    nobody.url = "http://127.0.0.1:1/";
    EXPECT_EQ(failure_of(std::move(nobody)), upstream_error::kind::unreachable);

    auto local = to("/");
    local.url = "file:///etc/hostname";
    EXPECT_EQ(failure_of(std::move(local)), upstream_error::kind::unreachable);
}

TEST_F(client_test, repeats_only_when_asked_and_within_the_deadline) {
    auto what = to("/recovers");
    what.retries = 3;
    EXPECT_EQ(ask(std::move(what)).status, 200);
    EXPECT_EQ(calls, 3);

    calls = 0;
    what = to("/away");
    what.retries = 2;
    EXPECT_EQ(ask(std::move(what)).status, 503);
    EXPECT_EQ(calls, 3);
}

task<void> count_one(client& c, client_request what, int& done, int& refused) {
    try {
        co_await c.send(std::move(what));
        ++done;
    } catch (const upstream_error& e) {
        if (e.why() == upstream_error::kind::overloaded) ++refused;
    }
}

task<void> send_many(client& c, client_request what, int many, int& done, int& refused) {
    for (int i = 0; i < many; ++i) spawn(count_one(c, what, done, refused));
    for (int i = 0; i < 300 && done + refused < many; ++i) co_await sleep_for(milliseconds(10));
}

TEST_F(client_test, what_waits_starts_as_soon_as_there_is_a_place) {
    client narrow({.in_flight = 1, .queue_limit = 100});
    int done = 0, refused = 0;
    const auto begin = std::chrono::steady_clock::now();
    loop_.run_until(send_many(narrow, to("/short"), 10, done, refused));
    EXPECT_EQ(done, 10);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, milliseconds(1500));
}

TEST_F(client_test, the_queue_is_bounded) {
    client narrow({.in_flight = 1, .queue_limit = 2});
    int done = 0, refused = 0;
    loop_.run_until(send_many(narrow, to("/short"), 50, done, refused));
    EXPECT_GE(refused, 40);
    EXPECT_EQ(done + refused, 50);
}

TEST_F(client_test, closing_ends_what_is_under_way) {
    std::optional<client> brief(std::in_place);
    int done = 0, refused = 0;
    const auto close_soon = [](std::optional<client>& c, client_request what, int& d, int& r) -> task<void> {
        spawn(count_one(*c, std::move(what), d, r));
        co_await sleep_for(milliseconds(50));
        c.reset();
        co_await sleep_for(milliseconds(10));
    };
    const auto begin = std::chrono::steady_clock::now();
    loop_.run_until(close_soon(brief, to("/slow"), done, refused));
    EXPECT_EQ(done, 0);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, milliseconds(350));
}

}  // namespace
}  // namespace astrotalk::http
