// An HTTP/1.1 server over the loops of the process: accepts, reads requests within limits, asks for an
// answer, sends it. Over plain TCP, or over TLS with a certificate of its own.
//
// One acceptor hands each connection to the least-loaded loop, where it stays: nothing is shared on a
// request's way. Requests of one connection are answered one at a time, in order, pipelined or not. What a
// client does wrong (malformed, too large, too slow) is answered here with a problem and the connection
// closed. A TLS handshake is done on the connection's loop (a signature of RSA-2048 takes a quarter of a
// millisecond) and counts as a connection from the start.
//
// Thread safety: `start`, `port` and `connections` may be called from any thread; `stop` on one of the loops.
// Lifetime: the server and what `answer` refers to outlive `stop`; the loops outlive the server.
// Errors: the constructor throws std::system_error when it cannot listen. An exception that leaves `answer`
// is a 500.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/loop.hpp"
#include "crypto/tls.hpp"
#include "http/http.hpp"
#include "http/proxies.hpp"

namespace astrotalk::http {

struct server_options {
    std::string host = "127.0.0.1";  // an address, not a name
    std::uint16_t port = 0;          // 0: any free one
    std::size_t header_limit = 16 * 1024;
    std::size_t body_limit = 1024 * 1024;
    // How large the body of one request may be that is above body_limit, or says no length: asked when its
    // header is complete and its body not yet read, so that a stranger's fills no memory. Unset: nobody's
    // may be. Runs on the request's loop; whoever refuses gives the whole answer. Throwing closes the
    // connection.
    struct admission {
        std::size_t limit = 0;  // below body_limit: body_limit
        std::optional<response> refusal{};
    };
    std::function<task<admission>(request& head, std::size_t loop)> admit_large_body{};
    // Bytes of such bodies that one loop takes at once, by what they announce; more are answered 503.
    std::size_t large_bodies = 256u << 20;
    // Bytes a second that a large body must make, either way, beyond body_time and write_time.
    std::size_t least_rate = 64 * 1024;
    std::size_t connection_limit = 10'000;  // more are answered 503 and closed
    std::chrono::milliseconds header_time{
        10'000};  // from the first byte of a request to the end of its header
    std::chrono::milliseconds body_time{60'000};
    std::chrono::milliseconds idle_time{
        75'000};  // between requests; longer than the proxies in front keep theirs
    std::chrono::milliseconds write_time{30'000};
    std::chrono::milliseconds drain_time{10'000};  // for the requests in flight when the server stops
    bool behind_tls = false;                       // sends Strict-Transport-Security
    trusted_proxies proxies{};
    // Set: this server ends TLS itself. Each connection begins with the certificate that is current then.
    const crypto::tls_certificate* certificate = nullptr;
    std::chrono::milliseconds handshake_time{5000};
    // Puts what is refused before anybody is asked into the form of that path's protocol.
    std::function<void(std::string_view path, response&)> restate{};
};

class server {
  public:
    // Answers one request on the loop of that index.
    using answerer = std::function<task<response>(request&, std::size_t loop)>;

    server(server_options how, std::vector<loop*> on, answerer answer);
    ~server();
    server(const server&) = delete;

    void start();
    std::uint16_t port() const;
    std::size_t connections() const;
    // Accepts no more, closes idle connections, lets requests in flight finish until `drain_time`, then
    // closes all.
    task<void> stop();

  private:
    struct state;
    std::shared_ptr<state> state_;
};

}  // namespace astrotalk::http
