#include <fmt/format.h>

#include "core/log.hpp"
#include "crypto/crypto.hpp"
#include "recharge/queries.hpp"
#include "recharge/steps.hpp"
#include "telemetry/metrics.hpp"

namespace astrotalk::recharge {
namespace {

// An order that was not answered is found by its receipt by then, or was never made.
constexpr auto order_appears_within = std::chrono::minutes(10);

std::int32_t wait_after(std::int32_t checks) {
    const double jitter = static_cast<double>(crypto::random_below(1000)) / 1000;
    return static_cast<std::int32_t>(next_look(checks, jitter).count());
}

void count_money(std::string_view what, const seen_payment& payment) {
    telemetry::counter_of("astrotalk_payments_total", "Captured payments, by what became of them.",
                          {{"outcome", what}, {"method", payment.method}})
        .add();
}

// Money that does not fit its order goes back; that it came is for somebody to look at.
task<void> send_back(service& s, const recharge_row& row, const seen_payment& stray) {
    const std::string_view why = !row.goes_on                    ? "the account has ended"
                                 : stray.currency != "INR"       ? "another currency"
                                 : stray.amount != row.payable() ? "another amount"
                                                                 : "paid twice";
    const auto made = co_await s.pg.try_write<uuid>(sql::count_stray, row.id, uuid::v7(), stray.id,
                                                    stray.amount, stray.currency, stray.fee, stray.method,
                                                    clock::now(), why, uuid::v7(), uuid::v7());
    if (!made || made->empty()) co_return;
    count_money("stray", stray);
    log::error("recharge.stray_payment", {{"recharge", row.id}, {"why", log::text(why)}});
}

// False: the recharge or the payment is not what it was; look again.
task<bool> credit(service& s, const recharge_row& row, const seen_payment& payment) {
    const uuid told = uuid::v7(), book = uuid::v7();
    const auto json = fmt::format(R"({{"rechargeId":"{}"}})", row.id.to_string());
    const auto news =
        fmt::format(R"({{"userId":"{}","rechargeId":"{}"}})", row.user_id.to_string(), row.id.to_string());
    const auto done = co_await s.pg.try_write<uuid>(
        sql::credit_recharge, row.id, row.state, payment.id, payment.amount, payment.fee, payment.method,
        clock::now(), uuid::v7(), uuid::v7(), told, jobs::seal_payload(s.keys, told, news), book,
        jobs::seal_payload(s.keys, book, json));
    if (!done || done->empty()) co_return false;
    count_money("credited", payment);
    co_return true;
}

task<void> note(service& s, const recharge_row& row, const std::string& last_error) {
    co_await s.pg.execute(sql::note_recharge_check, row.id, row.state, last_error, wait_after(row.checks));
}

// An order that was not answered when it was made. True: there is one.
task<bool> look_for_order(service& s, const recharge_row& row) {
    const auto found = co_await s.gateway.find_order(row.id.to_string());
    if (const auto* id = std::get_if<std::string>(&found)) {
        co_await s.pg.execute(sql::open_recharge, row.id, *id);
        co_return true;
    }
    if (std::get<silence>(found) == silence::not_found &&
        clock::now() - row.created_at > order_appears_within)
        co_await s.pg.execute(sql::abandon_recharge, row.id);
    else
        co_await note(s, row, "");
    co_return false;
}

// What one look says. True: there is more to do, look again.
task<bool> take_step(service& s, const recharge_row& row) {
    const auto said = co_await s.gateway.list_payments(*row.order_id);
    const auto* seen = std::get_if<std::vector<seen_payment>>(&said);
    if (!seen) {
        co_await note(s, row, row.last_error.value_or(""));
        co_return false;
    }
    auto found = judge(*seen, row.counted, row.state == "paid", row.payable());
    if (found.credit && !row.goes_on) found.stray.push_back(*std::exchange(found.credit, std::nullopt));
    for (const auto& each : found.stray) co_await send_back(s, row, each);
    if (found.credit) co_return !co_await credit(s, row, *found.credit);
    if (!found.to_capture.empty() && row.goes_on) {
        const auto& payment = found.to_capture.front();
        const auto captured = co_await s.gateway.capture(payment.id, payment.amount, payment.currency);
        if (std::holds_alternative<seen_payment>(captured)) co_return true;
    }
    if (row.state == "open" && clock::now() - row.created_at > order_lasts)
        co_await s.pg.execute(sql::expire_recharge, row.id);
    else
        co_await note(s, row, found.last_error);
    co_return false;
}

}  // namespace

task<void> settle(service& s, uuid id) {
    for (int tries = 0; tries < most_tries; ++tries) {
        const auto row = co_await read_row(s, id);
        if (!row || row->state == "abandoned") co_return;
        if (!row->order_id) {
            if (!co_await look_for_order(s, *row)) co_return;
        } else if (!co_await take_step(s, *row)) {
            co_return;
        }
    }
    throw std::runtime_error("a recharge changed too often while it was looked at");
}

task<outcome<recharge_view>> confirm(service& s, user_id who, uuid id, std::string payment_id,
                                     std::string signature) {
    const auto row = co_await read_row(s, id);
    if (!row || row->user_id != who) co_return error::recharge_not_found;
    if (!row->order_id || !s.gateway.is_signed(*row->order_id, payment_id, signature))
        co_return error::not_signed;
    co_await settle(s, id);
    co_return co_await read(s, who, id);
}

task<outcome<uuid>> confirm_by_order(service& s, std::string order_id, std::string payment_id,
                                     std::string signature) {
    const auto id = co_await s.pg.write_one<uuid>(sql::find_recharge_by_order, order_id);
    if (!id) co_return error::recharge_not_found;
    if (!s.gateway.is_signed(order_id, payment_id, signature)) co_return error::not_signed;
    co_await s.pg.execute(sql::look_soon, *id);
    co_await settle(s, *id);
    co_return *id;
}

}  // namespace astrotalk::recharge
