#include "identity/totp.hpp"

#include <fmt/format.h>

#include "crypto/crypto.hpp"

namespace astrotalk::identity::totp {
namespace {

constexpr std::chrono::seconds step_length{30};

std::array<unsigned char, 8> big_endian(std::int64_t step) {
    std::array<unsigned char, 8> out{};
    for (std::size_t i = 0; i < out.size(); ++i)
        out[i] = static_cast<unsigned char>(static_cast<std::uint64_t>(step) >> (56 - 8 * i));
    return out;
}

}  // namespace

secret new_key() { return secret(crypto::to_text(crypto::random_bytes(key_size))); }

std::string shown(const secret& key) { return crypto::base32_encode(key.reveal()); }

std::optional<secret> read_key(std::string_view shown) {
    const auto raw = crypto::base32_decode(shown);
    if (!raw || raw->size() != key_size) return std::nullopt;
    return secret(crypto::to_text(*raw));
}

std::int64_t step_at(instant now) {
    return std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()) / step_length;
}

// RFC 4226 §5.3: where the last four bits point, 31 bits are taken.
secret code_at(const secret& key, std::int64_t step, int digits) {
    const bytes mac = crypto::hmac_sha1(key.reveal(), big_endian(step));
    const std::size_t at = mac.back() & 15;
    std::uint32_t taken = 0;
    for (std::size_t i = 0; i < 4; ++i) taken = taken << 8 | mac[at + i];
    std::uint32_t bound = 1;
    for (int i = 0; i < digits; ++i) bound *= 10;
    return secret(fmt::format("{:0{}}", (taken & 0x7fff'ffff) % bound, digits));
}

std::optional<std::int64_t> step_of(const secret& key, std::string_view code, instant now) {
    std::optional<std::int64_t> found;
    const std::int64_t current = step_at(now);
    for (const std::int64_t step : {current + 1, current - 1, current})
        if (crypto::equal_constant_time(code_at(key, step).reveal(), code)) found = step;
    return found;
}

}  // namespace astrotalk::identity::totp
