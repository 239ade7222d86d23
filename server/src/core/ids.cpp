#include "core/ids.hpp"

#include <sys/random.h>

#include <atomic>

#include "core/verify.hpp"

namespace astrotalk {
namespace {

// getrandom costs a system call; one call fills the bits of many ids. Not used for secrets.
void random_fill(std::uint8_t* out, std::size_t size) {
    thread_local std::array<std::uint8_t, 1024> pool;
    thread_local std::size_t left = 0;
    if (left < size) {
        verify(getrandom(pool.data(), pool.size(), 0) == static_cast<ssize_t>(pool.size()));
        left = pool.size();
    }
    std::memcpy(out, pool.data() + (pool.size() - left), size);
    left -= size;
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

bool dash_before(std::size_t byte) { return byte == 4 || byte == 6 || byte == 8 || byte == 10; }

}  // namespace

std::string uuid::to_string() const {
    static constexpr char digits[] = "0123456789abcdef";
    std::string text;
    text.reserve(36);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (dash_before(i)) text += '-';
        text += digits[bytes[i] >> 4];
        text += digits[bytes[i] & 15];
    }
    return text;
}

std::optional<uuid> uuid::parse(std::string_view text) {
    if (text.size() != 36) return std::nullopt;
    uuid parsed;
    std::size_t at = 0;
    for (std::size_t i = 0; i < parsed.bytes.size(); ++i) {
        if (dash_before(i) && text[at++] != '-') return std::nullopt;
        const int high = hex_digit(text[at]), low = hex_digit(text[at + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        parsed.bytes[i] = static_cast<std::uint8_t>(high << 4 | low);
        at += 2;
    }
    return parsed;
}

namespace {

// The millisecond and, in the 12 bits behind it, a counter within it (RFC 9562 §6.2, method 1): what one
// process makes later sorts later. More than 4096 in a millisecond borrow from the next. A clock that was set
// back by more than a second is believed: an id says when it was made, and tokens are revoked by that.
constexpr std::uint64_t clock_set_back = std::uint64_t{1000} << 12;

std::uint64_t next_tick() {
    static std::atomic<std::uint64_t> last{0};
    const auto ms = std::chrono::floor<std::chrono::milliseconds>(clock::now()).time_since_epoch().count();
    const std::uint64_t now = static_cast<std::uint64_t>(ms) << 12;
    std::uint64_t seen = last.load(std::memory_order_relaxed), next;
    do {
        next = seen >= now && seen - now < clock_set_back ? seen + 1 : now;
    } while (!last.compare_exchange_weak(seen, next, std::memory_order_relaxed));
    return next;
}

}  // namespace

uuid uuid::v7() {
    uuid made;
    random_fill(made.bytes.data() + 8, 8);
    const std::uint64_t tick = next_tick();
    for (std::size_t i = 0; i < 6; ++i) made.bytes[i] = static_cast<std::uint8_t>(tick >> (52 - 8 * i));
    made.bytes[6] = static_cast<std::uint8_t>(0x70 | (tick >> 8 & 0x0f));
    made.bytes[7] = static_cast<std::uint8_t>(tick);
    made.bytes[8] = static_cast<std::uint8_t>((made.bytes[8] & 0x3f) | 0x80);
    return made;
}

instant uuid::time() const {
    std::int64_t ms = 0;
    for (std::size_t i = 0; i < 6; ++i) ms = ms << 8 | bytes[i];
    return instant(std::chrono::milliseconds(ms));
}

}  // namespace astrotalk
