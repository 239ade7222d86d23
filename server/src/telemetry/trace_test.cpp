#include "telemetry/trace.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "core/loop.hpp"
#include "telemetry/metrics.hpp"

namespace astrotalk::telemetry {
namespace {

constexpr std::string_view sampled = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

struct tracing_on {
    explicit tracing_on(std::size_t limit = 8192) { start_tracing(limit); }
    ~tracing_on() { stop_tracing(); }
};

std::vector<std::string> sent;
task<void> keep(std::string body) {
    sent.push_back(std::move(body));
    co_return;
}
task<void> refuse(std::string) {
    throw std::runtime_error("refused");
    co_return;
}

std::size_t export_to(span_sender where) {
    sent.clear();
    loop l;
    return l.run_until(export_spans(std::move(where), "1.2.3"));
}

TEST(trace, a_traceparent_survives_the_round_trip) {
    const auto context = trace_context::parse(sampled);
    ASSERT_TRUE(context);
    EXPECT_TRUE(context->sampled);
    EXPECT_EQ(context->to_string(), sampled);
    const auto child = context->child();
    EXPECT_EQ(child.trace_id, context->trace_id);
    EXPECT_NE(child.span_id, context->span_id);
    const auto made = trace_context::make(false);
    EXPECT_EQ(trace_context::parse(made.to_string()), made);
}

TEST(trace, malformed_traceparents_are_nothing) {
    for (const auto* text : {"", "00", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0",
                             "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                             "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
                             "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
                             "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
                             "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
                             "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01more",
                             "00-4bf92f3577b34da6a3ce929d0e0e4736x00f067aa0ba902b7-01"})
        EXPECT_FALSE(trace_context::parse(text)) << text;
    EXPECT_TRUE(trace_context::parse("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more"));
}

TEST(trace, spans_are_off_by_default_and_for_unsampled_parents) {
    EXPECT_FALSE(span("off", *trace_context::parse(sampled)));
    tracing_on on;
    EXPECT_FALSE(span("unsampled", trace_context::make(false)));
    EXPECT_TRUE(span("on", trace_context::make(true)));
}

TEST(trace, ended_spans_are_exported_once_as_otlp) {
    tracing_on on;
    {
        span outer("POST /v1/holds", *trace_context::parse(sampled), span::kind::server);
        outer.attribute("http.response.status_code", std::int64_t{201});
        span inner("booking.\"hold\"", outer.context(), span::kind::client);
        inner.fail("gone");
    }
    EXPECT_EQ(export_to(keep), 2u);
    ASSERT_EQ(sent.size(), 1u);
    const auto& body = sent[0];
    EXPECT_NE(body.find(R"("traceId":"4bf92f3577b34da6a3ce929d0e0e4736")"), std::string::npos) << body;
    EXPECT_NE(body.find(R"("parentSpanId":"00f067aa0ba902b7","name":"POST /v1/holds","kind":2)"),
              std::string::npos)
        << body;
    EXPECT_NE(body.find(R"({"key":"http.response.status_code","value":{"intValue":"201"}})"),
              std::string::npos)
        << body;
    EXPECT_NE(body.find(R"("name":"booking.\"hold\"","kind":3)"), std::string::npos) << body;
    EXPECT_NE(body.find(R"("status":{"code":2,"message":"gone"})"), std::string::npos) << body;
    EXPECT_EQ(export_to(keep), 0u);
}

TEST(trace, many_spans_go_in_batches_and_a_refused_batch_is_dropped_and_counted) {
    tracing_on on(2000);
    auto& lost = counter_of("astrotalk_spans_dropped_total", "Spans that were never sent.");
    const auto before = lost.value();
    for (int i = 0; i < 2100; ++i) span("each", trace_context::make(true));
    EXPECT_EQ(lost.value() - before, 100u);
    EXPECT_EQ(export_to(refuse), 0u);
    EXPECT_EQ(lost.value() - before, 612u);
    EXPECT_EQ(export_to(keep), 1488u);
    EXPECT_EQ(sent.size(), 3u);
}

}  // namespace
}  // namespace astrotalk::telemetry
