#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "core/verify.hpp"
#include "redis/buckets.hpp"
#include "redis/redis.hpp"

namespace astrotalk::redis {
namespace {

using std::chrono::milliseconds;

// Listens where a Redis would, and does what a test tells it to.
class stand_in {
  public:
    stand_in() : listening_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in at{};
        at.sin_family = AF_INET;
        at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        verify(::bind(listening_, reinterpret_cast<sockaddr*>(&at), sizeof at) == 0);
        verify(::listen(listening_, 8) == 0);
        socklen_t size = sizeof at;
        ::getsockname(listening_, reinterpret_cast<sockaddr*>(&at), &size);
        port = ntohs(at.sin_port);
    }
    ~stand_in() {
        hang_up();
        ::close(listening_);
    }
    stand_in(const stand_in&) = delete;

    void accept() {
        pollfd p{listening_, POLLIN, 0};
        verify(::poll(&p, 1, 5000) == 1);
        client_ = ::accept(listening_, nullptr, nullptr);
    }
    void welcome() {
        accept();
        expect("PING");
        send("+PONG\r\n");
    }
    // Receives until that has come; gives what came before it and it.
    std::string expect(std::string_view text) {
        while (received_.find(text) == std::string::npos) {
            pollfd p{client_, POLLIN, 0};
            char part[4096];
            verify(::poll(&p, 1, 5000) == 1);
            const auto got = ::recv(client_, part, sizeof part, 0);
            verify(got > 0);
            received_.append(part, static_cast<std::size_t>(got));
        }
        const auto end = received_.find(text) + text.size();
        std::string seen = received_.substr(0, end);
        received_.erase(0, end);
        return seen;
    }
    void send(std::string_view bytes) const {
        verify(::send(client_, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<long>(bytes.size()));
    }
    void hang_up() {
        if (client_ >= 0) ::close(std::exchange(client_, -1));
        received_.clear();
    }
    std::uint16_t port = 0;

  private:
    int listening_, client_ = -1;
    std::string received_;
};

options quick(std::uint16_t port) {
    options o;
    o.at.host = "127.0.0.1";
    o.at.port = port;
    o.deadline = milliseconds(100);
    o.patience = milliseconds(300);
    o.longest_backoff = milliseconds(20);
    return o;
}

task<bool> comes_up(client& c) {
    for (int i = 0; i < 500 && !c.up(); ++i) co_await sleep_for(milliseconds(5));
    co_return c.up();
}

task<void> keep(client& c, std::string word, std::optional<reply>& into, int& done) {
    into = co_await c.ask({"ECHO", std::move(word)});
    ++done;
}

// Runs `body` with a client, on a loop of its own, while `other` plays Redis on another thread.
template <class Body, class Other>
void converse(options how, Body body, Other other) {
    loop on;
    std::jthread playing(other);
    client c(on, std::move(how));
    on.run_until(body(c));
    on.run_until(c.close());
}

TEST(client, pipelines_and_gives_everybody_their_own_answer) {
    stand_in redis;
    converse(
        quick(redis.port),
        [](client& c) -> task<void> {
            EXPECT_TRUE(co_await comes_up(c));
            std::array<std::optional<reply>, 3> got;
            int done = 0;
            for (std::size_t i = 0; i < got.size(); ++i) spawn(keep(c, std::to_string(i), got[i], done));
            while (done < 3) co_await sleep_for(milliseconds(1));
            for (std::size_t i = 0; i < got.size(); ++i) {
                EXPECT_TRUE(got[i]);
                if (got[i]) EXPECT_EQ(got[i]->text, std::to_string(i));
            }
        },
        [&] {
            redis.welcome();
            redis.expect("$1\r\n2\r\n");  // all three are here before one is answered
            redis.send("$1\r\n0\r\n$1\r\n1");
            redis.send("\r\n$1\r\n2\r\n");
        });
}

TEST(client, says_who_it_is_and_what_database_it_wants_first) {
    stand_in redis;
    auto o = quick(redis.port);
    o.at.user = "app";
    o.at.password = secret("pass word");
    o.at.database = 3;
    converse(
        o, [](client& c) -> task<void> { EXPECT_TRUE(co_await comes_up(c)); },
        [&] {
            redis.accept();
            const auto seen = redis.expect("PING\r\n");
            EXPECT_EQ(seen,
                      "*3\r\n$4\r\nAUTH\r\n$3\r\napp\r\n$9\r\npass word\r\n"
                      "*2\r\n$6\r\nSELECT\r\n$1\r\n3\r\n*1\r\n$4\r\nPING\r\n");
            redis.send("+OK\r\n+OK\r\n+PONG\r\n");
        });
}

TEST(client, a_refused_password_is_not_up) {
    stand_in redis;
    auto o = quick(redis.port);
    o.at.password = secret("guess");
    std::atomic<bool> refused{false};
    converse(
        o,
        [&](client& c) -> task<void> {
            while (!refused) co_await sleep_for(milliseconds(5));
            EXPECT_FALSE(c.up());
            EXPECT_FALSE(co_await c.ask({"GET", "a"}));
        },
        [&] {
            for (int i = 0; i < 2; ++i) {
                redis.accept();
                redis.expect("PING\r\n");
                redis.send("-WRONGPASS no\r\n-NOAUTH\r\n");
                redis.hang_up();
            }
            refused = true;
        });
}

TEST(client, waits_no_longer_than_its_deadline_and_then_nobody_waits_until_the_answer_comes) {
    stand_in redis;
    std::atomic<bool> late{false};
    auto o = quick(redis.port);
    o.patience = milliseconds(60'000);
    converse(
        o,
        [&](client& c) -> task<void> {
            EXPECT_TRUE(co_await comes_up(c));
            const auto began = std::chrono::steady_clock::now();
            EXPECT_FALSE(co_await c.ask({"ECHO", "slow"}));
            const auto took = std::chrono::steady_clock::now() - began;
            EXPECT_GE(took, milliseconds(100));
            EXPECT_LT(took, milliseconds(1000));
            EXPECT_FALSE(c.up());
            EXPECT_FALSE(co_await c.ask({"ECHO", "not even sent"}));
            EXPECT_LT(std::chrono::steady_clock::now() - began - took, milliseconds(50));
            late = true;
            EXPECT_TRUE(co_await comes_up(c));
            const auto next = co_await c.ask({"ECHO", "next"});
            EXPECT_TRUE(next && next->text == "next") << "not the answer to what was given up";
        },
        [&] {
            redis.welcome();
            redis.expect("slow\r\n");
            while (!late) std::this_thread::sleep_for(milliseconds(1));
            redis.send("$4\r\nslow\r\n");
            EXPECT_EQ(redis.expect("next\r\n").find("not even"), std::string::npos);
            redis.send("$4\r\nnext\r\n");
        });
}

TEST(client, gives_up_a_connection_that_is_silent_too_long_and_makes_another) {
    stand_in redis;
    converse(
        quick(redis.port),
        [](client& c) -> task<void> {
            EXPECT_TRUE(co_await comes_up(c));
            EXPECT_FALSE(co_await c.ask({"ECHO", "lost"}));
            EXPECT_FALSE(c.up());
            EXPECT_TRUE(co_await comes_up(c));
            const auto got = co_await c.ask({"ECHO", "a"});
            EXPECT_TRUE(got && got->text == "a");
        },
        [&] {
            redis.welcome();
            redis.expect("lost\r\n");
            redis.welcome();  // the second connection waits in the backlog until then
            redis.expect("a\r\n");
            redis.send("$1\r\na\r\n");
        });
}

TEST(client, who_waits_when_the_connection_ends_is_told_at_once) {
    stand_in redis;
    auto o = quick(redis.port);
    o.deadline = milliseconds(60'000);
    converse(
        o,
        [](client& c) -> task<void> {
            EXPECT_TRUE(co_await comes_up(c));
            EXPECT_FALSE(co_await c.ask({"ECHO", "lost"}));
            EXPECT_TRUE(co_await comes_up(c));
        },
        [&] {
            redis.welcome();
            redis.expect("lost\r\n");
            redis.hang_up();
            redis.welcome();
        });
}

TEST(client, what_is_not_the_protocol_ends_the_connection) {
    stand_in redis;
    auto o = quick(redis.port);
    o.deadline = milliseconds(60'000);
    converse(
        o,
        [](client& c) -> task<void> {
            EXPECT_TRUE(co_await comes_up(c));
            EXPECT_FALSE(co_await c.ask({"ECHO", "a"}));
            EXPECT_TRUE(co_await comes_up(c));
        },
        [&] {
            redis.accept();
            redis.expect("PING\r\n");
            redis.send("SSH-2.0-OpenSSH_9.2\r\n");
            redis.welcome();
            redis.expect("a\r\n");
            redis.send("HTTP/1.1 400 Bad Request\r\n");
            redis.welcome();
        });
}

TEST(client, its_queue_is_bounded) {
    stand_in redis;
    auto o = quick(redis.port);
    o.queue_limit = 2;
    converse(
        o,
        [](client& c) -> task<void> {
            EXPECT_TRUE(co_await comes_up(c));
            std::array<std::optional<reply>, 2> got;
            int done = 0;
            for (auto& each : got) spawn(keep(c, "a", each, done));
            const auto began = std::chrono::steady_clock::now();
            EXPECT_FALSE(co_await c.ask({"ECHO", "one too many"}));
            EXPECT_LT(std::chrono::steady_clock::now() - began, milliseconds(50));
            while (done < 2) co_await sleep_for(milliseconds(1));
        },
        [&] {
            redis.welcome();
            redis.expect("a\r\n");
        });
}

TEST(client, closes_while_nobody_is_there) {
    std::uint16_t nobody = 0;
    {
        const stand_in gone;
        nobody = gone.port;
    }
    loop on;
    client c(on, quick(nobody));
    on.run_until([](client& of) -> task<void> {
        co_await sleep_for(milliseconds(50));
        EXPECT_FALSE(of.up());
        EXPECT_FALSE(co_await of.ask({"PING"}));
        co_await of.close();
    }(c));
}

TEST(buckets, teach_redis_the_script_once_and_read_its_verdict) {
    stand_in redis;
    converse(
        quick(redis.port),
        [](client& c) -> task<void> {
            EXPECT_TRUE(co_await comes_up(c));
            const auto first = co_await take_token(c, "k", 2, 5);
            EXPECT_TRUE(first && first->allowed && first->remaining == 4);
            const auto second = co_await take_token(c, "k", 2, 5);
            EXPECT_TRUE(second && !second->allowed && second->wait == std::chrono::microseconds(1500));
            EXPECT_FALSE(co_await take_token(c, "k", 2, 5)) << "a refusal by Redis is no verdict";
        },
        [&] {
            redis.welcome();
            redis.expect("EVALSHA");
            redis.expect("500000\r\n$1\r\n5\r\n");
            redis.send("-NOSCRIPT No matching script\r\n");
            redis.expect("EVAL\r\n");
            redis.expect("500000\r\n$1\r\n5\r\n");
            redis.send("*3\r\n:1\r\n:4\r\n:0\r\n");
            redis.expect("EVALSHA");
            redis.send("*3\r\n:0\r\n:0\r\n:1500\r\n");
            redis.expect("EVALSHA");
            redis.send("-READONLY You can't write against a read only replica.\r\n");
        });
}

}  // namespace
}  // namespace astrotalk::redis
