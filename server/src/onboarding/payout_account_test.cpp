#include "onboarding/payout_account.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "http/json.hpp"
#include "onboarding/steps.hpp"

namespace astrotalk::onboarding {
namespace {

payout::account written(const char* holder, const char* number, const char* ifsc, const char* pan) {
    return payout::tidied({personal(holder), personal(number), personal(ifsc), personal(pan)});
}

std::vector<std::string> faults_of(const payout::account& sent) {
    std::vector<std::string> at;
    for (const auto& [pointer, expected] : payout::check(sent)) at.push_back(pointer);
    return at;
}

TEST(payout_account, is_taken_as_people_write_it) {
    const auto account = written("  Asha Rao ", "5010 0123 456-789", "hdfc 0001234", "abcpk1234f");
    EXPECT_TRUE(faults_of(account).empty());
    EXPECT_EQ(account.holder.reveal(), "Asha Rao");
    EXPECT_EQ(account.account_number.reveal(), "50100123456789");
    EXPECT_EQ(account.ifsc.reveal(), "HDFC0001234");
    EXPECT_EQ(account.pan.reveal(), "ABCPK1234F");
    EXPECT_TRUE(faults_of(written("आशा राव", "123456789", "SBIN0ABC123", "ABCPK1234F")).empty());
}

// Refused everywhere else; a bank may have made it all the same.
TEST(payout_account, has_a_number_that_may_look_like_an_aadhaar_number) {
    const auto sent = [](const char* holder) {
        return http::from_json<payout::account>(
            fmt::format(R"({{"holder":"{}","accountNumber":"234123412346","ifsc":"","pan":""}})", holder));
    };
    EXPECT_TRUE(sent("Asha").has_value());
    EXPECT_FALSE(sent("2341 2341 2346").has_value());
}

TEST(payout_account, every_fault_is_named) {
    EXPECT_EQ(faults_of(written("", "", "", "")),
              (std::vector<std::string>{"/holder", "/accountNumber", "/ifsc", "/pan"}));
    for (const char* number : {"12345678", "1234567890123456789", "12345678a", "１２３４５６７８９"})
        EXPECT_EQ(faults_of(written("Asha", number, "HDFC0001234", "ABCPK1234F")),
                  std::vector<std::string>{"/accountNumber"})
            << number;
    for (const char* ifsc : {"HDFC1001234", "HDF00001234", "HDFC000123", "HDFC00012345", "HDFC0001-34"})
        EXPECT_EQ(faults_of(written("Asha", "123456789", ifsc, "ABCPK1234F")),
                  std::vector<std::string>{"/ifsc"})
            << ifsc;
    for (const char* pan : {"ABCCK1234F", "ABCPK12345", "ABCP11234F", "ABCPK1234"})
        EXPECT_EQ(faults_of(written("Asha", "123456789", "HDFC0001234", pan)),
                  std::vector<std::string>{"/pan"})
            << pan << ": a company's is no person's";
}

step_state state_of(const std::vector<step_item>& all, step which) {
    for (const auto& each : all)
        if (each.name == which) return each.state;
    ADD_FAILURE() << "no such step";
    return step_state::failed;
}

TEST(steps, begin_with_everything_to_do) {
    const auto all = steps_of({.kyc = "not_started", .profile = "none"}, false);
    EXPECT_EQ(all.size(), 9u);
    for (const auto& each : all) EXPECT_EQ(each.state, step_state::to_do);
}

TEST(steps, follow_what_has_happened) {
    progress at{
        .price = true, .legal_name = true, .consent = true, .kyc = "in_progress", .profile = "pending"};
    auto all = steps_of(at, true);
    EXPECT_EQ(state_of(all, step::profile), step_state::done);
    EXPECT_EQ(state_of(all, step::price), step_state::done);
    EXPECT_EQ(state_of(all, step::hours), step_state::to_do);
    EXPECT_EQ(state_of(all, step::kyc), step_state::waiting);
    EXPECT_EQ(state_of(all, step::review), step_state::waiting);
    at.kyc = "failed";
    at.profile = "rejected";
    all = steps_of(at, true);
    EXPECT_EQ(state_of(all, step::kyc), step_state::failed);
    EXPECT_EQ(state_of(all, step::review), step_state::failed);
    all = steps_of({.kyc = "completed", .profile = "approved"}, true);
    EXPECT_EQ(state_of(all, step::consent), step_state::done) << "withdrawn since: the check is over";
}

}  // namespace
}  // namespace astrotalk::onboarding
