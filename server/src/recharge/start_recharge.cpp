#include "core/log.hpp"
#include "recharge/queries.hpp"
#include "recharge/steps.hpp"
#include "telemetry/metrics.hpp"

namespace astrotalk::recharge {
namespace {

constexpr std::int32_t most_open_an_hour = 20;

struct choice_row {
    std::optional<bytes> fingerprint;
    std::optional<std::string> answer;
    std::optional<uuid> pack_id;
    std::optional<money> pack_amount, pack_bonus;
    std::optional<std::int32_t> bonus_basis_points;
    std::optional<money> coupon_bonus, most_bonus;
    std::optional<bool> first_only, coupon_valid;
    bool used_up = false, used_before = false;
    std::int32_t open = 0;
    BOOST_DESCRIBE_CLASS(choice_row, (),
                         (fingerprint, answer, pack_id, pack_amount, pack_bonus, bonus_basis_points,
                          coupon_bonus, most_bonus, first_only, coupon_valid, used_up, used_before, open),
                         (), ())
};

struct pack_row {
    uuid id;
    money amount, bonus;
};
BOOST_DESCRIBE_STRUCT(pack_row, (), (id, amount, bonus))

task<choice_row> read_choice(service& s, user_id who, const std::string& key, const choice& of) {
    co_return *co_await s.pg.write_one<choice_row>(sql::read_choice, who, key, of.pack_id, of.amount,
                                                   of.coupon);
}

outcome<quote> quote_of(const service& s, const choice& of, const choice_row& row) {
    if (of.pack_id && !row.pack_amount) return error::pack_not_found;
    quote made;
    made.amount = of.pack_id ? *row.pack_amount : *of.amount;
    made.bonus = row.pack_bonus.value_or(money{});
    made.gst = part_of(made.amount, s.by.gst_basis_points);
    made.payable = made.amount + made.gst;
    if (!of.coupon) return made;
    if (row.used_before) return error::coupon_used_before;
    if (!row.coupon_valid.value_or(false)) return error::coupon_not_found;
    if (row.used_up) return error::coupon_used_up;
    made.coupon_bonus =
        bonus_of({*row.bonus_basis_points, row.coupon_bonus.value_or(money{}), row.most_bonus}, made.amount);
    return made;
}

// The order is made once. What became of it when no answer came is found by the receipt.
task<void> make_order(service& s, uuid id, money payable) {
    const auto made = co_await s.gateway.create_order(id.to_string(), payable);
    if (made)
        co_await s.pg.execute(sql::open_recharge, id, *made);
    else if (made.error() != order_fault::unanswered)
        co_await s.pg.execute(sql::abandon_recharge, id);
}

std::optional<error> error_of(std::string_view constraint) {
    if (constraint == "coupon_used_up") return error::coupon_used_up;
    if (constraint == "coupon_used_before" || constraint == "recharge_first_coupon")
        return error::coupon_used_before;
    return std::nullopt;
}

}  // namespace

task<std::optional<recharge_row>> read_row(service& s, uuid id) {
    return s.pg.write_one<recharge_row>(sql::read_recharge, id);
}

recharge_view view_of(const service& s, const recharge_row& row) {
    recharge_view out{.id = row.id,
                      .state = row.state,
                      .amount = row.amount,
                      .bonus = row.bonus,
                      .coupon_bonus = row.coupon_bonus,
                      .gst = row.gst,
                      .payable = row.payable(),
                      .refunded = row.refunded,
                      .coupon = row.coupon,
                      .last_error = row.last_error,
                      .hold_id = row.hold_id,
                      .paid_at = row.paid_at,
                      .created_at = row.created_at,
                      .checkout = {}};
    if (row.state == "open")
        out.checkout = checkout_form{s.gateway.checkout_url(), s.gateway.key_id(), *row.order_id,
                                     s.by.public_url + "/v1/recharges/return", row.payable()};
    return out;
}

task<std::vector<pack>> list_packs(service& s) {
    std::vector<pack> packs;
    for (const auto& each : co_await s.pg.read<pack_row>(sql::list_packs)) {
        const money gst = part_of(each.amount, s.by.gst_basis_points);
        packs.push_back({each.id, each.amount, each.bonus, gst, each.amount + gst});
    }
    co_return packs;
}

task<outcome<quote>> price(service& s, user_id who, choice of) {
    const auto row = co_await read_choice(s, who, "", of);
    co_return quote_of(s, of, row);
}

task<outcome<recharge_view>> start(service& s, caller who, http::idempotency_key key, choice of,
                                   std::optional<std::string> place, std::optional<uuid> hold) {
    for (int tries = 0; tries < most_tries; ++tries) {
        const auto row = co_await read_choice(s, who.id, key.key, of);
        if (row.fingerprint) {
            const auto mine = row.answer ? uuid::parse(*row.answer) : std::nullopt;
            if (*row.fingerprint != fingerprint_of(key) || !mine) co_return error::idempotency_key_reused;
            co_return co_await read(s, who.id, *mine);
        }
        const auto asked = quote_of(s, of, row);
        if (!asked) co_return asked.error();
        if (row.open >= most_open_an_hour) co_return error::too_many_open;
        const uuid id = uuid::v7();
        const auto stored = co_await s.pg.try_write<uuid>(
            sql::start_recharge, id, who.id, of.pack_id, asked->amount, of.coupon, asked->bonus,
            asked->coupon_bonus, asked->gst, s.by.gst_basis_points, place, hold, uuid::v7(), who.request_id,
            key.key, clock::now(), fingerprint_of(key));
        if (!stored) {
            if (const auto why = error_of(stored.error().constraint)) co_return *why;
            continue;  // the key went to another request meanwhile
        }
        if (stored->empty()) continue;  // the coupon ended meanwhile
        telemetry::counter_of("astrotalk_recharges_started_total", "Recharges that were started.").add();
        co_await make_order(s, id, asked->payable);
        co_return co_await read(s, who.id, id);
    }
    throw pg::unavailable();
}

task<outcome<recharge_view>> read(service& s, user_id who, uuid id) {
    const auto row = co_await read_row(s, id);
    if (!row || row->user_id != who) co_return error::recharge_not_found;
    co_return view_of(s, *row);
}

task<std::vector<recharge_view>> list(service& s, user_id who, uuid before, std::int32_t most) {
    std::vector<recharge_view> all;
    for (const auto& row : co_await s.pg.read<recharge_row>(sql::list_recharges, who, before, most))
        all.push_back(view_of(s, row));
    co_return all;
}

}  // namespace astrotalk::recharge
