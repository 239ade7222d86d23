#include "digio/flow.hpp"

#include <gtest/gtest.h>

#include <random>

#include "digio/templates.hpp"

namespace sandbox::digio {
namespace {

using namespace std::chrono_literals;

const instant start = std::chrono::sys_days(std::chrono::year(2026) / 11 / 23) + 9h;

request of_workflow(std::string_view name) {
    request r;
    r.id = "KID";
    r.who = invent(1, "a@example.in");
    r.actions = actions_of(*find_workflow(name, ""));
    for (auto& each : r.actions) each.id = each.ref;
    r.expires = start + 240h;
    return r;
}

class flow_test : public testing::Test {
  protected:
    std::vector<std::string> told() {
        std::vector<std::string> names;
        for (const auto& each : std::exchange(out_, {})) names.emplace_back(each.event);
        return names;
    }
    void documents(request& r) {
        ASSERT_TRUE(flow::give_pan(r, "ABCPR1234F", start));
        ASSERT_TRUE(flow::send_code(r, "1234", "111222", start, out_));
        ASSERT_EQ(flow::enter_code(r, "111222", start, out_), flow::code_check::right);
    }
    void selfie(request& r) { ASSERT_TRUE(flow::take_selfie(r, "", 0, std::nullopt, start, out_)); }
    void call(request& r) {
        ASSERT_TRUE(flow::ask_call(r, start, start + 3s, "Asha", "a1", {0, 1}));
        ASSERT_TRUE(flow::join_call(r, start + 3s, start + 5min));
    }
    using names = std::vector<std::string>;

    flow::happenings out_;
};

TEST_F(flow_test, goes_from_creation_to_approval) {
    auto r = of_workflow("ASTROLOGER_VIDEO_KYC");
    flow::begin(r, out_);
    EXPECT_EQ(told(), (names{"kyc.request.created", "kyc.action.created", "kyc.action.created",
                             "kyc.action.created"}));
    documents(r);
    EXPECT_EQ(told(), (names{"documents.pulled.successfully", "kyc.action.completed"}));
    EXPECT_EQ(r.who.pan, "ABCPR1234F");
    EXPECT_EQ(r.who.aadhaar_last4, "1234");
    selfie(r);
    EXPECT_FALSE(flow::complete(r, start, out_));
    call(r);
    EXPECT_TRUE(flow::answer(r, true, start));
    EXPECT_TRUE(flow::answer(r, true, start));
    EXPECT_FALSE(flow::answer(r, true, start));  // there are two questions
    EXPECT_TRUE(flow::end_call(r, "approve", "", start + 4min, out_));
    told();
    EXPECT_TRUE(flow::complete(r, start, out_));
    EXPECT_EQ(r.now, state::approval_pending);
    EXPECT_EQ(r.actions[0].now, state::success);
    EXPECT_TRUE(flow::ready_for_review(r, out_));
    EXPECT_TRUE(flow::decide(r, true, "Asha", "", start, out_));
    EXPECT_EQ(told(), (names{"kyc.request.completed", "kyc.request.review.ready", "kyc.request.approved"}));
    EXPECT_EQ(r.actions[2].now, state::approved);
    EXPECT_FALSE(r.auto_approved);
}

TEST_F(flow_test, an_action_waits_for_those_before_it) {
    auto r = of_workflow("DIGILOCKER_CONDITIONAL_SELFIE");
    EXPECT_FALSE(flow::take_selfie(r, "", 0, std::nullopt, start, out_));
    EXPECT_FALSE(flow::send_code(r, "1234", "111222", start, out_));  // no PAN yet
    EXPECT_FALSE(flow::give_pan(r, "ABCDE1234F", start));             // a company's
    documents(r);
    EXPECT_FALSE(flow::give_pan(r, "ABCPR1234F", start));
    selfie(r);
}

TEST_F(flow_test, a_code_is_wrong_five_times_and_asked_for_three_times) {
    auto r = of_workflow("DIGILOCKER_AADHAAR_PAN");
    ASSERT_TRUE(flow::give_pan(r, "ABCPR1234F", start));
    for (int code = 1; code <= 3; ++code) {
        ASSERT_TRUE(flow::send_code(r, "1234", "111222", start, out_));
        for (int i = 0; i < 4; ++i)
            EXPECT_EQ(flow::enter_code(r, "000000", start, out_), flow::code_check::wrong);
        EXPECT_EQ(flow::enter_code(r, "000000", start, out_), flow::code_check::refused);
        EXPECT_EQ(flow::enter_code(r, "111222", start, out_), flow::code_check::none);
    }
    EXPECT_EQ(r.now, state::failed);
    EXPECT_EQ(told(), (names{"kyc.action.rejected", "kyc.request.terminated"}));
    EXPECT_FALSE(flow::send_code(r, "1234", "111222", start, out_));
}

TEST_F(flow_test, a_code_grows_old) {
    auto r = of_workflow("DIGILOCKER_AADHAAR_PAN");
    flow::give_pan(r, "ABCPR1234F", start);
    flow::send_code(r, "1234", "111222", start, out_);
    EXPECT_EQ(flow::enter_code(r, "111222", start + 11min, out_), flow::code_check::none);
    flow::send_code(r, "1234", "333444", start + 11min, out_);
    EXPECT_EQ(flow::enter_code(r, "333444", start + 12min, out_), flow::code_check::right);
}

TEST_F(flow_test, a_dropped_call_is_begun_afresh) {
    auto r = of_workflow("ASTROLOGER_VIDEO_KYC");
    documents(r);
    selfie(r);
    call(r);
    EXPECT_FALSE(flow::ask_call(r, start, start, "Asha", "a1", {0}));  // one at a time
    EXPECT_TRUE(flow::answer(r, true, start));
    told();
    EXPECT_TRUE(flow::drop_call(r, start + 1min, out_));
    EXPECT_EQ(told(), names{"kyc.action.call.terminated"});
    EXPECT_EQ(r.now, state::requested);
    EXPECT_EQ(r.actions[2].retries, 1);
    EXPECT_FALSE(flow::answer(r, true, start));
    call(r);
    EXPECT_EQ(r.actions[2].call.answered, 0u);
    EXPECT_EQ(r.actions[2].call.number, 2);
}

TEST_F(flow_test, rejecting_says_what_was_to_blame) {
    auto r = of_workflow("ASTROLOGER_VIDEO_KYC");
    documents(r);
    selfie(r);
    call(r);
    flow::end_call(r, "reject", "Prompted", start, out_);
    flow::complete(r, start, out_);
    told();
    EXPECT_TRUE(flow::decide(r, false, "Asha", "Prompted", start, out_));
    EXPECT_EQ(told(), (names{"kyc.action.rejected", "kyc.request.rejected"}));
    EXPECT_EQ(r.actions[0].now, state::success);
    EXPECT_EQ(r.actions[2].now, state::rejected);
    EXPECT_EQ(r.error, "Prompted");
    EXPECT_TRUE(flow::reattempt(r, start + 1h));
    EXPECT_EQ(r.now, state::requested);
    EXPECT_EQ(flow::at_hand(r), &r.actions[2]);  // only that is asked for again
}

TEST_F(flow_test, only_what_is_optional_is_skipped) {
    auto r = of_workflow("DIGILOCKER_CONDITIONAL_SELFIE");
    EXPECT_FALSE(flow::skip(r, start, out_));
    documents(r);
    r.actions[1].optional = true;
    EXPECT_TRUE(flow::skip(r, start, out_));
    EXPECT_TRUE(flow::complete(r, start, out_));
    EXPECT_TRUE(flow::decide(r, true, "", "", start, out_));
    EXPECT_EQ(r.actions[0].now, state::approved);
    EXPECT_EQ(r.actions[1].now, state::skipped);
    EXPECT_TRUE(r.auto_approved);
}

// Whatever is tried in whatever order: what is final stays as it is, and is told once.
TEST_F(flow_test, final_is_final) {
    std::mt19937_64 random(5);
    for (int round = 0; round < 2000; ++round) {
        auto r = of_workflow(random() % 2 ? "ASTROLOGER_VIDEO_KYC" : "DIGILOCKER_AADHAAR_PAN");
        int ends = 0;
        for (int step = 0; step < 40; ++step) {
            const auto before = r.now;
            switch (random() % 12) {
                case 0: flow::give_pan(r, "ABCPR1234F", start); break;
                case 1: flow::send_code(r, "1234", "111222", start, out_); break;
                case 2: flow::enter_code(r, random() % 3 ? "111222" : "0", start, out_); break;
                case 3: flow::take_selfie(r, "", 0, std::nullopt, start, out_); break;
                case 4: flow::ask_call(r, start, start, "Asha", "a1", {0}); break;
                case 5: flow::join_call(r, start, start + 1h); break;
                case 6: flow::end_call(r, "approve", "", start, out_); break;
                case 7: flow::drop_call(r, start, out_); break;
                case 8: flow::complete(r, start, out_); break;
                case 9: flow::decide(r, random() % 2, "Asha", "", start, out_); break;
                case 10: random() % 8 ? false : flow::terminate(r, "", start, out_); break;
                case 11: random() % 8 ? false : flow::expire(r, start, out_); break;
            }
            if (is_final(before)) EXPECT_EQ(r.now, before);
        }
        for (const auto& name : told())
            ends += name == "kyc.request.approved" || name == "kyc.request.rejected" ||
                    name == "kyc.request.terminated" || name == "kyc.request.expired";
        EXPECT_EQ(ends, is_final(r.now) ? 1 : 0);
    }
}

}  // namespace
}  // namespace sandbox::digio
