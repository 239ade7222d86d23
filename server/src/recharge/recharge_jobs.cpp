#include "core/log.hpp"
#include "http/json.hpp"
#include "recharge/queries.hpp"
#include "recharge/steps.hpp"
#include "telemetry/metrics.hpp"
#include "webhooks/webhooks.hpp"

namespace astrotalk::recharge {
namespace {

constexpr std::int32_t lease_seconds = 60;

struct paid_payload {
    uuid recharge_id;
};
BOOST_DESCRIBE_STRUCT(paid_payload, (), (recharge_id))

bool is_known(std::string_view event) {
    return event.starts_with("payment.") || event.starts_with("order.") || event.starts_with("refund.");
}

// A webhook is a hint at which order to look. What it says is not believed.
task<void> heed_webhook(service& s, jobs::job work, const body_reader& body_of) {
    const auto body = co_await body_of(webhooks::event_of(work));
    if (!body) co_return;
    const auto hint = razorpay::parse_hint(*body);
    if (!is_known(hint.event) || (hint.order_id.empty() && hint.refund_id.empty())) {
        webhooks::count_unknown(webhooks::razorpay);
        co_return;
    }
    bool ours = false;
    if (!hint.refund_id.empty()) {
        const auto id = co_await s.pg.write_one<uuid>(sql::find_refund_by_provider, hint.refund_id);
        ours = id.has_value();
        if (id) co_await settle_refund(s, *id);
    }
    if (!hint.order_id.empty()) {
        const auto id = co_await s.pg.write_one<uuid>(sql::find_recharge_by_order, hint.order_id);
        ours = ours || id.has_value();
        if (id) co_await settle(s, *id);
    }
    if (!ours) webhooks::count_late(webhooks::razorpay);
}

task<void> book_waiting(service& s, jobs::job work, const book_hold& book) {
    const auto what = http::from_json<paid_payload>(work.payload);
    if (!what) throw jobs::permanent_failure("the payload has another form");
    const auto row = co_await read_row(s, what->recharge_id);
    if (row && row->hold_id) co_await book(row->user_id, *row->hold_id, row->id);
}

struct round {
    std::size_t left = 0;
    event done;
};

task<void> look(service& s, uuid id, task<void> (*at)(service&, uuid), round& of) {
    try {
        co_await at(s, id);
    } catch (const std::exception& e) {
        log::warning("recharge.check_failed", {{"subject", id}, {"error", log::text(e.what())}});
    }
    if (--of.left == 0) of.done.set();
}

struct measured {
    std::int64_t open = 0, refunds_under_way = 0, refunds_waiting = 0, refunds_failed = 0, lag_seconds = 0;
};
BOOST_DESCRIBE_STRUCT(measured, (), (open, refunds_under_way, refunds_waiting, refunds_failed, lag_seconds))

}  // namespace

void handle_jobs(jobs::outbox_worker& worker, service& s, body_reader body_of, book_hold book) {
    worker.handle("webhook.razorpay", [&s, body_of = std::move(body_of)](jobs::job work) {
        return heed_webhook(s, std::move(work), body_of);
    });
    worker.handle("recharge.book", [&s, book = std::move(book)](jobs::job work) {
        return book_waiting(s, std::move(work), book);
    });
}

// All of a batch at a time: its size is the most that the provider is asked at once by this node.
task<int> poll(service& s, int batch) {
    const auto recharges = co_await s.pg.write<uuid>(sql::claim_recharge_checks, batch, lease_seconds);
    const auto refunds = co_await s.pg.write<uuid>(sql::claim_refund_checks, batch, lease_seconds);
    round all;
    all.left = recharges.size() + refunds.size();
    const auto due = all.left;
    if (due == 0) co_return 0;
    for (const auto& id : recharges) spawn(look(s, id, settle, all));
    for (const auto& id : refunds) spawn(look(s, id, settle_refund, all));
    while (!all.done.is_set()) co_await all.done.wait_for(std::chrono::minutes(1));
    co_return static_cast<int>(due);
}

task<void> measure(pg::client& pg) {
    const auto now = co_await pg.read_one<measured>(sql::measure_recharges);
    const auto show = [](std::string_view name, std::string_view help, std::int64_t value) {
        telemetry::gauge_of(name, help).set(value);
    };
    show("astrotalk_recharges_open", "Recharges that may still be paid.", now->open);
    show("astrotalk_refunds_under_way", "Refunds that the provider has not finished.",
         now->refunds_under_way);
    show("astrotalk_refunds_waiting", "Refunds that wait for a second administrator.", now->refunds_waiting);
    show("astrotalk_refunds_failed", "Refunds that failed.", now->refunds_failed);
    show("astrotalk_recharge_check_lag_seconds", "How late the check is that waits longest.",
         now->lag_seconds);
}

}  // namespace astrotalk::recharge
