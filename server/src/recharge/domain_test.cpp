#include "recharge/domain.hpp"

#include <gtest/gtest.h>

namespace astrotalk::recharge {
namespace {

using namespace std::chrono_literals;

seen_payment payment(std::string id, std::int64_t paise, payment_status is, std::string currency = "INR") {
    return {.id = std::move(id),
            .currency = std::move(currency),
            .method = "upi",
            .amount = money{paise},
            .fee = money{},
            .status = is,
            .error_code = is == payment_status::failed ? "GATEWAY_ERROR" : ""};
}

TEST(recharge_money, a_part_is_rounded_to_the_nearest_paisa_and_half_of_one_up) {
    EXPECT_EQ(part_of(money{10'000}, 1800), money{1'800});
    EXPECT_EQ(part_of(money{1}, 1800), money{0});
    EXPECT_EQ(part_of(money{3}, 1800), money{1});
    EXPECT_EQ(part_of(money{25}, 1800), money{5}) << "4.5";
    EXPECT_EQ(part_of(money{100'000'000}, 20'000), money{200'000'000});
}

TEST(recharge_money, what_refunds_take_in_all_is_what_was_given_however_it_is_cut) {
    for (std::int64_t step : {1, 7, 333, 4'999}) {
        money gst, bonus;
        for (std::int64_t net = 0; net < 10'000; net += step) {
            const money upto{std::min<std::int64_t>(net + step, 10'000)};
            const auto before = returned_for(money{net}, money{10'000}, money{1'800}, money{777});
            const auto after = returned_for(upto, money{10'000}, money{1'800}, money{777});
            EXPECT_LE(before.gst, after.gst);
            gst = gst + (after.gst - before.gst);
            bonus = bonus + (after.bonus - before.bonus);
        }
        EXPECT_EQ(gst, money{1'800});
        EXPECT_EQ(bonus, money{777});
    }
}

TEST(recharge_money, a_coupon_gives_a_part_or_a_sum_up_to_its_most) {
    EXPECT_EQ(bonus_of({.bonus_basis_points = 1000, .bonus = {}, .most_bonus = {}}, money{10'000}),
              money{1'000});
    EXPECT_EQ(bonus_of({.bonus_basis_points = 0, .bonus = money{500}, .most_bonus = {}}, money{10'000}),
              money{500});
    EXPECT_EQ(bonus_of({.bonus_basis_points = 5000, .bonus = {}, .most_bonus = money{300}}, money{10'000}),
              money{300});
}

TEST(recharge_payments, the_first_that_fits_credits_and_all_else_goes_back) {
    const auto found = judge(
        {payment("a", 5'000, payment_status::captured), payment("b", 11'800, payment_status::captured, "USD"),
         payment("c", 11'800, payment_status::captured), payment("d", 11'800, payment_status::captured)},
        {}, false, money{11'800});
    ASSERT_TRUE(found.credit);
    EXPECT_EQ(found.credit->id, "c");
    EXPECT_EQ(found.stray.size(), 3u);
}

TEST(recharge_payments, what_was_counted_is_not_counted_again) {
    const auto found = judge({payment("c", 11'800, payment_status::captured)}, {"c"}, true, money{11'800});
    EXPECT_FALSE(found.credit);
    EXPECT_TRUE(found.stray.empty());
}

TEST(recharge_payments, one_that_is_authorised_is_captured_once_if_it_fits) {
    const auto found =
        judge({payment("a", 1, payment_status::authorized), payment("b", 11'800, payment_status::authorized),
               payment("c", 11'800, payment_status::authorized)},
              {}, false, money{11'800});
    ASSERT_EQ(found.to_capture.size(), 1u);
    EXPECT_EQ(found.to_capture[0].id, "b");
    EXPECT_TRUE(judge({payment("b", 11'800, payment_status::authorized)}, {"a"}, true, money{11'800})
                    .to_capture.empty())
        << "the provider lets it go by itself";
}

TEST(recharge_payments, a_failure_is_told_until_one_goes_through) {
    EXPECT_EQ(judge({payment("a", 11'800, payment_status::failed)}, {}, false, money{11'800}).last_error,
              "GATEWAY_ERROR");
    EXPECT_EQ(
        judge({payment("b", 11'800, payment_status::captured), payment("a", 11'800, payment_status::failed)},
              {}, false, money{11'800})
            .last_error,
        "");
}

TEST(recharge_looks, come_soon_at_first_and_then_less_often) {
    EXPECT_LE(next_look(0, 0.5), 6s);
    for (int n = 1; n < 20; ++n) EXPECT_GE(next_look(n, 0.5), next_look(n - 1, 0.5));
    EXPECT_LE(next_look(1'000'000, 1), 3h);
}

TEST(recharge_words, places_and_coupons_have_one_form) {
    EXPECT_TRUE(is_place("29"));
    EXPECT_TRUE(is_place("97"));
    for (const auto* wrong : {"", "0", "00", "39", "2a", "029"}) EXPECT_FALSE(is_place(wrong)) << wrong;
    EXPECT_TRUE(is_coupon_code("DIWALI26"));
    for (const auto* wrong : {"", "AB", "diwali", "WITH SPACE", "DIWALI-26", "ABCDEFGHIJKLMNOPQRSTU"})
        EXPECT_FALSE(is_coupon_code(wrong)) << wrong;
}

}  // namespace
}  // namespace astrotalk::recharge
