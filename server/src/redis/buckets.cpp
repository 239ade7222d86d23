#include "redis/buckets.hpp"

#include <openssl/evp.h>

#include <cstring>

#include "core/log.hpp"
#include "core/verify.hpp"
#include "crypto/crypto.hpp"

namespace astrotalk::redis {
namespace {

// Lua's numbers are doubles, exact up to 2^53: microseconds since 1970 fit, if they are not printed by the
// default format, which keeps 14 digits. KEYS: the bucket. ARGV: microseconds a token, tokens at most.
constexpr const char* script = R"lua(
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local each, most = tonumber(ARGV[1]), tonumber(ARGV[2])
local full = math.max(tonumber(redis.call('GET', KEYS[1]) or now), now)
local left = most - (full - now) / each
if left < 1 then return {0, 0, math.ceil((1 - left) * each)} end
full = full + each
redis.call('SET', KEYS[1], string.format('%.0f', full), 'PX', math.ceil((full - now) / 1000))
return {1, math.floor(left - 1), 0}
)lua";

// Redis knows a script by its SHA-1.
std::string make_script_id() {
    std::array<unsigned char, 20> digest{};
    verify(EVP_Q_digest(nullptr, "SHA1", nullptr, script, std::strlen(script), digest.data(), nullptr) == 1);
    return crypto::hex(digest);
}

// A replica, or one without memory, would refuse every request: a line a minute is enough.
void tell_of_refusal(const std::string& why) {
    using steady = std::chrono::steady_clock;
    thread_local steady::time_point next{};
    if (steady::now() < next) return;
    next = steady::now() + std::chrono::minutes(1);
    log::warning("redis.refused", {{"error", log::text(why)}});
}

std::optional<taken> read(const reply& from) {
    if (from.is != reply::kind::list || from.list.size() != 3) return std::nullopt;
    return taken{from.list[0].integer == 1, static_cast<int>(from.list[1].integer),
                 std::chrono::microseconds(from.list[2].integer)};
}

}  // namespace

task<std::optional<taken>> take_token(client& from, std::string key, double per_second, double burst) {
    static const std::string script_id = make_script_id();
    const std::string each = fmt::format("{:.0f}", 1e6 / per_second), most = fmt::format("{:.0f}", burst);
    auto answer = co_await from.ask({"EVALSHA", script_id, "1", key, each, most});
    // A Redis that was just started has never seen it.
    if (answer && answer->is == reply::kind::error && answer->text.starts_with("NOSCRIPT"))
        answer = co_await from.ask({"EVAL", script, "1", key, each, most});
    if (!answer) co_return std::nullopt;
    if (answer->is == reply::kind::error) tell_of_refusal(answer->text);
    co_return read(*answer);
}

}  // namespace astrotalk::redis
