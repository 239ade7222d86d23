// The primitives everything secret is made of, over OpenSSL 3. Fetched algorithms and contexts are kept per
// thread. Thread-safe. Errors: a failing primitive is a broken invariant and ends the process; refused input
// is an empty optional.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/secret.hpp"

namespace astrotalk::crypto {

// A view of bytes, whatever holds them. Valid as long as what it was made from.
class input {
  public:
    input(std::string_view text)
        : data_(reinterpret_cast<const unsigned char*>(text.data())), size_(text.size()) {}
    input(const std::string& text) : input(std::string_view(text)) {}
    input(const char* text) : input(std::string_view(text)) {}
    input(const bytes& value) : data_(value.data()), size_(value.size()) {}
    input(std::span<const unsigned char> value) : data_(value.data()), size_(value.size()) {}
    template <std::size_t N>
    input(const std::array<unsigned char, N>& value) : data_(value.data()), size_(N) {}

    const unsigned char* data() const { return data_; }
    std::size_t size() const { return size_; }
    const unsigned char* begin() const { return data_; }
    const unsigned char* end() const { return data_ + size_; }

  private:
    const unsigned char* data_;
    std::size_t size_;
};

// From OpenSSL's generator: fit for keys and tokens.
bytes random_bytes(std::size_t size);
// Uniform over [0, bound), without modulo bias.
std::uint64_t random_below(std::uint64_t bound);
// Each character uniform over the alphabet.
std::string random_text(std::size_t length, std::string_view alphabet);

bytes sha256(input data);
bytes hmac_sha256(input key, input data);
bytes hmac_sha1(input key, input data);  // for TOTP, whose apps know no other
// RFC 5869 with SHA-256. `size` ≤ 8160.
bytes hkdf_sha256(input key, input salt, input info, std::size_t size);

// AES-256-GCM: ciphertext and a 16-byte tag behind it. `key` has 32 bytes, `nonce` 12, used once with a key.
bytes gcm_encrypt(input key, input nonce, input plaintext, input aad);
// Nothing when the tag does not fit.
std::optional<bytes> gcm_decrypt(input key, input nonce, input sealed, input aad);

// Takes as long for equal as for different values of one length.
bool equal_constant_time(input a, input b);

// RFC 4648. Encoding to base64url and base32 leaves the padding out. Decoding is strict: no other alphabet,
// no white space, no missing or needless padding, no stray bits in the last character.
std::string base64_encode(input data);
std::string base64url_encode(input data);
std::optional<bytes> base64_decode(std::string_view text);
std::optional<bytes> base64url_decode(std::string_view text);
std::string base32_encode(input data);
std::optional<bytes> base32_decode(std::string_view text);  // capital letters, without padding

std::string hex(input data);
std::optional<bytes> unhex(std::string_view text);

inline std::string to_text(input data) { return {reinterpret_cast<const char*>(data.data()), data.size()}; }

}  // namespace astrotalk::crypto
