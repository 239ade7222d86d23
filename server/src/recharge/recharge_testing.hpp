// For tests of this folder: a payment provider as a value that a test moves, and people who recharge.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>

#include "core/loop.hpp"
#include "pg/testing.hpp"
#include "recharge/recharge.hpp"
#include "wallet/wallet.hpp"

namespace astrotalk::recharge {

class model_gateway final : public provider {
  public:
    enum class creation : std::uint8_t { answers, loses_answer, loses_request, refuses, away };
    struct made_refund {
        seen_refund seen;
        std::string payment_id;
        money amount;
    };

    task<result<std::string, order_fault>> create_order(std::string receipt, money) override {
        if (next == creation::away) co_return order_fault::not_sent;
        if (next == creation::refuses) co_return order_fault::refused;
        if (next == creation::loses_request) co_return order_fault::unanswered;
        const auto id = fmt::format("order_{}", ++count);
        orders[receipt] = id;
        if (next == creation::loses_answer) co_return order_fault::unanswered;
        co_return id;
    }
    task<answer<std::string>> find_order(std::string receipt) override {
        if (down) co_return silence::unavailable;
        if (!orders.contains(receipt)) co_return silence::not_found;
        co_return orders[receipt];
    }
    task<answer<std::vector<seen_payment>>> list_payments(std::string order_id) override {
        ++looks;
        if (down) co_return silence::unavailable;
        co_return payments[order_id];
    }
    task<answer<seen_payment>> capture(std::string payment_id, money, std::string) override {
        for (auto& [order, all] : payments)
            for (auto& each : all)
                if (each.id == payment_id) {
                    each.status = payment_status::captured;
                    co_return each;
                }
        co_return silence::refused;
    }
    task<answer<seen_refund>> refund(std::string payment_id, money amount, std::string key) override {
        if (down) co_return silence::unavailable;
        if (refuses_refunds) co_return silence::refused;
        auto [at, fresh] = refunds.try_emplace(key);
        if (fresh) at->second = {{fmt::format("rfnd_{}", ++count), refunds_become}, payment_id, amount};
        if (loses_refund_answer) co_return silence::unavailable;
        co_return at->second.seen;
    }
    task<answer<seen_refund>> read_refund(std::string id) override {
        for (auto& [key, each] : refunds)
            if (each.seen.id == id) co_return each.seen;
        co_return silence::not_found;
    }
    bool is_signed(std::string_view order, std::string_view payment, std::string_view said) const override {
        return said == fmt::format("{}|{}", order, payment);
    }
    const std::string& checkout_url() const override { return url_; }
    const std::string& key_id() const override { return key_; }

    // Somebody pays; its id.
    std::string pay(uuid recharge, money amount, payment_status status = payment_status::captured,
                    std::string currency = "INR") {
        seen_payment made{.id = fmt::format("pay_{}", ++count),
                          .currency = std::move(currency),
                          .method = "upi",
                          .amount = amount,
                          .fee = money{amount.paise / 50},
                          .status = status,
                          .error_code = status == payment_status::failed ? "BAD_REQUEST_ERROR" : ""};
        payments[orders.at(recharge.to_string())].push_back(made);
        return made.id;
    }

    creation next = creation::answers;
    seen_refund::standing refunds_become = seen_refund::standing::processed;
    bool down = false, refuses_refunds = false, loses_refund_answer = false;
    int count = 0, looks = 0;
    std::map<std::string, std::string> orders;  // by receipt
    std::map<std::string, std::vector<seen_payment>> payments;
    std::map<std::string, made_refund> refunds;  // by key

  private:
    std::string url_ = "https://pay.test/checkout", key_ = "rzp_test_model";
};

inline http::idempotency_key fresh_key() { return {uuid::v7().to_string(), "body"}; }

struct recharge_test : ::testing::Test {
    pg::testing::database db;
    crypto::keyring keys{bytes(32)};
    model_gateway gateway;
    terms by;

    user_id add_user() {
        const user_id id = user_id::make();
        const auto text = id.to_string();
        db.execute("insert into pool_user (id, phone_hash, phone_sealed, user_type) values ('" + text +
                   "', '\\x" + text.substr(24) + "', '', 'user'); insert into wallet (owner_id) values ('" +
                   text + "')");
        return id;
    }
    // Does `what` with a service of its own.
    template <class Work>
    auto with(Work what) {
        return pg::testing::run(db, [this, &what](pg::client& pg) { return call(pg, what); });
    }
    template <class Work>
    auto call(pg::client& pg, Work what) -> decltype(what(std::declval<service&>())) {
        service s{pg, keys, gateway, by};
        co_return co_await what(s);
    }

    recharge_view start_with(user_id who, choice of, std::optional<uuid> hold = {}) {
        const auto made =
            with([&](service& s) { return start(s, {who, "a-test"}, fresh_key(), of, {}, hold); });
        EXPECT_TRUE(made.has_value()) << (made ? 0 : static_cast<int>(made.error()));
        return made ? *made : recharge_view{};
    }
    recharge_view started(user_id who, std::int64_t amount = 10'000) {
        return start_with(who, {.pack_id = {}, .amount = money{amount}, .coupon = {}});
    }
    recharge_view looked(uuid id, user_id who) {
        with([&](service& s) { return settled(s, id); });
        return *with([&](service& s) { return read(s, who, id); });
    }
    static task<int> settled(service& s, uuid id) {
        co_await settle(s, id);
        co_return 0;
    }
    static task<int> refund_settled(service& s, uuid id) {
        co_await settle_refund(s, id);
        co_return 0;
    }
    wallet::balance wallet_of(user_id who) {
        return with([&](service& s) { return wallet::read_balance(s.pg, who); });
    }
    std::int64_t platform(std::string_view account) {
        for (const auto& each : with([&](service& s) { return wallet::platform_accounts(s.pg); }))
            if (each.account == account) return each.balance.paise;
        return 0;
    }
    void expect_sound() {
        const auto report = with([&](service& s) { return wallet::verify_ledger(s.pg); });
        for (const auto& each : report.differences)
            ADD_FAILURE() << each.what << ' ' << each.recorded << " is not " << each.recomputed;
    }
    std::int64_t count_of(const std::string& from) const {
        return std::stoll(db.execute("select count(*) from " + from));
    }
    void add_coupon(const std::string& values) {
        db.execute(
            "insert into coupon (code, bonus, valid_from, valid_until, most_uses, most_uses_each, "
            "first_only) values " +
            values);
    }
};

}  // namespace astrotalk::recharge
