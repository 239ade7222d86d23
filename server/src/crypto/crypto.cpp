#include "crypto/crypto.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include "core/verify.hpp"

namespace astrotalk::crypto {
namespace {

template <auto Free>
struct deleter {
    template <class T>
    void operator()(T* object) const {
        Free(object);
    }
};
using cipher_context = std::unique_ptr<EVP_CIPHER_CTX, deleter<EVP_CIPHER_CTX_free>>;
using digest_context = std::unique_ptr<EVP_MD_CTX, deleter<EVP_MD_CTX_free>>;
using mac_context = std::unique_ptr<EVP_MAC_CTX, deleter<EVP_MAC_CTX_free>>;

const EVP_MD* sha256_algorithm() {
    static EVP_MD* const fetched = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    verify(fetched != nullptr);
    return fetched;
}

const EVP_CIPHER* gcm_algorithm() {
    static EVP_CIPHER* const fetched = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
    verify(fetched != nullptr);
    return fetched;
}

EVP_MAC* hmac_algorithm() {
    static EVP_MAC* const fetched = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
    verify(fetched != nullptr);
    return fetched;
}

// The digest is chosen once per context; a later init only brings the key.
mac_context hmac_with(std::string digest) {
    mac_context context(EVP_MAC_CTX_new(hmac_algorithm()));
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0),
        OSSL_PARAM_construct_end()};
    verify(context && EVP_MAC_CTX_set_params(context.get(), parameters) == 1);
    return context;
}

bytes hmac(EVP_MAC_CTX* context, input key, input data, std::size_t size) {
    static constexpr unsigned char nothing = 0;  // a null key would mean "the last one"
    bytes out(size);
    verify(EVP_MAC_init(context, key.size() == 0 ? &nothing : key.data(), key.size(), nullptr) == 1 &&
           EVP_MAC_update(context, data.data(), data.size()) == 1 &&
           EVP_MAC_final(context, out.data(), &size, out.size()) == 1);
    return out;
}

EVP_CIPHER_CTX* this_threads_cipher() {
    thread_local const cipher_context context(EVP_CIPHER_CTX_new());
    verify(context != nullptr);
    return context.get();
}

constexpr std::size_t tag_size = 16;

constexpr std::string_view standard = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view url_safe = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view base32_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

std::string encode(input data, std::string_view alphabet, bool padded) {
    std::string text;
    text.reserve((data.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < data.size(); i += 3) {
        const std::size_t left = std::min<std::size_t>(3, data.size() - i);
        std::uint32_t group = static_cast<std::uint32_t>(data.data()[i]) << 16;
        if (left > 1) group |= static_cast<std::uint32_t>(data.data()[i + 1]) << 8;
        if (left > 2) group |= data.data()[i + 2];
        for (std::size_t c = 0; c <= left; ++c) text += alphabet[group >> (18 - 6 * c) & 63];
        if (padded) text.append(3 - left, '=');
    }
    return text;
}

using reverse_table = std::array<std::int8_t, 256>;
constexpr reverse_table reversed(std::string_view alphabet) {
    reverse_table table{};
    table.fill(-1);
    for (std::size_t i = 0; i < alphabet.size(); ++i)
        table[static_cast<unsigned char>(alphabet[i])] = static_cast<std::int8_t>(i);
    return table;
}

std::optional<bytes> decode(std::string_view text, const reverse_table& table) {
    if (text.size() % 4 == 1) return std::nullopt;
    bytes out;
    out.reserve(text.size() / 4 * 3 + 2);
    std::uint32_t group = 0;
    int bits = 0;
    for (const char c : text) {
        const int value = table[static_cast<unsigned char>(c)];
        if (value < 0) return std::nullopt;
        group = group << 6 | static_cast<std::uint32_t>(value);
        bits += 6;
        if (bits < 8) continue;
        bits -= 8;
        out.push_back(static_cast<unsigned char>(group >> bits));
    }
    if ((group & ((1U << bits) - 1)) != 0) return std::nullopt;
    return out;
}

}  // namespace

bytes random_bytes(std::size_t size) {
    bytes out(size);
    verify(RAND_bytes(out.data(), static_cast<int>(size)) == 1);
    return out;
}

std::uint64_t random_below(std::uint64_t bound) {
    verify(bound > 0);
    const std::uint64_t unusable = (0 - bound) % bound;  // 2^64 mod bound
    for (;;) {
        std::uint64_t drawn;
        verify(RAND_bytes(reinterpret_cast<unsigned char*>(&drawn), sizeof drawn) == 1);
        if (drawn >= unusable) return drawn % bound;
    }
}

std::string random_text(std::size_t length, std::string_view alphabet) {
    std::string text;
    for (std::size_t i = 0; i < length; ++i) text += alphabet[random_below(alphabet.size())];
    return text;
}

bytes sha256(input data) {
    thread_local const digest_context context(EVP_MD_CTX_new());
    bytes out(32);
    verify(EVP_DigestInit_ex2(context.get(), sha256_algorithm(), nullptr) == 1 &&
           EVP_DigestUpdate(context.get(), data.data(), data.size()) == 1 &&
           EVP_DigestFinal_ex(context.get(), out.data(), nullptr) == 1);
    return out;
}

bytes hmac_sha256(input key, input data) {
    thread_local const mac_context context = hmac_with("SHA256");
    return hmac(context.get(), key, data, 32);
}

bytes hmac_sha1(input key, input data) {
    thread_local const mac_context context = hmac_with("SHA1");
    return hmac(context.get(), key, data, 20);
}

bytes hkdf_sha256(input key, input salt, input info, std::size_t size) {
    verify(size <= 255 * 32);
    const bytes extracted = hmac_sha256(salt.size() == 0 ? input(bytes(32)) : salt, key);
    bytes out, block;
    for (unsigned char counter = 1; out.size() < size; ++counter) {
        block.insert(block.end(), info.begin(), info.end());
        block.push_back(counter);
        block = hmac_sha256(extracted, block);
        out.insert(out.end(), block.begin(), block.end());
    }
    out.resize(size);
    return out;
}

bytes gcm_encrypt(input key, input nonce, input plaintext, input aad) {
    verify(key.size() == 32 && nonce.size() == 12);
    EVP_CIPHER_CTX* const context = this_threads_cipher();
    bytes out(plaintext.size() + tag_size);
    int written = 0, last = 0, ignored = 0;
    verify(EVP_EncryptInit_ex2(context, gcm_algorithm(), key.data(), nonce.data(), nullptr) == 1);
    if (aad.size() != 0)
        verify(EVP_EncryptUpdate(context, nullptr, &ignored, aad.data(), static_cast<int>(aad.size())) == 1);
    if (plaintext.size() != 0)
        verify(EVP_EncryptUpdate(context, out.data(), &written, plaintext.data(),
                                 static_cast<int>(plaintext.size())) == 1);
    verify(EVP_EncryptFinal_ex(context, out.data() + written, &last) == 1);
    verify(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, tag_size, out.data() + plaintext.size()) == 1);
    return out;
}

std::optional<bytes> gcm_decrypt(input key, input nonce, input sealed, input aad) {
    verify(key.size() == 32 && nonce.size() == 12);
    if (sealed.size() < tag_size) return std::nullopt;
    const std::size_t size = sealed.size() - tag_size;
    EVP_CIPHER_CTX* const context = this_threads_cipher();
    bytes tag(sealed.begin() + size, sealed.end());
    bytes out(size + tag_size);
    int written = 0, last = 0, ignored = 0;
    verify(EVP_DecryptInit_ex2(context, gcm_algorithm(), key.data(), nonce.data(), nullptr) == 1);
    if (aad.size() != 0)
        verify(EVP_DecryptUpdate(context, nullptr, &ignored, aad.data(), static_cast<int>(aad.size())) == 1);
    if (size != 0)
        verify(EVP_DecryptUpdate(context, out.data(), &written, sealed.data(), static_cast<int>(size)) == 1);
    verify(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, tag_size, tag.data()) == 1);
    if (EVP_DecryptFinal_ex(context, out.data() + written, &last) != 1) return std::nullopt;
    out.resize(size);
    return out;
}

bool equal_constant_time(input a, input b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string base64_encode(input data) { return encode(data, standard, true); }
std::string base64url_encode(input data) { return encode(data, url_safe, false); }

std::optional<bytes> base64_decode(std::string_view text) {
    static constexpr reverse_table table = reversed(standard);
    if (text.size() % 4 != 0) return std::nullopt;
    for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
    return decode(text, table);
}

std::optional<bytes> base64url_decode(std::string_view text) {
    static constexpr reverse_table table = reversed(url_safe);
    return decode(text, table);
}

std::string base32_encode(input data) {
    std::string text;
    std::uint32_t group = 0;
    int bits = 0;
    for (const unsigned char byte : data) {
        group = group << 8 | byte;
        for (bits += 8; bits >= 5; bits -= 5) text += base32_alphabet[group >> (bits - 5) & 31];
    }
    if (bits > 0) text += base32_alphabet[group << (5 - bits) & 31];
    return text;
}

std::optional<bytes> base32_decode(std::string_view text) {
    static constexpr reverse_table table = reversed(base32_alphabet);
    const std::size_t rest = text.size() % 8;
    if (rest == 1 || rest == 3 || rest == 6) return std::nullopt;
    bytes out;
    std::uint32_t group = 0;
    int bits = 0;
    for (const char c : text) {
        const int value = table[static_cast<unsigned char>(c)];
        if (value < 0) return std::nullopt;
        group = group << 5 | static_cast<std::uint32_t>(value);
        bits += 5;
        if (bits < 8) continue;
        bits -= 8;
        out.push_back(static_cast<unsigned char>(group >> bits));
    }
    if ((group & ((1U << bits) - 1)) != 0) return std::nullopt;
    return out;
}

std::string hex(input data) {
    static constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    text.reserve(data.size() * 2);
    for (const unsigned char byte : data) {
        text += digits[byte >> 4];
        text += digits[byte & 15];
    }
    return text;
}

std::optional<bytes> unhex(std::string_view text) {
    static constexpr reverse_table lower = reversed("0123456789abcdef");
    static constexpr reverse_table upper = reversed("0123456789ABCDEF");
    if (text.size() % 2 != 0) return std::nullopt;
    bytes out;
    out.reserve(text.size() / 2);
    int high = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        const int value = std::max(lower[c], upper[c]);
        if (value < 0) return std::nullopt;
        if (i % 2 == 0)
            high = value;
        else
            out.push_back(static_cast<unsigned char>(high << 4 | value));
    }
    return out;
}

}  // namespace astrotalk::crypto
