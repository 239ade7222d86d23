// Traces: W3C trace context in and out (w3.org/TR/trace-context), spans out as OTLP/HTTP JSON
// (opentelemetry.io, proto 1.x).
//
// Off until `start_tracing`: a span then is a null pointer, and every call on it one branch.
// Thread safety: everything may be called from any thread; a span belongs to whoever holds it.
// Errors: none reach the traced code. What cannot be sent is dropped and counted
// (astrotalk_spans_dropped_total).
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/task.hpp"

namespace astrotalk::telemetry {

struct trace_context {
    std::array<std::uint8_t, 16> trace_id{};
    std::array<std::uint8_t, 8> span_id{};
    bool sampled = false;

    auto operator<=>(const trace_context&) const = default;
    // A traceparent header of version 00, or of a later one that begins like it. Nothing when malformed or
    // all zero.
    static std::optional<trace_context> parse(std::string_view traceparent);
    // The start of a new trace, with random ids.
    static trace_context make(bool sampled);
    // The same trace with a new span id.
    trace_context child() const;
    std::string to_string() const;
};

struct finished_span;

class span {
  public:
    enum class kind : std::uint8_t { internal = 1, server = 2, client = 3 };

    span() = default;  // off
    // On when tracing is started and `parent` is sampled. `name` and attribute names are literals or other
    // text that holds neither secrets nor personal data, and so are attribute values.
    span(std::string_view name, const trace_context& parent, kind what = kind::internal);
    span(span&&) noexcept;
    span& operator=(span&&) noexcept;
    ~span();  // ends it

    explicit operator bool() const { return state_ != nullptr; }
    void attribute(std::string_view name, std::string_view value);
    void attribute(std::string_view name, std::int64_t value);
    void fail(std::string_view message);
    void end();
    // For children and for the traceparent of a call made within. Only when on.
    const trace_context& context() const;

  private:
    std::unique_ptr<finished_span> state_;
};

// Whether spans are kept; one relaxed load.
bool tracing();
// Starts keeping spans, at most `queue_limit` unsent.
void start_tracing(std::size_t queue_limit = 8192);
void stop_tracing();  // and forgets what is unsent

// Sends one body (application/json) to the collector's /v1/traces and throws when it was not accepted.
using span_sender = std::function<task<void>(std::string body)>;
// Sends what has ended, in bodies of at most 512 spans, until nothing is left or one is refused. Spans sent.
task<std::size_t> export_spans(span_sender send, std::string service_version);

}  // namespace astrotalk::telemetry
