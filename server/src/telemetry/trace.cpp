#include "telemetry/trace.hpp"

#include <fmt/format.h>

#include <atomic>
#include <deque>
#include <mutex>
#include <variant>
#include <vector>

#include "core/ids.hpp"
#include "core/json_text.hpp"
#include "core/log.hpp"
#include "core/verify.hpp"
#include "telemetry/metrics.hpp"

namespace astrotalk::telemetry {

struct finished_span {
    trace_context self;
    std::array<std::uint8_t, 8> parent{};
    span::kind what{};
    std::string name;
    instant started, ended;
    std::vector<std::pair<std::string, std::variant<std::string, std::int64_t>>> attributes;
    std::optional<std::string> failure;
};

namespace {

constexpr std::size_t batch_size = 512;

struct span_queue {
    std::mutex mutex;
    std::deque<std::unique_ptr<finished_span>> waiting;
    std::size_t limit = 0;
};

std::atomic<bool> is_on{false};

span_queue& queue() {
    static auto* const made = new span_queue;
    return *made;
}

counter& dropped() {
    static counter& made = counter_of("astrotalk_spans_dropped_total", "Spans that were never sent.");
    return made;
}

template <std::size_t N>
bool all_zero(const std::array<std::uint8_t, N>& id) {
    return id == std::array<std::uint8_t, N>{};
}

// Lower case only, as the specification demands.
int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
}

template <std::size_t N>
bool parse_hex(std::string_view text, std::array<std::uint8_t, N>& out) {
    for (std::size_t i = 0; i < N; ++i) {
        const int high = hex_digit(text[2 * i]), low = hex_digit(text[2 * i + 1]);
        if (high < 0 || low < 0) return false;
        out[i] = static_cast<std::uint8_t>(high << 4 | low);
    }
    return true;
}

template <std::size_t N>
std::string to_hex(const std::array<std::uint8_t, N>& id) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string text;
    text.reserve(2 * N);
    for (const auto byte : id) {
        text += digits[byte >> 4];
        text += digits[byte & 15];
    }
    return text;
}

// The low half of a version 7 id is random but for its two variant bits, and never zero because of them.
std::array<std::uint8_t, 8> random_span_id() {
    std::array<std::uint8_t, 8> made;
    std::memcpy(made.data(), uuid::v7().bytes.data() + 8, made.size());
    return made;
}

std::string unix_nanos(instant at) { return fmt::format("{}000", at.time_since_epoch().count()); }

void append_attribute(std::string& out, std::string_view name,
                      const std::variant<std::string, std::int64_t>& value) {
    out += "{\"key\":";
    append_json_string(out, name);
    out += ",\"value\":{";
    if (const auto* text = std::get_if<std::string>(&value)) {
        out += "\"stringValue\":";
        append_json_string(out, *text);
    } else {
        fmt::format_to(std::back_inserter(out), "\"intValue\":\"{}\"", std::get<std::int64_t>(value));
    }
    out += "}}";
}

void append_span(std::string& out, const finished_span& s) {
    fmt::format_to(std::back_inserter(out), "{{\"traceId\":\"{}\",\"spanId\":\"{}\",",
                   to_hex(s.self.trace_id), to_hex(s.self.span_id));
    if (!all_zero(s.parent))
        fmt::format_to(std::back_inserter(out), "\"parentSpanId\":\"{}\",", to_hex(s.parent));
    out += "\"name\":";
    append_json_string(out, s.name);
    fmt::format_to(std::back_inserter(out),
                   ",\"kind\":{},\"startTimeUnixNano\":\"{}\",\"endTimeUnixNano\":\"{}\"",
                   static_cast<int>(s.what), unix_nanos(s.started), unix_nanos(s.ended));
    out += ",\"attributes\":[";
    for (std::size_t i = 0; i < s.attributes.size(); ++i) {
        if (i) out += ',';
        append_attribute(out, s.attributes[i].first, s.attributes[i].second);
    }
    out += ']';
    if (s.failure) {
        out += ",\"status\":{\"code\":2,\"message\":";
        append_json_string(out, *s.failure);
        out += '}';
    }
    out += '}';
}

std::string compose(const std::vector<std::unique_ptr<finished_span>>& batch, const std::string& version) {
    std::string out = R"({"resourceSpans":[{"resource":{"attributes":[)";
    append_attribute(out, "service.name", std::string("astrotalk"));
    out += ',';
    append_attribute(out, "service.version", version);
    out += R"(]},"scopeSpans":[{"scope":{"name":"astrotalk"},"spans":[)";
    for (std::size_t i = 0; i < batch.size(); ++i) {
        if (i) out += ',';
        append_span(out, *batch[i]);
    }
    out += "]}]}]}";
    return out;
}

std::vector<std::unique_ptr<finished_span>> take_batch() {
    std::vector<std::unique_ptr<finished_span>> batch;
    span_queue& q = queue();
    std::lock_guard lock(q.mutex);
    while (!q.waiting.empty() && batch.size() < batch_size) {
        batch.push_back(std::move(q.waiting.front()));
        q.waiting.pop_front();
    }
    return batch;
}

}  // namespace

std::optional<trace_context> trace_context::parse(std::string_view text) {
    // 2 version, 32 trace id, 16 parent id, 2 flags, with dashes between
    if (text.size() < 55 || text[2] != '-' || text[35] != '-' || text[52] != '-') return std::nullopt;
    std::array<std::uint8_t, 1> version, flags;
    trace_context found;
    if (!parse_hex(text.substr(0, 2), version) || !parse_hex(text.substr(3, 32), found.trace_id) ||
        !parse_hex(text.substr(36, 16), found.span_id) || !parse_hex(text.substr(53, 2), flags))
        return std::nullopt;
    if (version[0] == 0xff || (version[0] == 0 && text.size() != 55)) return std::nullopt;
    if (text.size() > 55 && text[55] != '-') return std::nullopt;
    if (all_zero(found.trace_id) || all_zero(found.span_id)) return std::nullopt;
    found.sampled = flags[0] & 1;
    return found;
}

trace_context trace_context::make(bool sampled) {
    trace_context made;
    const auto first = random_span_id(), second = random_span_id();
    std::memcpy(made.trace_id.data(), first.data(), first.size());
    std::memcpy(made.trace_id.data() + first.size(), second.data(), second.size());
    made.span_id = random_span_id();
    made.sampled = sampled;
    return made;
}

trace_context trace_context::child() const { return {trace_id, random_span_id(), sampled}; }

std::string trace_context::to_string() const {
    return fmt::format("00-{}-{}-{}", to_hex(trace_id), to_hex(span_id), sampled ? "01" : "00");
}

span::span(std::string_view name, const trace_context& parent, kind what) {
    if (!tracing() || !parent.sampled) return;
    state_ = std::make_unique<finished_span>();
    state_->self = parent.child();
    state_->parent = parent.span_id;
    state_->what = what;
    state_->name = name;
    state_->started = clock::now();
}

span::span(span&&) noexcept = default;
span& span::operator=(span&& other) noexcept {
    if (this != &other) {
        end();
        state_ = std::move(other.state_);
    }
    return *this;
}
span::~span() { end(); }

void span::attribute(std::string_view name, std::string_view value) {
    if (state_) state_->attributes.emplace_back(std::string(name), std::string(value));
}
void span::attribute(std::string_view name, std::int64_t value) {
    if (state_) state_->attributes.emplace_back(std::string(name), value);
}
void span::fail(std::string_view message) {
    if (state_) state_->failure = message;
}

void span::end() {
    if (!state_) return;
    state_->ended = clock::now();
    span_queue& q = queue();
    std::lock_guard lock(q.mutex);
    if (tracing() && q.waiting.size() < q.limit)
        q.waiting.push_back(std::move(state_));
    else
        dropped().add();
    state_.reset();
}

const trace_context& span::context() const {
    verify(state_ != nullptr);
    return state_->self;
}

bool tracing() { return is_on.load(std::memory_order_relaxed); }

void start_tracing(std::size_t queue_limit) {
    span_queue& q = queue();
    std::lock_guard lock(q.mutex);
    q.limit = queue_limit;
    is_on.store(true, std::memory_order_relaxed);
}

void stop_tracing() {
    span_queue& q = queue();
    std::lock_guard lock(q.mutex);
    is_on.store(false, std::memory_order_relaxed);
    q.waiting.clear();
}

task<std::size_t> export_spans(span_sender send, std::string service_version) {
    std::size_t sent = 0;
    for (auto batch = take_batch(); !batch.empty(); batch = take_batch()) {
        auto body = compose(batch, service_version);
        try {
            co_await send(std::move(body));
            sent += batch.size();
        } catch (const std::exception& e) {
            dropped().add(batch.size());
            log::warning("spans.not_sent", {{"error", log::text(e.what())}, {"spans", batch.size()}});
            break;
        }
    }
    co_return sent;
}

}  // namespace astrotalk::telemetry
