#include <fmt/format.h>

#include <algorithm>

#include "core/log.hpp"
#include "crypto/crypto.hpp"
#include "recharge/queries.hpp"
#include "recharge/steps.hpp"
#include "telemetry/metrics.hpp"

namespace astrotalk::recharge {
namespace {

// A refusal may pass (too little at the provider today); after so many it is one.
constexpr std::int32_t most_refusals = 6;

struct refundable_row {
    std::optional<bytes> fingerprint;
    std::optional<std::string> answer;
    std::optional<astrotalk::user_id> user_id;
    std::optional<money> amount, gst;
    std::optional<std::string> payment_id;
    std::optional<money> paid, refunded;
    money bonus, net, gst_back, bonus_back;
    std::optional<money> wallet_cash, wallet_bonus;
    BOOST_DESCRIBE_CLASS(refundable_row, (),
                         (fingerprint, answer, user_id, amount, gst, payment_id, paid, refunded, bonus, net,
                          gst_back, bonus_back, wallet_cash, wallet_bonus),
                         (), ())
};

struct refund_row : refund {
    std::optional<std::string> provider_id;
    std::int32_t checks = 0;
    bool stray = false;
    astrotalk::user_id user_id;
    BOOST_DESCRIBE_CLASS(refund_row, (refund), (provider_id, checks, stray, user_id), (), ())
};

task<std::optional<refund_row>> read_refund(service& s, uuid id) {
    return s.pg.write_one<refund_row>(sql::read_refund, id);
}

task<outcome<refund>> shown(service& s, uuid id) {
    const auto row = co_await read_refund(s, id);
    if (!row) co_return error::refund_not_found;
    co_return static_cast<const refund&>(*row);
}

// What else a refund of `net` takes: of what was credited, and never more than is left of it.
returned rest_of(const refundable_row& row, money net) {
    auto total = returned_for(row.net + net, *row.amount, *row.gst, row.bonus);
    total.gst = total.gst - row.gst_back;
    total.bonus =
        std::min(std::max(total.bonus - row.bonus_back, money{}), row.wallet_bonus.value_or(money{}));
    return total;
}

std::int32_t wait_after(std::int32_t checks) {
    const double jitter = static_cast<double>(crypto::random_below(1000)) / 1000;
    return static_cast<std::int32_t>(next_look(checks + 1, jitter).count());
}

task<bool> finish(service& s, const refund_row& row, std::string_view to, std::optional<std::string> provider,
                  const std::optional<staff>& by) {
    const uuid told = uuid::v7();
    const auto json = fmt::format(R"({{"userId":"{}","rechargeId":"{}","outcome":"{}"}})",
                                  row.user_id.to_string(), row.recharge_id.to_string(), to);
    const auto done = co_await s.pg.write<uuid>(
        sql::finish_refund, row.id, row.state, to, provider, by ? std::optional(by->id) : std::nullopt,
        uuid::v7(), uuid::v7(), by ? by->role : "system", by ? by->reason : "the provider says so",
        by ? by->request_id : "", told, jobs::seal_payload(s.keys, told, json));
    if (done.empty()) co_return false;
    telemetry::counter_of("astrotalk_refunds_total", "Refunds that ended, by how.", {{"outcome", to}}).add();
    if (to == "failed") log::error("refund.failed", {{"refund", row.id}, {"stray", row.stray}});
    co_return true;
}

}  // namespace

task<outcome<refund>> ask_refund(service& s, staff who, http::idempotency_key key, uuid recharge, money net) {
    for (int tries = 0; tries < most_tries; ++tries) {
        const auto row =
            *co_await s.pg.write_one<refundable_row>(sql::read_refundable, who.id, key.key, recharge);
        if (row.fingerprint) {
            const auto made = row.answer ? uuid::parse(*row.answer) : std::nullopt;
            if (*row.fingerprint != fingerprint_of(key) || !made) co_return error::idempotency_key_reused;
            co_return co_await shown(s, *made);
        }
        if (!row.user_id) co_return error::recharge_not_found;
        if (!row.payment_id || row.net + net > *row.amount) co_return error::not_refundable;
        if (row.wallet_cash.value_or(money{}) < net) co_return error::insufficient_cash;
        const auto with = rest_of(row, net);
        const uuid id = uuid::v7();
        const bool waits = net + with.gst > s.by.four_eyes_above;
        const auto stored =
            co_await s.pg.try_write<uuid>(sql::ask_refund, id, *row.payment_id, *row.refunded, recharge, net,
                                          with.gst, with.bonus, waits, who.id, who.reason, uuid::v7(),
                                          uuid::v7(), who.role, who.request_id, key.key, fingerprint_of(key));
        if (stored && !stored->empty()) co_return co_await shown(s, id);
        // Another refund, the wallet or the key was faster: decide again from what there is now.
    }
    throw pg::unavailable();
}

task<outcome<refund>> decide_refund(service& s, staff who, uuid id, bool approve) {
    const auto row = co_await read_refund(s, id);
    if (!row) co_return error::refund_not_found;
    if (row->asked_by == who.id) co_return error::own_request;
    if (row->state != "proposed") co_return error::already_decided;
    if (approve) {
        const auto done = co_await s.pg.write<uuid>(sql::approve_refund, id, who.id, uuid::v7(), who.role,
                                                    who.reason, who.request_id);
        if (done.empty()) co_return error::already_decided;
    } else if (!co_await finish(s, *row, "rejected", std::nullopt, who)) {
        co_return error::already_decided;
    }
    co_return co_await shown(s, id);
}

task<std::vector<refund>> list_refunds(service& s, std::optional<std::string> state, uuid before,
                                       std::int32_t most) {
    return s.pg.read<refund>(sql::list_refunds, state, before, most);
}

// The key makes sending it again harmless, so an answer that was lost is asked for by sending it again.
task<void> settle_refund(service& s, uuid id) {
    const auto row = co_await read_refund(s, id);
    if (!row || (row->state != "approved" && row->state != "sent")) co_return;
    const bool sent = row->provider_id.has_value();
    const auto said = sent ? co_await s.gateway.read_refund(*row->provider_id)
                           : co_await s.gateway.refund(row->payment_id, row->amount, row->id.to_string());
    const auto* seen = std::get_if<seen_refund>(&said);
    if (!seen) {
        if (!sent && std::get<silence>(said) == silence::refused && row->checks >= most_refusals)
            co_await finish(s, *row, "failed", std::nullopt, std::nullopt);
        else
            co_await s.pg.execute(sql::note_refund_check, id, row->state, wait_after(row->checks));
        co_return;
    }
    if (seen->status == seen_refund::standing::processed)
        co_await finish(s, *row, "processed", seen->id, std::nullopt);
    else if (seen->status == seen_refund::standing::failed)
        co_await finish(s, *row, "failed", seen->id, std::nullopt);
    else if (!sent)
        co_await s.pg.execute(sql::note_refund_sent, id, seen->id);
    else
        co_await s.pg.execute(sql::note_refund_check, id, row->state, wait_after(row->checks));
}

}  // namespace astrotalk::recharge
