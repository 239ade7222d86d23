#include "crypto/tls.hpp"

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <filesystem>

#include "http/body_stream.hpp"
#include "http/testing_server.hpp"

namespace astrotalk::http {
namespace {

using std::chrono::milliseconds;

// A key and a certificate for 127.0.0.1 that it signed itself, in files that end with the object.
class own_certificate {
  public:
    own_certificate() {
        auto name = (std::filesystem::temp_directory_path() / "astrotalk-tls-XXXXXX").string();
        verify(::mkdtemp(name.data()) != nullptr);
        folder_ = name;
        const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"), EVP_PKEY_free);
        const std::unique_ptr<X509, decltype(&X509_free)> made(X509_new(), X509_free);
        X509_set_version(made.get(), X509_VERSION_3);
        ASN1_INTEGER_set(X509_get_serialNumber(made.get()), 1);
        X509_gmtime_adj(X509_getm_notBefore(made.get()), -60);
        X509_gmtime_adj(X509_getm_notAfter(made.get()), 3600);
        X509_set_pubkey(made.get(), key.get());
        const std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> whom(
            X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "IP:127.0.0.1"), X509_EXTENSION_free);
        X509_add_ext(made.get(), whom.get(), -1);
        verify(X509_sign(made.get(), key.get(), EVP_sha256()) > 0);
        write(certificate(), [&](BIO* to) { return PEM_write_bio_X509(to, made.get()); });
        write(this->key(), [&](BIO* to) {
            return PEM_write_bio_PrivateKey(to, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
        });
    }
    ~own_certificate() { std::filesystem::remove_all(folder_); }
    own_certificate(const own_certificate&) = delete;

    std::string certificate() const { return folder_ / "certificate.pem"; }
    std::string key() const { return folder_ / "key.pem"; }

  private:
    template <class F>
    static void write(const std::string& file, F contents) {
        const std::unique_ptr<BIO, decltype(&BIO_free)> to(BIO_new_file(file.c_str(), "w"), BIO_free);
        verify(to && contents(to.get()) == 1);
    }
    std::filesystem::path folder_;
};

// Speaks TLS over a raw client.
class tls_client {
  public:
    tls_client(std::uint16_t port, const own_certificate& trusted, const std::string& host = "127.0.0.1")
        : raw_(port), engine_(crypto::tls_client(trusted.certificate()), host) {}

    bool shake_hands() {
        for (;;) {
            const auto state = engine_.handshake();
            raw_.send(engine_.take_outgoing());
            if (state != crypto::tls_engine::progress::wants_more)
                return state == crypto::tls_engine::progress::done;
            if (!more()) return false;
        }
    }
    void send(std::string_view plain) {
        engine_.write(plain);
        raw_.send(engine_.take_outgoing());
    }
    const std::string& rest() {
        std::array<char, 4096> part;
        for (;;) {
            const auto size = engine_.read(part.data(), part.size());
            received_.append(part.data(), size);
            if (size == 0 && (engine_.ended() || !more())) return received_;
        }
    }
    bool said_goodbye() const { return engine_.ended() && engine_.fault().empty(); }
    std::string fault() const { return engine_.fault(); }

  private:
    bool more() {
        raw_.received.clear();
        if (!raw_.receive()) return false;
        engine_.feed(raw_.received);
        return true;
    }
    raw_client raw_;
    crypto::tls_engine engine_;
    std::string received_;
};

task<response> echo(request& in, std::size_t) {
    response r;
    r.content_type = "text/plain";
    r.body = in.path == "/big" ? std::string(3 << 20, 'x') : fmt::format("[{} {}]", in.path, in.body.size());
    co_return r;
}

class tls_server : public testing::Test {
  protected:
    server_options quick() {
        server_options o;
        o.header_time = o.body_time = o.idle_time = o.handshake_time = milliseconds(200);
        o.certificate = &loaded_;
        return o;
    }
    own_certificate files_;
    crypto::tls_certificate loaded_{files_.certificate(), files_.key()};
};

TEST_F(tls_server, answers_requests_of_any_size_in_order) {
    server_options o;
    o.certificate = &loaded_;
    const testing_server s(o, echo);
    tls_client c(s.port(), files_);
    ASSERT_TRUE(c.shake_hands());
    c.send("GET /a HTTP/1.1\r\nHost: h\r\n\r\nPOST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 300000\r\n\r\n");
    c.send(std::string(300'000, 'b'));
    c.send("POST /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nxyz\r\n0\r\n\r\n");
    c.send("GET /big HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    const std::string& all = c.rest();
    const auto a = all.find("[/a 0]"), b = all.find("[/b 300000]"), d = all.find("[/c 3]");
    EXPECT_TRUE(a < b && b < d && d != std::string::npos);
    EXPECT_TRUE(all.ends_with(std::string(3 << 20, 'x')));
    EXPECT_TRUE(c.said_goodbye()) << "so that a cut is told from an end";
}

task<void> count_to_three(body_stream& out) {
    for (int i = 1; i <= 3; ++i) co_await out.write(fmt::format("piece {}\n", i));
}

TEST_F(tls_server, streams_an_answer) {
    const testing_server s(quick(), [](request&, std::size_t) -> task<response> {
        response r;
        r.streamed = [](body_stream& out) { return count_to_three(out); };
        co_return r;
    });
    tls_client c(s.port(), files_);
    ASSERT_TRUE(c.shake_hands());
    c.send("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    EXPECT_TRUE(c.rest().ends_with("piece 1\n\r\n8\r\npiece 2\n\r\n8\r\npiece 3\n\r\n0\r\n\r\n"));
    EXPECT_TRUE(c.said_goodbye());
}

TEST_F(tls_server, what_is_wrong_is_told_over_tls_too) {
    const testing_server s(quick(), echo);
    for (const auto& [sent, start] :
         {std::pair{"nonsense\r\n\r\n", "HTTP/1.1 400"}, std::pair{"GET / HTTP/1.1\r\nHo", "HTTP/1.1 408"}}) {
        tls_client c(s.port(), files_);
        ASSERT_TRUE(c.shake_hands());
        c.send(sent);
        EXPECT_TRUE(c.rest().starts_with(start)) << sent;
    }
}

TEST_F(tls_server, a_handshake_has_its_deadline_and_counts_as_a_connection) {
    auto o = quick();
    o.handshake_time = milliseconds(1000);
    o.connection_limit = 2;
    const testing_server s(o, echo);
    raw_client silent(s.port()), half(s.port());
    half.send("\x16\x03\x01\x02");
    for (int i = 0; i < 100 && s.connections() < 2; ++i) std::this_thread::sleep_for(milliseconds(5));
    ASSERT_EQ(s.connections(), 2u);
    raw_client third(s.port());
    EXPECT_EQ(third.rest(), "");
    EXPECT_TRUE(third.closed());
    EXPECT_EQ(s.connections(), 2u);
    const auto started = std::chrono::steady_clock::now();
    silent.rest(), half.rest();
    EXPECT_TRUE(silent.closed() && half.closed());
    EXPECT_LT(std::chrono::steady_clock::now() - started, milliseconds(2500));
}

TEST_F(tls_server, who_does_not_speak_tls_gets_no_answer) {
    const testing_server s(quick(), echo);
    raw_client plain(s.port());
    plain.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_EQ(plain.rest().find("HTTP/1.1 "), std::string::npos);
    EXPECT_TRUE(plain.closed());
}

TEST_F(tls_server, a_client_verifies_the_name) {
    const testing_server s(quick(), echo);
    tls_client c(s.port(), files_, "elsewhere.example");
    EXPECT_FALSE(c.shake_hands());
    EXPECT_NE(c.fault().find("hostname mismatch"), std::string::npos) << c.fault();
}

TEST_F(tls_server, stops_while_hands_are_being_shaken) {
    auto o = quick();
    o.handshake_time = milliseconds(60'000);
    o.drain_time = milliseconds(100);
    testing_server s(o, echo);
    raw_client silent(s.port());
    for (int i = 0; i < 100 && s.connections() < 1; ++i) std::this_thread::sleep_for(milliseconds(5));
    const auto started = std::chrono::steady_clock::now();
    s.stop();
    EXPECT_LT(std::chrono::steady_clock::now() - started, milliseconds(1000));
    EXPECT_EQ(s.connections(), 0u);
}

TEST_F(tls_server, another_key_does_not_fit_and_leaves_the_old_certificate) {
    const own_certificate other;
    EXPECT_THROW(crypto::tls_certificate(files_.certificate(), other.key()), std::runtime_error);
    EXPECT_FALSE(loaded_.reload(false)) << "nothing has changed";
    const auto before = loaded_.current();
    std::filesystem::copy_file(other.key(), files_.key(), std::filesystem::copy_options::overwrite_existing);
    EXPECT_THROW(loaded_.reload(false), std::runtime_error);
    EXPECT_EQ(loaded_.current(), before);
    EXPECT_FALSE(loaded_.reload(false)) << "told once";
    std::filesystem::copy_file(other.certificate(), files_.certificate(),
                               std::filesystem::copy_options::overwrite_existing);
    EXPECT_TRUE(loaded_.reload(false));
    EXPECT_NE(loaded_.current(), before);
}

}  // namespace
}  // namespace astrotalk::http
