// RS256 with 2048-bit keys (RFC 7518 §3.3).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "crypto/crypto.hpp"

namespace astrotalk::crypto {

// The public half. It keeps a context that verifying reuses, so an object belongs to one thread; a copy has
// its own.
class rsa_public_key {
  public:
    // From a JWK's `n` and `e`, base64url. Nothing unless it is an RSA key of at least 2048 bits.
    static std::optional<rsa_public_key> from_jwk(std::string_view n, std::string_view e);
    ~rsa_public_key();
    rsa_public_key(const rsa_public_key& other);
    rsa_public_key(rsa_public_key&&) noexcept;

    bool verify_rs256(input data, input signature) const;
    // Modulus and exponent as a JWK has them.
    std::string n() const;
    std::string e() const;

  private:
    friend class rsa_key;
    struct state;
    explicit rsa_public_key(std::unique_ptr<state> made);
    std::unique_ptr<state> state_;
};

// The private half. Thread-safe: sign from any thread. Signing takes about 240 µs, so not on a loop.
class rsa_key {
  public:
    static rsa_key generate();
    // PKCS #8 or PKCS #1, unencrypted. Nothing unless it is an RSA key of at least 2048 bits.
    static std::optional<rsa_key> from_pem(std::string_view pem);
    ~rsa_key();
    rsa_key(rsa_key&&) noexcept;

    secret to_pem() const;  // PKCS #8
    bytes sign_rs256(input data) const;
    rsa_public_key public_key() const;

  private:
    struct state;
    explicit rsa_key(std::unique_ptr<state> made);
    std::unique_ptr<state> state_;
};

}  // namespace astrotalk::crypto
