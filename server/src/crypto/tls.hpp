// TLS without sockets, over OpenSSL: what the network brought goes in, what it is to carry comes out. So the
// servers and clients that use it keep their own sockets, deadlines and limits.
//
// Thread safety: a context may be shared by all threads; an engine belongs to one connection and its loop.
// Errors: a context that cannot be made throws std::runtime_error with a message for the operator; what a
// peer does wrong ends its engine.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "core/watched_files.hpp"

struct ssl_st;
struct ssl_ctx_st;

namespace astrotalk::crypto {

using tls_context = std::shared_ptr<ssl_ctx_st>;

// For a server with that certificate chain and key (PEM files). TLS 1.2 and 1.3 with Mozilla's intermediate
// ciphers, but for those without an elliptic curve; ALPN http/1.1; no renegotiation, and neither tickets nor
// a session cache: there is no key of theirs to rotate, and connections live long.
tls_context tls_server(const std::string& certificate_file, const std::string& key_file);
// For a client that trusts the authorities in `ca_file`; empty: those of the system.
tls_context tls_client(const std::string& ca_file);

class tls_engine {
  public:
    explicit tls_engine(const tls_context& as_server);
    // The peer's certificate must be for `host`, a name or an address.
    tls_engine(const tls_context& as_client, const std::string& host);
    ~tls_engine();
    tls_engine(tls_engine&&) noexcept;

    enum class progress { wants_more, done, failed };
    // Also after `failed` there may be something to send: the alert that says why.
    progress handshake();

    void feed(std::string_view received);
    // Plaintext of what was fed; 0 when more is wanted or the peer is done. Look for what is outgoing
    // afterwards too: a peer may ask for an answer that is none of the application's.
    std::size_t read(char* into, std::size_t size);
    bool ended() const { return ended_; }
    void write(std::string_view plaintext);
    void close();  // says goodbye
    std::string take_outgoing();

    std::string fault() const { return fault_; }  // why it failed, for the log

  private:
    void fail();
    struct freed {
        void operator()(ssl_st* engine) const;
    };
    std::unique_ptr<ssl_st, freed> ssl_;
    bool ended_ = false;
    std::string fault_;
};

// A server's certificate and key as they are on disk. `current` may be called from any thread, `reload` by
// one.
class tls_certificate {
  public:
    tls_certificate(std::string certificate_file, std::string key_file);

    tls_context current() const;
    // Reads the files when they have changed, or when `always`. True when there is a new context; when the
    // files are no good, throws, and the old one stays.
    bool reload(bool always);

  private:
    watched_files files_;
    mutable std::mutex mutex_;  // of `current_`
    tls_context current_;
};

}  // namespace astrotalk::crypto
