// What a provider with an API and webhooks does wrong on purpose. PUT /control/digio and /control/razorpay
// take {"rules": [{"call", "fault", …}]}: each rule holds for its next `times` occasions, or always, and in
// `percent` of them, drawn from the seed.
#pragma once

#include <boost/describe.hpp>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace sandbox {

// The calls of Digio's REST API, then what it does by itself; the calls of Razorpay's. Webhooks are both's.
enum class call_kind {
    create,
    create_inline,
    response,
    media,
    approval,
    reattempt,
    token,
    webhook,
    video,
    review,
    create_order,
    read_order,
    list_payments,
    capture,
    refund,
    read_refund
};
BOOST_DESCRIBE_ENUM(call_kind, create, create_inline, response, media, approval, reattempt, token, webhook,
                    video, review, create_order, read_order, list_payments, capture, refund, read_refund)

// clang-format off
enum class mishap {
    // of calls
    status,        // answers `status` (and Retry-After) instead of doing anything
    timeout,       // does nothing, and answers after `delayMs` (a minute)
    lost_answer,   // does it; then answers `status`, or answers after `delayMs` (a minute)
    not_json,      // answers `status` (502) with a page of a proxy
    upper_case,    // also of webhooks: keys, events and states in capitals
    slow,          // answers after `delayMs`
    // of webhooks
    duplicate,     // the same bytes twice
    altered,       // again under the same id, with another body
    reorder,       // after the one that comes next
    delay,         // `delayMs` later
    drop,          // never
    bad_checksum,  // signed with another secret
    stale,         // an earlier event of the request comes again, under a new id
    old_created_at,  // created_at of an hour ago
    // of video calls and reviews
    drop_call,     // the connection breaks at minute `minute` of the call
    slow_review,   // takes `delayMs` longer
};
// clang-format on
BOOST_DESCRIBE_ENUM(mishap, status, timeout, lost_answer, not_json, upper_case, slow, duplicate, altered,
                    reorder, delay, drop, bad_checksum, stale, old_created_at, drop_call, slow_review)

struct rule {
    call_kind call = call_kind::create;
    mishap fault = mishap::status;
    std::optional<std::int32_t> times;
    std::optional<std::int32_t> percent;
    std::optional<std::string> event;  // of webhooks: only this one
    std::optional<std::int32_t> status, retry_after_seconds, delay_ms, minute;
    BOOST_DESCRIBE_CLASS(rule, (),
                         (call, fault, times, percent, event, status, retry_after_seconds, delay_ms, minute),
                         (), ())
};

struct faults {
    std::vector<rule> rules;
    BOOST_DESCRIBE_CLASS(faults, (), (rules), (), ())
};

// The rules that hold for this occasion, each used once more by that: all of them for a webhook, the first
// for everything else, so that several rules for a call follow one another.
std::vector<rule> take(faults& of, call_kind call, std::mt19937_64& random, std::string_view event = {});

}  // namespace sandbox
