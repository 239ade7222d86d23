#include "recharge/queries.hpp"
#include "recharge/recharge_testing.hpp"

namespace astrotalk::recharge {
namespace {

using namespace std::chrono_literals;

TEST_F(recharge_test, every_statement_prepares) {
    EXPECT_EQ(pg::testing::prepare_all(db, sql::all), std::vector<std::string>{});
}

TEST_F(recharge_test, a_paid_order_fills_the_wallet_with_its_gst_set_aside) {
    const auto who = add_user();
    const auto mine = started(who, 10'000);
    EXPECT_EQ(mine.state, "open");
    EXPECT_EQ(mine.payable, money{11'800});
    ASSERT_TRUE(mine.checkout);
    EXPECT_EQ(mine.checkout->amount, money{11'800});
    EXPECT_EQ(looked(mine.id, who).state, "open") << "nobody has paid";
    gateway.pay(mine.id, mine.payable);
    const auto paid = looked(mine.id, who);
    EXPECT_EQ(paid.state, "paid");
    EXPECT_FALSE(paid.checkout);
    EXPECT_EQ(wallet_of(who).cash, money{10'000});
    EXPECT_EQ(platform("gst"), 1'800);
    EXPECT_EQ(platform("gateway"), -(11'800 - 236)) << "what the provider owes us, its fee taken";
    EXPECT_EQ(platform("gateway_fees"), -236);
    EXPECT_EQ(count_of("outbox where kind = 'recharge.paid'"), 1);
    expect_sound();
}

TEST_F(recharge_test, a_pack_gives_its_bonus) {
    const auto who = add_user();
    const auto packs = with([](service& s) { return list_packs(s); });
    ASSERT_GE(packs.size(), 3u);
    const auto mine = start_with(who, {.pack_id = packs[2].id, .amount = {}, .coupon = {}});
    gateway.pay(mine.id, mine.payable);
    looked(mine.id, who);
    EXPECT_EQ(wallet_of(who).cash, packs[2].amount);
    EXPECT_EQ(wallet_of(who).bonus, packs[2].bonus);
    EXPECT_EQ(platform("promotions"), -packs[2].bonus.paise);
    expect_sound();
}

TEST_F(recharge_test, whoever_hears_of_a_payment_and_how_often_it_is_credited_once) {
    const auto who = add_user();
    const auto mine = started(who);
    gateway.pay(mine.id, mine.payable);
    with([&](service& s) -> task<int> {
        auto left = std::make_shared<int>(32);
        auto done = std::make_shared<event>();
        auto one = [](service& on, uuid id, std::shared_ptr<int> still,
                      std::shared_ptr<event> all) -> task<void> {
            co_await settle(on, id);
            if (--*still == 0) all->set();
        };
        for (int i = 0; i < 32; ++i) spawn(one(s, mine.id, left, done));
        while (*left > 0) co_await done->wait_for(60s);
        co_return 0;
    });
    EXPECT_EQ(wallet_of(who).cash, money{10'000});
    EXPECT_EQ(count_of("payment"), 1);
    EXPECT_EQ(count_of("journal where kind = 'recharge.paid'"), 1);
    EXPECT_EQ(count_of("outbox where kind = 'recharge.paid'"), 1);
    expect_sound();
}

TEST_F(recharge_test, the_same_key_starts_one_recharge) {
    const auto who = add_user();
    const auto key = fresh_key();
    const choice of{.pack_id = {}, .amount = money{10'000}, .coupon = {}};
    const auto first = with([&](service& s) { return start(s, {who, "r"}, key, of, {}, {}); });
    const auto again = with([&](service& s) { return start(s, {who, "r"}, key, of, {}, {}); });
    ASSERT_TRUE(first && again);
    EXPECT_EQ(first->id, again->id);
    const auto other = with([&](service& s) { return start(s, {who, "r"}, {key.key, "other"}, of, {}, {}); });
    EXPECT_EQ(other.error(), error::idempotency_key_reused);
    EXPECT_EQ(count_of("recharge"), 1);
}

TEST_F(recharge_test, money_of_another_amount_or_currency_or_a_second_time_goes_back) {
    const auto who = add_user();
    const auto mine = started(who);
    gateway.pay(mine.id, money{5'000});
    gateway.pay(mine.id, mine.payable, payment_status::captured, "USD");
    EXPECT_EQ(looked(mine.id, who).state, "open");
    EXPECT_EQ(wallet_of(who).cash, money{0});
    EXPECT_EQ(platform("suspense"), 16'800);
    gateway.pay(mine.id, mine.payable);
    gateway.pay(mine.id, mine.payable);
    EXPECT_EQ(looked(mine.id, who).state, "paid");
    looked(mine.id, who);
    EXPECT_EQ(wallet_of(who).cash, money{10'000});
    EXPECT_EQ(count_of("payment where kind = 'stray'"), 3);
    expect_sound();
    with([](service& s) { return poll(s); });
    EXPECT_EQ(gateway.refunds.size(), 3u);
    EXPECT_EQ(platform("suspense"), 0);
    EXPECT_EQ(count_of("payment_refund where state = 'processed'"), 3);
    expect_sound();
}

TEST_F(recharge_test, an_order_whose_answer_was_lost_is_found_by_its_receipt) {
    const auto who = add_user();
    gateway.next = model_gateway::creation::loses_answer;
    const auto mine = started(who);
    EXPECT_EQ(mine.state, "creating");
    EXPECT_EQ(looked(mine.id, who).state, "open");
    gateway.pay(mine.id, mine.payable);
    EXPECT_EQ(looked(mine.id, who).state, "paid");
    EXPECT_EQ(gateway.orders.size(), 1u);
    expect_sound();
}

TEST_F(recharge_test, an_order_that_was_never_made_is_given_up_after_a_while) {
    const auto who = add_user();
    gateway.next = model_gateway::creation::loses_request;
    const auto mine = started(who);
    EXPECT_EQ(looked(mine.id, who).state, "creating") << "it may appear yet";
    db.execute("update recharge set created_at = created_at - interval '11 minutes'");
    EXPECT_EQ(looked(mine.id, who).state, "abandoned");
    gateway.next = model_gateway::creation::refuses;
    EXPECT_EQ(started(who).state, "abandoned");
    gateway.next = model_gateway::creation::away;
    EXPECT_EQ(started(who).state, "abandoned");
}

TEST_F(recharge_test, a_failed_payment_is_told_and_a_late_authorisation_counts) {
    const auto who = add_user();
    const auto mine = started(who);
    gateway.pay(mine.id, mine.payable, payment_status::failed);
    const auto now = looked(mine.id, who);
    EXPECT_EQ(now.state, "open");
    EXPECT_EQ(now.last_error, "BAD_REQUEST_ERROR");
    gateway.payments.begin()->second[0].status = payment_status::authorized;
    EXPECT_EQ(looked(mine.id, who).state, "paid") << "it is captured and credited";
    EXPECT_FALSE(looked(mine.id, who).last_error);
    expect_sound();
}

TEST_F(recharge_test, an_order_nobody_pays_expires_and_money_after_that_is_still_money) {
    const auto who = add_user();
    add_coupon("('MORE', 500, app_now() - interval '1 day', app_now() + interval '1 day', 1, 1, false)");
    const auto mine = start_with(who, {.pack_id = {}, .amount = money{10'000}, .coupon = "MORE"});
    EXPECT_EQ(mine.coupon_bonus, money{500});
    EXPECT_EQ(db.execute("select uses from coupon"), "1");
    db.execute("update recharge set created_at = created_at - interval '5 days'");
    EXPECT_EQ(looked(mine.id, who).state, "expired");
    EXPECT_EQ(db.execute("select uses from coupon"), "0") << "somebody else may use it";
    EXPECT_EQ(db.execute("select uses from coupon_use"), "0");
    gateway.pay(mine.id, mine.payable);
    EXPECT_EQ(looked(mine.id, who).state, "paid");
    EXPECT_EQ(wallet_of(who).cash, money{10'000});
    EXPECT_EQ(wallet_of(who).bonus, money{0}) << "the coupon was given back";
    expect_sound();
}

TEST_F(recharge_test, the_last_of_a_coupon_goes_to_one_of_many) {
    add_coupon("('LAST', 500, app_now() - interval '1 day', app_now() + interval '1 day', 1, 1, false)");
    std::vector<user_id> people;
    for (int i = 0; i < 16; ++i) people.push_back(add_user());
    auto won = std::make_shared<int>(0), left = std::make_shared<int>(16);
    with([&](service& s) -> task<int> {
        auto done = std::make_shared<event>();
        auto one = [](service& on, user_id who, std::shared_ptr<int> yes, std::shared_ptr<int> still,
                      std::shared_ptr<event> all) -> task<void> {
            const auto made =
                co_await start(on, {who, "r"}, fresh_key(),
                               {.pack_id = {}, .amount = money{10'000}, .coupon = "LAST"}, {}, {});
            if (made)
                ++*yes;
            else
                EXPECT_EQ(made.error(), error::coupon_used_up);
            if (--*still == 0) all->set();
        };
        for (const auto& who : people) spawn(one(s, who, won, left, done));
        while (*left > 0) co_await done->wait_for(60s);
        co_return 0;
    });
    EXPECT_EQ(*won, 1);
    EXPECT_EQ(db.execute("select uses from coupon"), "1");
    EXPECT_EQ(count_of("recharge"), 1);
}

TEST_F(recharge_test, a_first_recharge_coupon_is_for_the_first_one_only) {
    add_coupon("('FIRST', 500, app_now() - interval '1 day', app_now() + interval '1 day', null, 5, true)");
    const auto who = add_user();
    const choice of{.pack_id = {}, .amount = money{10'000}, .coupon = "FIRST"};
    const auto mine = start_with(who, of);
    EXPECT_EQ(with([&](service& s) { return start(s, {who, "r"}, fresh_key(), of, {}, {}); }).error(),
              error::coupon_used_before)
        << "one is open";
    gateway.pay(mine.id, mine.payable);
    EXPECT_EQ(looked(mine.id, who).state, "paid");
    EXPECT_EQ(wallet_of(who).bonus, money{500});
    EXPECT_EQ(with([&](service& s) { return price(s, who, of); }).error(), error::coupon_used_before);
    const auto other = add_user();
    const auto plain = started(other);
    gateway.pay(plain.id, plain.payable);
    looked(plain.id, other);
    EXPECT_EQ(with([&](service& s) { return price(s, other, of); }).error(), error::coupon_not_found);
}

TEST_F(recharge_test, money_for_an_account_that_has_ended_goes_back) {
    const auto who = add_user();
    const auto mine = started(who);
    gateway.pay(mine.id, mine.payable);
    db.execute("update pool_user set deleted_at = app_now(), enabled = false");
    with([&](service& s) { return settled(s, mine.id); });
    EXPECT_EQ(count_of("payment where kind = 'stray'"), 1);
    EXPECT_EQ(wallet_of(who).cash, money{0});
    with([](service& s) { return poll(s); });
    EXPECT_EQ(platform("suspense"), 0);
    expect_sound();
}

TEST_F(recharge_test, checkouts_word_counts_only_when_it_is_signed) {
    const auto who = add_user(), other = add_user();
    const auto mine = started(who);
    const auto payment = gateway.pay(mine.id, mine.payable);
    const auto order = gateway.orders.at(mine.id.to_string());
    const auto forged = with([&](service& s) { return confirm(s, who, mine.id, payment, "forged"); });
    EXPECT_EQ(forged.error(), error::not_signed);
    const auto stolen =
        with([&](service& s) { return confirm(s, other, mine.id, payment, order + "|" + payment); });
    EXPECT_EQ(stolen.error(), error::recharge_not_found);
    EXPECT_EQ(wallet_of(who).cash, money{0});
    const auto said =
        with([&](service& s) { return confirm(s, who, mine.id, payment, order + "|" + payment); });
    ASSERT_TRUE(said);
    EXPECT_EQ(said->state, "paid");
}

TEST_F(recharge_test, what_is_paid_stays_paid) {
    const auto who = add_user();
    const auto mine = started(who);
    gateway.pay(mine.id, mine.payable);
    looked(mine.id, who);
    EXPECT_ANY_THROW(db.execute("update recharge set state = 'open', paid_at = null"));
    EXPECT_ANY_THROW(db.execute("update recharge set amount = amount + 1"));
}

TEST_F(recharge_test, the_hold_that_waits_is_booked_when_the_money_has_come) {
    const auto who = add_user();
    const auto mine = start_with(who, {.pack_id = {}, .amount = money{10'000}, .coupon = {}}, uuid::v7());
    EXPECT_EQ(count_of("outbox where kind = 'recharge.book'"), 0);
    gateway.pay(mine.id, mine.payable);
    looked(mine.id, who);
    EXPECT_EQ(count_of("outbox where kind = 'recharge.book'"), 1);
}

}  // namespace
}  // namespace astrotalk::recharge
