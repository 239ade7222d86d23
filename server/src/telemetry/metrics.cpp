#include "telemetry/metrics.hpp"

#include <fmt/format.h>

#include <map>
#include <mutex>
#include <unordered_map>
#include <variant>

#include "core/verify.hpp"
#include "telemetry/process.hpp"

namespace astrotalk::telemetry {
namespace {

using series = std::variant<std::unique_ptr<counter>, std::unique_ptr<gauge>, std::unique_ptr<histogram>>;

struct family {
    std::string help;
    std::size_t type = 0;                // the index in `series`
    std::map<std::string, series> each;  // by labels as they are exposed
};

struct registry {
    std::mutex mutex;
    std::map<std::string, family, std::less<>> families;

    struct watched {
        std::string name, help;
        std::function<double()> read;
    };
    std::map<std::uint64_t, watched> watches;
    std::uint64_t next_watch = 1;
};

registry& all() {
    static auto* const made =
        new registry;  // never destroyed: threads may still count while the process ends
    return *made;
}

void append_label_value(std::string& out, std::string_view value) {
    for (const char c : value) {
        if (c == '\\' || c == '"') out += '\\';
        if (c == '\n')
            out += "\\n";
        else
            out += c;
    }
}

std::string label_text(labels with) {
    std::string text;
    for (const auto& [name, value] : with) {
        if (!text.empty()) text += ',';
        text += name;
        text += "=\"";
        append_label_value(text, value);
        text += '"';
    }
    return text;
}

template <class Metric>
Metric& find_or_make(std::string_view name, std::string_view help, labels with) {
    const series fresh_type = std::unique_ptr<Metric>();
    std::string key = label_text(with);
    registry& r = all();
    std::lock_guard lock(r.mutex);
    auto found = r.families.find(name);
    if (found == r.families.end()) {
        found = r.families.try_emplace(std::string(name)).first;
        found->second.help = help;
        found->second.type = fresh_type.index();
    }
    verify(found->second.type == fresh_type.index());
    auto& slot = found->second.each[std::move(key)];
    if (slot.index() != fresh_type.index() || !std::get<std::unique_ptr<Metric>>(slot))
        slot = std::make_unique<Metric>();
    return *std::get<std::unique_ptr<Metric>>(slot);
}

std::string in_braces(const std::string& label) { return label.empty() ? "" : "{" + label + "}"; }

void append_histogram(std::string& out, const std::string& name, const std::string& label,
                      const histogram& h) {
    const auto now = h.read();
    const std::string before = label.empty() ? "" : label + ",";
    std::uint64_t running = 0;
    for (std::size_t i = 0; i < now.buckets.size(); ++i) {
        running += now.buckets[i];
        const auto bound = i < histogram::bounds_us.size()
                               ? fmt::format("{}", static_cast<double>(histogram::bounds_us[i]) / 1e6)
                               : std::string("+Inf");
        fmt::format_to(std::back_inserter(out), "{}_bucket{{{}le=\"{}\"}} {}\n", name, before, bound,
                       running);
    }
    fmt::format_to(std::back_inserter(out), "{}_sum{} {}\n{}_count{} {}\n", name, in_braces(label),
                   static_cast<double>(now.sum.count()) / 1e9, name, in_braces(label), now.count);
}

void append_series(std::string& out, const std::string& name, const std::string& label, const series& one) {
    if (const auto* c = std::get_if<0>(&one))
        fmt::format_to(std::back_inserter(out), "{}{} {}\n", name, in_braces(label), (*c)->value());
    else if (const auto* g = std::get_if<1>(&one))
        fmt::format_to(std::back_inserter(out), "{}{} {}\n", name, in_braces(label), (*g)->value());
    else
        append_histogram(out, name, label, *std::get<2>(one));
}

void append_head(std::string& out, std::string_view name, std::string_view help, std::string_view type) {
    fmt::format_to(std::back_inserter(out), "# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
}

// What one thread has already found: the search by label costs a hash instead of a lock.
struct text_hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept {
        return std::hash<std::string_view>()(text);
    }
};

struct route_metrics {
    histogram* duration;
    std::vector<std::pair<int, counter*>> answers;  // by status: few, so searched in order
};
struct statement_metrics {
    histogram* duration;
    counter* failures;
};

template <class T>
using cache = std::unordered_map<std::string, T, text_hash, std::equal_to<>>;

counter& answers_with(route_metrics& of, std::string_view route, int status) {
    for (const auto& [code, count] : of.answers)
        if (code == status) return *count;
    auto& made = counter_of("astrotalk_http_responses_total", "Responses by route and status.",
                            {{"route", route}, {"status", fmt::format_int(status).c_str()}});
    of.answers.emplace_back(status, &made);
    return made;
}

}  // namespace

std::size_t this_thread_shard() {
    static std::atomic<std::size_t> next{0};
    thread_local const std::size_t mine = next.fetch_add(1, std::memory_order_relaxed) % shard_count;
    return mine;
}

std::uint64_t counter::value() const {
    std::uint64_t sum = 0;
    for (const auto& each : shards_) sum += each.value.load(std::memory_order_relaxed);
    return sum;
}

void histogram::observe(std::chrono::nanoseconds took) {
    const auto ns = std::max<std::int64_t>(took.count(), 0);
    std::size_t bucket = 0;
    while (bucket < bounds_us.size() && ns > bounds_us[bucket] * 1000) ++bucket;
    auto& mine = shards_[this_thread_shard()];
    mine.buckets[bucket].fetch_add(1, std::memory_order_relaxed);
    mine.sum_ns.fetch_add(static_cast<std::uint64_t>(ns), std::memory_order_relaxed);
}

histogram::snapshot histogram::read() const {
    snapshot now;
    for (const auto& each : shards_) {
        for (std::size_t i = 0; i < now.buckets.size(); ++i) {
            const auto n = each.buckets[i].load(std::memory_order_relaxed);
            now.buckets[i] += n;
            now.count += n;
        }
        now.sum += std::chrono::nanoseconds(each.sum_ns.load(std::memory_order_relaxed));
    }
    return now;
}

counter& counter_of(std::string_view name, std::string_view help, labels with) {
    return find_or_make<counter>(name, help, with);
}
gauge& gauge_of(std::string_view name, std::string_view help, labels with) {
    return find_or_make<gauge>(name, help, with);
}
histogram& histogram_of(std::string_view name, std::string_view help, labels with) {
    return find_or_make<histogram>(name, help, with);
}

watched_gauge::watched_gauge(std::string_view name, std::string_view help, std::function<double()> read) {
    registry& r = all();
    std::lock_guard lock(r.mutex);
    key_ = r.next_watch++;
    r.watches.emplace(key_, registry::watched{std::string(name), std::string(help), std::move(read)});
}

watched_gauge::~watched_gauge() {
    registry& r = all();
    std::lock_guard lock(r.mutex);
    r.watches.erase(key_);
}

void request(std::string_view route, int status, std::chrono::nanoseconds took) {
    thread_local cache<route_metrics> known;
    auto found = known.find(route);
    if (found == known.end()) {
        auto& duration =
            histogram_of("astrotalk_http_request_duration_seconds",
                         "From the parsed request to the composed response.", {{"route", route}});
        found = known.emplace(std::string(route), route_metrics{&duration, {}}).first;
    }
    found->second.duration->observe(took);
    answers_with(found->second, route, status).add();
}

void statement(std::string_view name, std::chrono::nanoseconds took, bool failed) {
    thread_local cache<statement_metrics> known;
    auto found = known.find(name);
    if (found == known.end()) {
        auto& duration = histogram_of("astrotalk_statement_duration_seconds",
                                      "From the call to the last row, waiting for a connection included.",
                                      {{"statement", name}});
        auto& failures = counter_of("astrotalk_statement_failures_total",
                                    "Statements that failed or found no database.", {{"statement", name}});
        found = known.emplace(std::string(name), statement_metrics{&duration, &failures}).first;
    }
    found->second.duration->observe(took);
    if (failed) found->second.failures->add();
}

std::string exposition() {
    static constexpr std::array<std::string_view, 3> types{"counter", "gauge", "histogram"};
    std::string out;
    registry& r = all();
    std::lock_guard lock(r.mutex);
    for (const auto& [name, each] : r.families) {
        append_head(out, name, each.help, types[each.type]);
        for (const auto& [label, one] : each.each) append_series(out, name, label, one);
    }
    // Several objects may watch under one name, one for each I/O thread: their sum is exposed.
    std::map<std::string, std::pair<std::string, double>> watched;
    for (const auto& [key, each] : r.watches) {
        auto& [help, sum] = watched[each.name];
        help = each.help;
        sum += each.read();
    }
    for (const auto& [name, value] : watched) {
        append_head(out, name, value.first, "gauge");
        fmt::format_to(std::back_inserter(out), "{} {}\n", name, value.second);
    }
    append_process_metrics(out);
    return out;
}

}  // namespace astrotalk::telemetry
