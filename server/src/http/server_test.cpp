#include "http/server.hpp"

#include <gtest/gtest.h>

#include <system_error>

#include "http/testing_server.hpp"

namespace astrotalk::http {
namespace {

using std::chrono::milliseconds;

// Says what it was asked; some paths do more.
task<response> echo(request& in, std::size_t) {
    if (in.path == "/slow") co_await sleep_for(milliseconds(150));
    if (in.path == "/throws") throw std::runtime_error("secret detail");
    response r;
    r.content_type = "text/plain";
    if (in.path == "/big") {
        r.body.assign(8 << 20, 'x');
        co_return r;
    }
    if (in.path == "/empty") {
        r.status = 204;
        co_return r;
    }
    if (in.path == "/inject") r.headers.emplace_back("x-back", "a\r\nset-cookie: b");
    r.body = fmt::format("[{} {} ?{} {} {}]", name_of(in.method), in.path, in.query, in.body, in.peer);
    co_return r;
}

server_options quick() {
    server_options o;
    o.header_time = o.body_time = o.idle_time = milliseconds(200);
    o.write_time = milliseconds(300);
    o.drain_time = milliseconds(1000);
    o.body_limit = 1000;
    o.least_rate = 1u << 30;
    return o;
}

constexpr std::string_view get_a = "GET /a?x=1 HTTP/1.1\r\nHost: h\r\n\r\n";
constexpr std::string_view get_last = "GET /last HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";

std::string answer_to(const testing_server& s, std::string_view bytes) {
    raw_client c(s.port());
    c.send(bytes);
    return c.rest();
}

TEST(server, answers_with_the_standing_headers) {
    const testing_server s({}, echo);
    const std::string all = answer_to(s, get_last);
    EXPECT_TRUE(all.starts_with("HTTP/1.1 200 OK\r\ndate: "));
    for (const auto* line : {"content-type: text/plain", "cache-control: no-store",
                             "x-content-type-options: nosniff", "referrer-policy: no-referrer",
                             "content-security-policy: default-src 'none'", "connection: close", " GMT\r\n"})
        EXPECT_NE(all.find(line), std::string::npos) << line;
    EXPECT_EQ(all.find("erver:"), std::string::npos);
    EXPECT_TRUE(all.ends_with("\r\n\r\n[GET /last ?  127.0.0.1]"));
}

TEST(server, keeps_connections_and_answers_pipelined_requests_in_order) {
    const testing_server s({}, echo);
    raw_client c(s.port());
    c.send(
        "GET /slow HTTP/1.1\r\nHost: h\r\n\r\n"
        "POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc"
        "POST /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nxyz\r\n0\r\n\r\n"
        "\r\nGET /d HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    const std::string& all = c.rest();
    const auto a = all.find("[GET /slow"), b = all.find("[POST /b ? abc"), d = all.find("[POST /c ? xyz"),
               e = all.find("[GET /d");
    EXPECT_TRUE(a < b && b < d && d < e && e != std::string::npos) << all;
}

TEST(server, takes_requests_in_any_pieces) {
    const testing_server s({}, echo);
    raw_client c(s.port());
    const std::string_view bytes =
        "POST /p HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: "
        "chunked\r\n\r\n4;ext=1\r\nab\r\n\r\n2\r\ncd\r\n0\r\nX-T: v\r\n\r\n"
        "POST /q HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello";
    for (const char byte : bytes) {
        ASSERT_TRUE(c.send({&byte, 1}));
        std::this_thread::sleep_for(std::chrono::microseconds(100));
    }
    const std::string& all = c.rest();
    EXPECT_NE(all.find("[POST /p ? ab\r\ncd"), std::string::npos) << all;
    EXPECT_NE(all.find("[POST /q ? hello"), std::string::npos) << all;
}

TEST(server, reads_a_body_larger_than_its_buffer) {
    const testing_server s({}, echo);
    const std::string body(600'000, 'b');
    std::string chunked;
    for (int i = 0; i < 60; ++i) chunked += "2710\r\n" + body.substr(0, 10'000) + "\r\n";
    for (const std::string& framed :
         {fmt::format("Content-Length: {}\r\n\r\n{}", body.size(), body),
          fmt::format("Transfer-Encoding: chunked\r\n\r\n{}0\r\n\r\n", chunked)}) {
        const std::string all =
            answer_to(s, "POST /big-one HTTP/1.1\r\nHost: h\r\nConnection: close\r\n" + framed);
        EXPECT_NE(all.find(body), std::string::npos);
    }
}

TEST(server, sends_a_body_larger_than_the_socket_takes) {
    const testing_server s({}, echo);
    raw_client c(s.port());
    c.send("GET /big HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    std::this_thread::sleep_for(milliseconds(50));
    const std::string& all = c.rest();
    EXPECT_EQ(all.size() - all.find("\r\n\r\n") - 4, 8u << 20);
}

TEST(server, head_and_204_have_no_body) {
    const testing_server s({}, echo);
    const std::string head = answer_to(s, "HEAD /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    EXPECT_NE(head.find("content-length: 22\r\n"), std::string::npos) << head;
    EXPECT_TRUE(head.ends_with("\r\n\r\n"));
    const std::string empty = answer_to(s, "GET /empty HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    EXPECT_TRUE(empty.starts_with("HTTP/1.1 204 No Content"));
    EXPECT_EQ(empty.find("content-length"), std::string::npos);
}

TEST(server, speaks_to_http_1_0_clients) {
    const testing_server s({}, echo);
    const std::string plain = answer_to(s, "GET /old HTTP/1.0\r\n\r\n");
    EXPECT_NE(plain.find("connection: close"), std::string::npos);
    raw_client c(s.port());
    c.send("GET /old HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_TRUE(c.wait_for("[GET /old"));
    EXPECT_NE(c.received.find("connection: keep-alive"), std::string::npos);
}

TEST(server, says_100_continue_only_to_who_waits) {
    const testing_server s(quick(), echo);
    raw_client c(s.port());
    c.send("POST /e HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
    EXPECT_TRUE(c.wait_for("HTTP/1.1 100 Continue\r\n\r\n"));
    c.send("ok");
    EXPECT_TRUE(c.wait_for("[POST /e ? ok"));
    const std::string refused =
        answer_to(s, "POST /e HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2000\r\n\r\n");
    EXPECT_TRUE(refused.starts_with("HTTP/1.1 413"));
}

TEST(server, refuses_what_is_malformed_or_too_large) {
    const testing_server s(quick(), echo);
    const std::string line = "x: " + std::string(1000, 'y') + "\r\n";
    std::string long_header, many_headers;
    for (int i = 0; i < 17; ++i) long_header += line;
    for (int i = 0; i < 101; ++i) many_headers += "x: y\r\n";
    const std::string get = "GET / HTTP/1.1\r\nHost: h\r\n", post = "POST / HTTP/1.1\r\nHost: h\r\n";
    const std::string chunked = post + "Transfer-Encoding: chunked\r\n\r\n";
    struct {
        std::string bytes;
        int status;
    } const rows[] = {
        {"nonsense\r\n\r\n", 400},
        {"GET / HTTP/2.0\r\nHost: h\r\n\r\n", 400},
        {"GET nowhere HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\n\r\n", 400},
        {get + "Host: other\r\n\r\n", 400},
        {get + "X: a\r\n folded\r\n\r\n", 400},
        {get + "X : space\r\n\r\n", 400},
        {post + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400},
        {post + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
        {post + "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n0\r\n\r\n", 400},
        {post + "Content-Length: -1\r\n\r\n", 400},
        {post + "Transfer-Encoding: gzip\r\n\r\n", 501},
        {post + "Expect: a miracle\r\nContent-Length: 1\r\n\r\n", 417},
        {chunked + "zz\r\n\r\n", 400},
        {post + "Content-Length: 1001\r\n\r\n", 413},
        {chunked + "3e9\r\n" + std::string(1001, 'a') + "\r\n0\r\n\r\n", 413},
        {get + long_header + "\r\n", 431},
        {get + long_header, 431},
        {get + many_headers + "\r\n", 431},
    };
    for (const auto& row : rows) {
        const std::string all = answer_to(s, row.bytes);
        EXPECT_TRUE(all.starts_with(fmt::format("HTTP/1.1 {} ", row.status)))
            << row.bytes.substr(0, 200) << "\n"
            << all;
        EXPECT_NE(all.find("application/problem+json"), std::string::npos);
        EXPECT_NE(all.find("connection: close"), std::string::npos);
    }
}

TEST(server, a_large_body_sent_at_once_still_reads_its_413) {
    const testing_server s(quick(), echo);
    const std::string all = answer_to(
        s, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 900000\r\n\r\n" + std::string(900'000, 'a'));
    EXPECT_TRUE(all.starts_with("HTTP/1.1 413")) << all.substr(0, 100);
}

// Below /files/ bodies of up to 5000 bytes are taken, from who says "yes" in a header.
server_options with_large_bodies() {
    auto o = quick();
    o.admit_large_body = [](request& head, std::size_t) -> task<server_options::admission> {
        if (!head.path.starts_with("/files/")) co_return server_options::admission{};
        if (head.header("x-may") == "yes") co_return server_options::admission{5000};
        co_return server_options::admission{0, problem(403, "forbidden", "Not you")};
    };
    o.large_bodies = 8000;
    return o;
}

std::string upload(std::string_view path, std::string_view who, std::size_t size, bool chunked = false) {
    const std::string head = fmt::format("PUT {} HTTP/1.1\r\nHost: h\r\nX-May: {}\r\n", path, who);
    if (!chunked) return fmt::format("{}Content-Length: {}\r\n\r\n{}", head, size, std::string(size, 'a'));
    return fmt::format("{}Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{}\r\n0\r\n\r\n", head, size,
                       std::string(size, 'a'));
}

TEST(server, a_large_body_is_for_who_is_admitted_and_below_its_own_limit) {
    const testing_server s(with_large_bodies(), echo);
    for (const bool chunked : {false, true}) {
        struct {
            std::string_view path, who;
            std::size_t size;
            int status;
        } const rows[] = {{"/files/a", "yes", 5000, 200}, {"/files/a", "yes", 5001, 413},
                          {"/files/a", "no", 1001, 403},  {"/else", "yes", 1001, 413},
                          {"/else", "yes", 1000, 200},    {"/files/a", "no", 1000, chunked ? 403 : 200}};
        for (const auto& row : rows) {
            const auto all = answer_to(s, upload(row.path, row.who, row.size, chunked));
            EXPECT_TRUE(all.starts_with(fmt::format("HTTP/1.1 {} ", row.status)))
                << row.path << row.who << row.size << chunked << all.substr(0, 30);
        }
    }
}

TEST(server, large_bodies_are_few_at_once_and_a_refusal_comes_before_the_body) {
    auto o = with_large_bodies();
    o.body_time = o.header_time = o.idle_time = milliseconds(5000);
    const testing_server s(o, echo);
    raw_client slow(s.port());
    const auto whole = upload("/files/a", "yes", 5000);
    slow.send(whole.substr(0, 2000));
    raw_client waits(s.port());
    waits.send("PUT /files/b HTTP/1.1\r\nHost: h\r\nX-May: no\r\nContent-Length: 4000\r\n\r\n");
    EXPECT_TRUE(waits.wait_for("HTTP/1.1 403")) << "although nothing of its body was sent";
    EXPECT_TRUE(answer_to(s, upload("/files/c", "yes", 4000)).starts_with("HTTP/1.1 503"));
    slow.send(whole.substr(2000));
    EXPECT_TRUE(slow.wait_for("HTTP/1.1 200"));
    slow.send("GET /a HTTP/1.1\r\nHost: h\r\n\r\n");  // its place is free once it is answered
    EXPECT_TRUE(slow.wait_for("[GET /a"));
    raw_client next(s.port());
    next.send(upload("/files/c", "yes", 4000));
    EXPECT_TRUE(next.wait_for("HTTP/1.1 200"));
}

TEST(server, an_exception_is_a_500_without_detail) {
    const testing_server s({}, echo);
    const std::string all = answer_to(s, "GET /throws HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    EXPECT_TRUE(all.starts_with("HTTP/1.1 500"));
    EXPECT_EQ(all.find("secret"), std::string::npos);
}

TEST(server, header_values_cannot_split_the_response) {
    const testing_server s({}, echo);
    const std::string all = answer_to(s, "GET /inject HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    EXPECT_NE(all.find("x-back: aset-cookie: b\r\n"), std::string::npos);
}

TEST(server, slow_clients_are_ended) {
    const testing_server s(quick(), echo);
    struct {
        const char* what;
        std::string_view bytes;
        std::string_view answer;  // the start of it
    } const rows[] = {
        {"says nothing", "", ""},
        {"header never ends", "GET / HTTP/1.1\r\nHo", "HTTP/1.1 408"},
        {"body never comes", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\na", "HTTP/1.1 408"},
        {"chunks stop", "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\na",
         "HTTP/1.1 408"},
        {"idle after a request", get_a, "HTTP/1.1 200"},
    };
    for (const auto& row : rows) {
        raw_client c(s.port());
        c.send(row.bytes);
        const auto started = std::chrono::steady_clock::now();
        EXPECT_TRUE(c.rest().starts_with(row.answer)) << row.what;
        EXPECT_TRUE(c.closed()) << row.what;
        EXPECT_LT(std::chrono::steady_clock::now() - started, milliseconds(1500)) << row.what;
    }
}

TEST(server, a_trickle_does_not_lengthen_the_time_for_a_header) {
    const testing_server s(quick(), echo);
    raw_client c(s.port());
    const auto started = std::chrono::steady_clock::now();
    c.send("GET / HTTP/1.1\r\nX: ");
    while (std::chrono::steady_clock::now() - started < milliseconds(1000) && c.send("y"))
        std::this_thread::sleep_for(milliseconds(20));
    EXPECT_TRUE(c.rest().starts_with("HTTP/1.1 408"));
}

TEST(server, who_does_not_read_the_answer_is_ended) {
    const testing_server s(quick(), echo);
    raw_client c(s.port());
    c.send("GET /big HTTP/1.1\r\nHost: h\r\n\r\n");
    for (int i = 0; i < 300 && s.connections() > 0; ++i) std::this_thread::sleep_for(milliseconds(10));
    EXPECT_EQ(s.connections(), 0u);
}

TEST(server, connections_are_capped) {
    auto o = quick();
    o.idle_time = o.header_time = milliseconds(3000);
    o.connection_limit = 2;
    const testing_server s(o, echo, 2);
    raw_client a(s.port()), b(s.port());
    a.send(get_a), b.send(get_a);
    EXPECT_TRUE(a.wait_for("[GET /a"));
    EXPECT_TRUE(b.wait_for("[GET /a"));
    raw_client c(s.port());
    EXPECT_TRUE(c.rest().starts_with("HTTP/1.1 503"));
}

TEST(server, stopping_lets_the_request_in_flight_finish) {
    auto o = quick();
    o.idle_time = o.header_time = milliseconds(5000);
    testing_server s(o, echo, 2);
    raw_client idle(s.port()), busy(s.port()), half(s.port());
    idle.send(get_a);
    EXPECT_TRUE(idle.wait_for("[GET /a"));
    half.send("POST /half HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nab");
    busy.send("GET /slow HTTP/1.1\r\nHost: h\r\n\r\n");
    std::this_thread::sleep_for(milliseconds(50));
    std::jthread stopping([&] { s.stop(); });
    std::this_thread::sleep_for(milliseconds(50));
    half.send("cd");
    EXPECT_NE(busy.rest().find("[GET /slow"), std::string::npos);
    EXPECT_NE(busy.received.find("connection: close"), std::string::npos);
    EXPECT_NE(half.rest().find("[POST /half ? abcd"), std::string::npos);
    idle.rest();
    EXPECT_TRUE(idle.closed());
    stopping.join();
    EXPECT_EQ(s.connections(), 0u);
}

TEST(server, stopping_does_not_wait_for_ever) {
    auto o = quick();
    o.body_time = milliseconds(60'000);
    o.drain_time = milliseconds(100);
    testing_server s(o, echo);
    raw_client never(s.port());
    never.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nab");
    std::this_thread::sleep_for(milliseconds(30));
    const auto started = std::chrono::steady_clock::now();
    s.stop();
    EXPECT_LT(std::chrono::steady_clock::now() - started, milliseconds(1000));
    EXPECT_EQ(s.connections(), 0u);
}

TEST(server, believes_the_nearest_proxy_only) {
    const testing_server s({}, echo);
    const std::string all = answer_to(s,
                                      "GET /x HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 1.1.1.1, 203.0.113.9, "
                                      "127.0.0.1\r\nConnection: close\r\n\r\n");
    EXPECT_TRUE(all.ends_with("203.0.113.9]")) << all;
    const std::string apart = answer_to(s,
                                        "GET /x HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 1.1.1.1\r\n"
                                        "X-Forwarded-For: 203.0.113.9\r\nConnection: close\r\n\r\n");
    EXPECT_TRUE(apart.ends_with("203.0.113.9]")) << apart;
}

TEST(server, believes_no_proxy_that_was_not_declared) {
    server_options o;
    o.proxies = *trusted_proxies::parse({"192.0.2.1"});
    const testing_server s(o, echo);
    const std::string all = answer_to(
        s, "GET /x HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 203.0.113.9\r\nConnection: close\r\n\r\n");
    EXPECT_TRUE(all.ends_with(" 127.0.0.1]")) << all;
}

TEST(server, says_plainly_that_a_port_is_taken) {
    const testing_server s({}, echo);
    server_options o;
    o.port = s.port();
    loop second;
    EXPECT_THROW(server(o, {&second}, echo), std::system_error);
}

}  // namespace
}  // namespace astrotalk::http
