#include <gtest/gtest.h>

#include <atomic>

#include "http/body_stream.hpp"
#include "http/testing_server.hpp"

namespace astrotalk::http {
namespace {

using std::chrono::milliseconds;

// What the streams of a test tell it.
struct seen {
    std::atomic<int> begun{0}, ended{0}, pieces{0};
};

task<void> count_to_three(body_stream& out) {
    for (int i = 1; i <= 3; ++i) {
        co_await out.write(fmt::format("piece {}\n", i));
        co_await sleep_for(milliseconds(10));
    }
}
// Says something at the start, and then waits.
task<void> wait_for_news(seen& s, body_stream& out) {
    co_await out.write("hello\n");
    ++s.begun;
    while (out.open()) {
        co_await out.changed().wait_for(std::chrono::seconds(20));
        out.changed().reset();
    }
    ++s.ended;
}
task<void> talk_without_end(seen& s, body_stream& out) {
    const std::string piece(64 * 1024, 'x');
    while (co_await out.write(piece)) ++s.pieces;
    ++s.ended;
}
task<void> fail_in_the_middle(body_stream& out) {
    co_await out.write("half");
    throw std::runtime_error("no more");
}

server::answerer streams(seen& s) {
    return [&s](request& in, std::size_t) -> task<response> {
        response r;
        r.content_type = "text/plain";
        if (in.path == "/three") r.streamed = [](body_stream& out) { return count_to_three(out); };
        if (in.path == "/news") r.streamed = [&s](body_stream& out) { return wait_for_news(s, out); };
        if (in.path == "/endless") r.streamed = [&s](body_stream& out) { return talk_without_end(s, out); };
        if (in.path == "/fails") r.streamed = [](body_stream& out) { return fail_in_the_middle(out); };
        if (!r.streamed) r.body = "plain";
        co_return r;
    };
}

server_options quick() {
    server_options o;
    o.header_time = o.body_time = o.idle_time = milliseconds(200);
    o.write_time = milliseconds(200);
    o.drain_time = milliseconds(2000);
    return o;
}

std::string get(std::string_view path, std::string_view version = "1.1") {
    return fmt::format("GET {} HTTP/{}\r\nHost: h\r\n\r\n", path, version);
}

// Looks often, and gives up after five seconds.
template <class Condition>
bool comes_true(Condition condition) {
    for (int i = 0; i < 1000 && !condition(); ++i) std::this_thread::sleep_for(milliseconds(5));
    return condition();
}

TEST(stream, arrives_in_chunks_and_the_connection_goes_on) {
    seen s;
    const testing_server server(quick(), streams(s));
    raw_client c(server.port());
    c.send(get("/three"));
    ASSERT_TRUE(c.wait_for("\r\n0\r\n\r\n"));
    EXPECT_NE(c.received.find("transfer-encoding: chunked"), std::string::npos);
    EXPECT_EQ(c.received.find("content-length"), std::string::npos);
    EXPECT_NE(c.received.find("8\r\npiece 1\n\r\n8\r\npiece 2\n\r\n8\r\npiece 3\n\r\n0\r\n\r\n"),
              std::string::npos)
        << c.received;
    c.send(get("/plain"));
    EXPECT_TRUE(c.wait_for("plain"));
}

TEST(stream, of_http_1_0_ends_with_its_connection) {
    seen s;
    const testing_server server(quick(), streams(s));
    raw_client c(server.port());
    c.send("GET /three HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_TRUE(c.rest().ends_with("\r\n\r\npiece 1\npiece 2\npiece 3\n")) << c.received;
    EXPECT_EQ(c.received.find("chunked"), std::string::npos);
}

TEST(stream, has_no_body_for_head) {
    seen s;
    const testing_server server(quick(), streams(s));
    raw_client c(server.port());
    c.send("HEAD /three HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    EXPECT_TRUE(c.rest().ends_with("\r\n\r\n"));
    EXPECT_EQ(c.received.find("piece"), std::string::npos);
}

TEST(stream, outlasts_every_limit_on_silence_while_both_sides_are_there) {
    seen s;
    const testing_server server(quick(), streams(s));
    raw_client c(server.port());
    c.send(get("/news"));
    ASSERT_TRUE(c.wait_for("hello"));
    std::this_thread::sleep_for(milliseconds(600));  // the limits are 200 ms
    EXPECT_EQ(s.ended, 0);
    EXPECT_EQ(server.connections(), 1u);
}

TEST(stream, ends_when_the_client_goes_though_nothing_is_sent) {
    seen s;
    const testing_server server(quick(), streams(s));
    {
        raw_client c(server.port());
        c.send(get("/news"));
        ASSERT_TRUE(c.wait_for("hello"));
        EXPECT_EQ(s.ended, 0);
    }
    EXPECT_TRUE(comes_true([&] { return s.ended == 1 && server.connections() == 0; }));
}

TEST(stream, is_as_slow_as_its_reader_and_ends_with_one_that_does_not_read) {
    seen s;
    const testing_server server(quick(), streams(s));
    const raw_client c(server.port());
    c.send(get("/endless"));
    EXPECT_TRUE(comes_true([&] { return s.ended == 1; })) << "after write_time";
    // What the kernel buffers for both ends of a socket, and nothing of ours.
    EXPECT_LT(s.pieces, 400);
    EXPECT_TRUE(comes_true([&] { return server.connections() == 0; }));
}

TEST(stream, goes_on_for_a_reader_who_is_slow_but_reads) {
    seen s;
    auto o = quick();
    o.write_time = milliseconds(2000);
    const testing_server server(o, streams(s));
    raw_client c(server.port());
    c.send(get("/endless"));
    for (int i = 0; i < 1600; ++i) {  // longer than write_time in all
        ASSERT_TRUE(c.receive());
        if (i % 50 == 0) std::this_thread::sleep_for(milliseconds(80));
    }
    EXPECT_EQ(s.ended, 0);
}

TEST(stream, that_fails_does_not_look_whole) {
    seen s;
    const testing_server server(quick(), streams(s));
    raw_client c(server.port());
    c.send(get("/fails"));
    c.rest();
    EXPECT_TRUE(c.closed());
    EXPECT_TRUE(c.received.ends_with("4\r\nhalf\r\n")) << c.received;
}

TEST(stream, ends_whole_when_the_server_stops) {
    seen s;
    testing_server server(quick(), streams(s), 2);
    std::vector<std::unique_ptr<raw_client>> all;
    for (int i = 0; i < 8; ++i) {
        all.push_back(std::make_unique<raw_client>(server.port()));
        all.back()->send(get("/news"));
        ASSERT_TRUE(all.back()->wait_for("hello"));
    }
    const auto begin = std::chrono::steady_clock::now();
    server.stop();
    EXPECT_LT(std::chrono::steady_clock::now() - begin, milliseconds(1500)) << "long before drain_time";
    EXPECT_EQ(s.ended, 8);
    for (auto& each : all) EXPECT_TRUE(each->rest().ends_with("6\r\nhello\n\r\n0\r\n\r\n"));
}

}  // namespace
}  // namespace astrotalk::http
