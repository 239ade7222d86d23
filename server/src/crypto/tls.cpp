#include "crypto/tls.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "core/verify.hpp"

namespace astrotalk::crypto {
namespace {

constexpr const char* ciphers_1_2 =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";

std::string last_fault() {
    const auto code = ERR_peek_last_error();
    const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
    ERR_clear_error();
    return reason ? reason : "unknown";
}

[[noreturn]] void refuse(std::string message) {
    ERR_clear_error();
    throw std::runtime_error(std::move(message));
}

tls_context make_context(const SSL_METHOD* method) {
    tls_context made(SSL_CTX_new(method), SSL_CTX_free);
    verify(made != nullptr);
    SSL_CTX_set_min_proto_version(made.get(), TLS1_2_VERSION);
    SSL_CTX_set_options(made.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET |
                                        SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_mode(made.get(), SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_session_cache_mode(made.get(), SSL_SESS_CACHE_OFF);
    verify(SSL_CTX_set_cipher_list(made.get(), ciphers_1_2) == 1);
    verify(SSL_CTX_set1_groups_list(made.get(), "X25519:P-256:P-384") == 1);
    return made;
}

// A client that names protocols but not ours is told so (RFC 7301 §3.2); one that names none is served.
int choose_protocol(SSL*, const unsigned char** out, unsigned char* size, const unsigned char* offered,
                    unsigned int length, void*) {
    static constexpr unsigned char ours[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
    unsigned char* chosen = nullptr;
    if (SSL_select_next_proto(&chosen, size, ours, sizeof ours, offered, length) != OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

bool belongs_elsewhere(unsigned long code) {
    return ERR_GET_LIB(code) == ERR_LIB_X509 && ERR_GET_REASON(code) == X509_R_KEY_VALUES_MISMATCH;
}

SSL* make_engine(const tls_context& of) {
    SSL* made = SSL_new(of.get());
    verify(made != nullptr);
    SSL_set_bio(made, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    return made;
}

}  // namespace

tls_context tls_server(const std::string& certificate_file, const std::string& key_file) {
    ERR_clear_error();
    auto made = make_context(TLS_server_method());
    // Nobody is there to be asked for a passphrase.
    SSL_CTX_set_default_passwd_cb(made.get(), [](char*, int, int, void*) { return 0; });
    SSL_CTX_set_num_tickets(made.get(), 0);
    SSL_CTX_set_alpn_select_cb(made.get(), choose_protocol, nullptr);
    if (SSL_CTX_use_certificate_chain_file(made.get(), certificate_file.c_str()) != 1)
        refuse(fmt::format("{} is not a readable PEM file with a certificate", certificate_file));
    const bool used = SSL_CTX_use_PrivateKey_file(made.get(), key_file.c_str(), SSL_FILETYPE_PEM) == 1;
    if (!used && !belongs_elsewhere(ERR_peek_last_error()))
        refuse(fmt::format("{} is not a readable PEM file with a key, without a passphrase", key_file));
    if (!used || SSL_CTX_check_private_key(made.get()) != 1)
        refuse(fmt::format("the key {} does not belong to the certificate {}", key_file, certificate_file));
    return made;
}

tls_context tls_client(const std::string& ca_file) {
    auto made = make_context(TLS_client_method());
    SSL_CTX_set_verify(made.get(), SSL_VERIFY_PEER, nullptr);
    const bool trusts = ca_file.empty() ? SSL_CTX_set_default_verify_paths(made.get()) == 1
                                        : SSL_CTX_load_verify_file(made.get(), ca_file.c_str()) == 1;
    if (!trusts)
        refuse(fmt::format("{} is not a readable PEM file with certificates of authorities", ca_file));
    return made;
}

void tls_engine::freed::operator()(ssl_st* engine) const { SSL_free(engine); }

tls_engine::tls_engine(const tls_context& as_server) : ssl_(make_engine(as_server)) {
    SSL_set_accept_state(ssl_.get());
}

tls_engine::tls_engine(const tls_context& as_client, const std::string& host) : ssl_(make_engine(as_client)) {
    SSL_set_connect_state(ssl_.get());
    if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl_.get()), host.c_str()) == 1) return;
    ERR_clear_error();
    SSL_set_tlsext_host_name(ssl_.get(), host.c_str());
    SSL_set_hostflags(ssl_.get(), X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    verify(SSL_set1_host(ssl_.get(), host.c_str()) == 1);
}

tls_engine::~tls_engine() = default;
tls_engine::tls_engine(tls_engine&&) noexcept = default;

void tls_engine::fail() {
    const long verdict = SSL_get_verify_result(ssl_.get());
    fault_ = verdict == X509_V_OK ? last_fault() : X509_verify_cert_error_string(verdict);
    ERR_clear_error();
    ended_ = true;
}

tls_engine::progress tls_engine::handshake() {
    if (ended_) return progress::failed;
    ERR_clear_error();
    const int done = SSL_do_handshake(ssl_.get());
    if (done == 1) return progress::done;
    const int why = SSL_get_error(ssl_.get(), done);
    if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE) return progress::wants_more;
    fail();
    return progress::failed;
}

void tls_engine::feed(std::string_view received) {
    if (received.empty()) return;
    const int taken = BIO_write(SSL_get_rbio(ssl_.get()), received.data(), static_cast<int>(received.size()));
    verify(taken == static_cast<int>(received.size()));
}

std::size_t tls_engine::read(char* into, std::size_t size) {
    if (ended_ || size == 0) return 0;
    ERR_clear_error();
    std::size_t got = 0;
    const int done = SSL_read_ex(ssl_.get(), into, size, &got);
    if (done == 1) return got;
    const int why = SSL_get_error(ssl_.get(), done);
    if (why == SSL_ERROR_ZERO_RETURN)
        ended_ = true;
    else if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE)
        fail();
    return 0;
}

void tls_engine::write(std::string_view plaintext) {
    if (ended_ && !fault_.empty()) return;
    ERR_clear_error();
    std::size_t taken = 0;
    // A memory BIO takes everything.
    if (!plaintext.empty() && SSL_write_ex(ssl_.get(), plaintext.data(), plaintext.size(), &taken) != 1)
        fail();
}

void tls_engine::close() {
    if (fault_.empty() && SSL_is_init_finished(ssl_.get())) SSL_shutdown(ssl_.get());
    ERR_clear_error();
}

std::string tls_engine::take_outgoing() {
    BIO* const from = SSL_get_wbio(ssl_.get());
    std::string taken(BIO_ctrl_pending(from), '\0');
    if (!taken.empty())
        verify(BIO_read(from, taken.data(), static_cast<int>(taken.size())) ==
               static_cast<int>(taken.size()));
    return taken;
}

tls_certificate::tls_certificate(std::string certificate_file, std::string key_file)
    : files_({std::move(certificate_file), std::move(key_file)}) {
    reload(true);
}

tls_context tls_certificate::current() const {
    const std::lock_guard lock(mutex_);
    return current_;
}

bool tls_certificate::reload(bool always) {
    if (!files_.changed() && !always) return false;
    auto made = tls_server(files_.path(0), files_.path(1));
    const std::lock_guard lock(mutex_);
    current_ = std::move(made);
    return true;
}

}  // namespace astrotalk::crypto
