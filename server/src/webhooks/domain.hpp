// Who calls us back, how they sign, and what can be read of an event before anybody understands it. Pure.
// Thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/clock.hpp"
#include "core/secret.hpp"
#include "http/http.hpp"

namespace astrotalk::webhooks {

// How a provider writes `created_at` when it says no zone.
enum class zone : std::uint8_t { utc, india };

// All that differs between providers. Each signs by HMAC-SHA256 over the raw bytes of the body, in hex.
struct provider {
    std::string_view name;              // of the path, the outbox's kind and the metrics
    std::string_view signature_header;  // in lower case
    std::string_view event_id_header;   // in lower case; empty: the body's `id` names the event
    zone written_in = zone::utc;
};

// Digio names no time zone; a sample of its times is Indian. Its signature does not cover a time.
inline constexpr provider digio{"digio", "x-digio-checksum", "", zone::india};
// razorpay.com/docs/webhooks: the header names the event; times are seconds since 1970.
inline constexpr provider razorpay{"razorpay", "x-razorpay-signature", "x-razorpay-event-id"};

struct connection {
    provider with;
    secret current;   // empty: closed
    secret previous;  // empty: none; still good while the provider retries what it signed before
};

// Takes as long whatever is wrong, and with whichever secret it was signed. False without a secret.
bool is_signed(const connection& by, std::string_view body, std::string_view signature);

struct envelope {
    std::string event_id;  // the provider's, or else the SHA-256 of the body in hex
    bytes body_hash;       // SHA-256
    std::optional<instant> created_at;
};
// Whatever the body is. Member names are read in either case.
envelope read_envelope(const provider& from, const http::request& in);

// "2026-11-23 14:30:00", RFC 3339, or seconds or milliseconds since 1970.
std::optional<instant> read_time(std::string_view text, zone in);
std::optional<instant> read_time(std::int64_t number);

}  // namespace astrotalk::webhooks
