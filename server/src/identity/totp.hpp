// RFC 6238 with what every authenticator app knows: HMAC-SHA-1, steps of 30 seconds, six digits.
// Pure but for the random generator; time is an argument. Thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/clock.hpp"
#include "core/secret.hpp"

namespace astrotalk::identity::totp {

inline constexpr std::size_t key_size = 20;  // 160 bits, as RFC 4226 recommends

secret new_key();  // raw bytes
// As people type it into their app, and back: base32. Nothing when it is no key of ours.
std::string shown(const secret& key);
std::optional<secret> read_key(std::string_view shown);

std::int64_t step_at(instant now);
secret code_at(const secret& key, std::int64_t step, int digits = 6);
// The step whose code this is: now's, or one before or after, because clocks differ. In constant time.
std::optional<std::int64_t> step_of(const secret& key, std::string_view code, instant now);

}  // namespace astrotalk::identity::totp
