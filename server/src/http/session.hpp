// One connection. Internal to the server: only server.cpp and session.cpp include this.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "http/server.hpp"
#include "http/socket_io.hpp"

namespace astrotalk::http {

using steady = std::chrono::steady_clock;

class session;

// The connections of one loop and what they share. Belongs to that loop but for `count`.
struct hall {
    loop& on;
    std::size_t index;
    const server_options& options;
    const server::answerer& answer;
    std::atomic<std::size_t> count{0};  // from the moment of acceptance
    std::vector<session*> sessions{};
    bool draining = false;
    std::size_t large_bodies = 0;  // bytes that are admitted and not answered yet
    event finished{};
    std::string date{};
    std::string scratch{};  // the response being sent; sending is synchronous unless the client is slow

    // Ends what has waited past its deadline.
    void sweep();
    // Closes connections between requests; the others close after their answer.
    void drain();
    void close_all();
};

class session {
  public:
    session(std::shared_ptr<hall> in, tcp_socket socket);
    ~session();
    session(const session&) = delete;

    // Serves until the connection ends. Owns itself: the frame holds the session.
    static task<void> serve(std::unique_ptr<session> self);

  private:
    friend struct hall;
    static constexpr std::size_t first_buffer = 4096;
    // A body up to this travels in the same buffer as the head.
    static constexpr std::size_t joined_body = 16 * 1024;
    class parser;
    class streaming;
    enum class phase : std::uint8_t { greeting, idle, reading, answering, writing, closing };
    enum class outcome : std::uint8_t { complete, gone, refused };

    task<void> run();
    task<bool> shake_hands();
    task<void> run_one();
    task<outcome> read_request(parser& p);
    task<outcome> read_header();
    outcome parse_header(parser& p);
    task<outcome> admit_body(parser& p);
    task<outcome> read_body(parser& p);
    task<outcome> read_sized_body(std::size_t size);
    task<outcome> read_chunked_body(parser& p);
    task<outcome> answer_request();
    task<bool> fill();
    task<void> send(const response& r, bool with_body);
    task<bool> send_slowly(std::string head, std::string_view body);
    task<void> send_stream(const response& r);
    task<bool> push(std::string bytes);
    void end_stream();
    task<void> linger();
    std::string sealed(std::string_view plain);
    read_some receive(char* into, std::size_t size);

    outcome refuse(int status, std::string_view code, std::string title);
    void enter(phase next, std::chrono::milliseconds allowed);
    std::chrono::milliseconds time_for(std::size_t size) const;
    std::size_t free_space() const { return capacity_ - end_; }
    void grow(std::size_t at_least);

    std::shared_ptr<hall> hall_;
    tcp_socket socket_;
    std::optional<crypto::tls_engine> tls_;
    std::size_t slot_;  // position in hall::sessions
    phase phase_ = phase::greeting;
    steady::time_point deadline_;
    bool expired_ = false;
    bool keep_alive_ = true;
    bool version_1_0_ = false;
    bool unread_ = false;             // the client may still be sending: linger before closing
    streaming* streaming_ = nullptr;  // while an answer is streamed
    std::string peer_;
    request request_;
    response refusal_;
    std::size_t large_ = 0;  // what this request has of the hall's large bodies
    std::string body_;       // when it did not arrive together with the header

    // Bytes [begin_, end_) are received and not consumed. The buffer does not move while a request refers to
    // it.
    std::unique_ptr<char[]> buffer_;
    std::size_t capacity_ = 0, begin_ = 0, end_ = 0;
    std::size_t header_size_ = 0;
};

}  // namespace astrotalk::http
