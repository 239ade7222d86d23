#include "http/page.hpp"
#include "recharge/recharge_testing.hpp"

namespace astrotalk::recharge {
namespace {

using namespace std::chrono_literals;

struct refund_test : recharge_test {
    user_id who = add_user(), maker = add_user(), checker = add_user();
    recharge_view paid;

    refund_test() {
        const auto packs = with([](service& s) { return list_packs(s); });
        const auto mine = start_with(who, {.pack_id = packs[1].id, .amount = {}, .coupon = {}});
        gateway.pay(mine.id, mine.payable);
        paid = looked(mine.id, who);  // 10,000 of cash, 1,000 of bonus, 1,800 of GST
    }
    staff by_staff(user_id id) { return {id, "admin", "the user asked for it", "a-test"}; }
    outcome<refund> ask(std::int64_t net, http::idempotency_key key = fresh_key()) {
        return with([&](service& s) { return ask_refund(s, by_staff(maker), key, paid.id, money{net}); });
    }
    refund seen(uuid id) {
        for (const auto& each : with([](service& s) { return list_refunds(s, {}, http::highest_id, 100); }))
            if (each.id == id) return each;
        ADD_FAILURE() << "no such refund";
        return {};
    }
};

TEST_F(refund_test, takes_cash_its_gst_and_its_share_of_the_bonus) {
    const auto made = ask(5'000);
    ASSERT_TRUE(made);
    EXPECT_EQ(made->amount, money{5'900});
    EXPECT_EQ(made->gst, money{900});
    EXPECT_EQ(made->bonus, money{500});
    EXPECT_EQ(made->state, "approved");
    EXPECT_EQ(wallet_of(who).cash, money{5'000}) << "set aside at once";
    EXPECT_EQ(wallet_of(who).bonus, money{500});
    EXPECT_EQ(platform("suspense"), 5'900);
    expect_sound();
    with([](service& s) { return poll(s); });
    EXPECT_EQ(seen(made->id).state, "processed");
    EXPECT_EQ(platform("suspense"), 0);
    EXPECT_EQ(platform("gst"), 900);
    EXPECT_EQ(with([&](service& s) { return read(s, who, paid.id); })->refunded, money{5'900});
    EXPECT_EQ(count_of("outbox where kind = 'recharge.refunded'"), 1);
    expect_sound();
}

TEST_F(refund_test, in_odd_parts_gives_back_every_paisa_and_no_more) {
    for (const auto part : {3'333, 3'333, 3'333}) ASSERT_TRUE(ask(part));
    EXPECT_EQ(ask(2).error(), error::not_refundable);
    ASSERT_TRUE(ask(1));
    with([](service& s) { return poll(s); });
    EXPECT_EQ(wallet_of(who).cash, money{0});
    EXPECT_EQ(wallet_of(who).bonus, money{0});
    EXPECT_EQ(platform("gst"), 0);
    EXPECT_EQ(platform("promotions"), 0);
    EXPECT_EQ(db.execute("select refunded = amount from payment"), "t");
    expect_sound();
}

TEST_F(refund_test, many_at_once_never_give_more_than_was_paid) {
    with([&](service& s) -> task<int> {
        auto left = std::make_shared<int>(16);
        auto done = std::make_shared<event>();
        auto one = [](service& on, staff by, uuid of, std::shared_ptr<int> still,
                      std::shared_ptr<event> all) -> task<void> {
            const auto made = co_await ask_refund(on, by, fresh_key(), of, money{4'000});
            if (!made)
                EXPECT_TRUE(made.error() == error::not_refundable ||
                            made.error() == error::insufficient_cash);
            if (--*still == 0) all->set();
        };
        for (int i = 0; i < 16; ++i) spawn(one(s, by_staff(maker), paid.id, left, done));
        while (*left > 0) co_await done->wait_for(60s);
        co_return 0;
    });
    EXPECT_EQ(count_of("payment_refund"), 2);
    EXPECT_EQ(wallet_of(who).cash, money{2'000});
    expect_sound();
}

TEST_F(refund_test, of_money_that_was_spent_is_refused) {
    db.execute("insert into journal (id, kind, reference_id) values (gen_random_uuid(), 'test.spent', '" +
               who.to_string() +
               "'); insert into posting select id, 1, reference_id, 'cash', "
               "'00000000-0000-0000-0000-000000000000', 'commission', 9000 from journal "
               "where kind = 'test.spent'; update wallet set cash = cash - 9000 where owner_id = '" +
               who.to_string() + "'");
    EXPECT_EQ(ask(5'000).error(), error::insufficient_cash);
    EXPECT_TRUE(ask(1'000));
    expect_sound();
}

TEST_F(refund_test, a_large_one_waits_for_another_administrator) {
    by.four_eyes_above = money{1'000};
    const auto made = ask(5'000);
    ASSERT_TRUE(made);
    EXPECT_EQ(made->state, "proposed");
    with([](service& s) { return poll(s); });
    EXPECT_TRUE(gateway.refunds.empty()) << "nothing is sent before it is approved";
    const auto own = with([&](service& s) { return decide_refund(s, by_staff(maker), made->id, true); });
    EXPECT_EQ(own.error(), error::own_request);
    EXPECT_ANY_THROW(db.execute("update payment_refund set decided_by = asked_by"));
    const auto yes = with([&](service& s) { return decide_refund(s, by_staff(checker), made->id, true); });
    ASSERT_TRUE(yes);
    EXPECT_EQ(yes->state, "approved");
    const auto late = with([&](service& s) { return decide_refund(s, by_staff(checker), made->id, false); });
    EXPECT_EQ(late.error(), error::already_decided);
    with([](service& s) { return poll(s); });
    EXPECT_EQ(seen(made->id).state, "processed");
    expect_sound();
}

TEST_F(refund_test, one_that_is_rejected_or_fails_comes_back_to_the_wallet) {
    by.four_eyes_above = money{1'000};
    const auto first = ask(5'000);
    const auto no = with([&](service& s) { return decide_refund(s, by_staff(checker), first->id, false); });
    ASSERT_TRUE(no);
    EXPECT_EQ(no->state, "rejected");
    EXPECT_EQ(wallet_of(who).cash, money{10'000});
    EXPECT_EQ(wallet_of(who).bonus, money{1'000});
    expect_sound();
    by.four_eyes_above = money{1'000'000};
    gateway.refunds_become = seen_refund::standing::failed;
    const auto second = ask(10'000);
    ASSERT_TRUE(second);
    with([](service& s) { return poll(s); });
    EXPECT_EQ(seen(second->id).state, "failed");
    EXPECT_EQ(wallet_of(who).cash, money{10'000});
    EXPECT_EQ(platform("gst"), 1'800);
    EXPECT_EQ(db.execute("select refunded from payment"), "0");
    gateway.refunds_become = seen_refund::standing::processed;
    EXPECT_TRUE(ask(10'000)) << "and can be asked for again";
    expect_sound();
}

TEST_F(refund_test, whose_answer_was_lost_is_sent_again_and_is_the_same) {
    gateway.loses_refund_answer = true;
    const auto made = ask(5'000);
    with([](service& s) { return poll(s); });
    EXPECT_EQ(seen(made->id).state, "approved");
    gateway.loses_refund_answer = false;
    with([&](service& s) { return refund_settled(s, made->id); });
    EXPECT_EQ(seen(made->id).state, "processed");
    EXPECT_EQ(gateway.refunds.size(), 1u);
    with([&](service& s) { return refund_settled(s, made->id); });
    EXPECT_EQ(count_of("journal where kind = 'refund.done'"), 1);
    expect_sound();
}

TEST_F(refund_test, that_takes_a_while_is_looked_after) {
    gateway.refunds_become = seen_refund::standing::pending;
    const auto made = ask(5'000);
    with([](service& s) { return poll(s); });
    EXPECT_EQ(seen(made->id).state, "sent");
    gateway.refunds.begin()->second.seen.status = seen_refund::standing::processed;
    with([&](service& s) { return refund_settled(s, made->id); });
    EXPECT_EQ(seen(made->id).state, "processed");
    expect_sound();
}

TEST_F(refund_test, that_the_provider_refuses_again_and_again_fails) {
    gateway.refuses_refunds = true;
    const auto made = ask(5'000);
    for (int i = 0; i < 8; ++i) with([&](service& s) { return refund_settled(s, made->id); });
    EXPECT_EQ(seen(made->id).state, "failed");
    EXPECT_EQ(wallet_of(who).cash, money{10'000});
    expect_sound();
}

}  // namespace
}  // namespace astrotalk::recharge
