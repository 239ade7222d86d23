#include "mishaps.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "digio/letters.hpp"
#include "digio/read_create.hpp"
#include "digio/wire.hpp"
#include "http/json.hpp"

namespace sandbox::digio {
namespace {

faults from(std::string_view json) { return *astrotalk::http::from_json<faults>(json); }

TEST(mishaps_test, rules_for_a_call_follow_one_another) {
    auto now = from(R"({"rules": [{"call": "create", "fault": "status", "status": 429, "times": 2},
                                  {"call": "create", "fault": "lost_answer", "times": 1},
                                  {"call": "media", "fault": "timeout"}]})");
    std::mt19937_64 random(1);
    const auto next = [&](call_kind kind) { return take(now, kind, random); };
    EXPECT_EQ(next(call_kind::create).at(0).status, 429);
    EXPECT_EQ(next(call_kind::create).at(0).fault, mishap::status);
    EXPECT_EQ(next(call_kind::create).at(0).fault, mishap::lost_answer);
    EXPECT_TRUE(next(call_kind::create).empty());
    for (int i = 0; i < 100; ++i) EXPECT_EQ(next(call_kind::media).size(), 1u);  // always
    EXPECT_TRUE(next(call_kind::response).empty());
}

TEST(mishaps_test, a_webhook_meets_all_that_name_its_event) {
    auto now = from(R"({"rules": [{"call": "webhook", "fault": "duplicate"},
                                  {"call": "webhook", "fault": "drop", "event": "kyc.request.approved"}]})");
    std::mt19937_64 random(1);
    EXPECT_EQ(take(now, call_kind::webhook, random, "kyc.request.approved").size(), 2u);
    EXPECT_EQ(take(now, call_kind::webhook, random, "kyc.request.created").size(), 1u);
}

TEST(mishaps_test, chances_follow_from_the_seed) {
    const auto hits = [](std::uint64_t seed) {
        auto now = from(R"({"rules": [{"call": "webhook", "fault": "drop", "percent": 30}]})");
        std::mt19937_64 random(seed);
        std::string found;
        for (int i = 0; i < 200; ++i) found += take(now, call_kind::webhook, random, "x").empty() ? '.' : '#';
        return found;
    };
    EXPECT_EQ(hits(1), hits(1));
    EXPECT_NE(hits(1), hits(2));
    const auto dropped = std::ranges::count(hits(1), '#');
    EXPECT_GT(dropped, 30);
    EXPECT_LT(dropped, 90);
}

// The value is openssl's: printf '{"id":"WHN"}' | openssl dgst -sha256 -hmac secret
TEST(webhooks_test, are_signed_in_small_hex_over_the_raw_body) {
    EXPECT_EQ(checksum(astrotalk::secret("secret"), R"({"id":"WHN"})"),
              "ae23726b53e6d42b61530e6bbf7c27bd148c4ff61c8e65b357f4f8a24398d3f9");
}

TEST(webhooks_test, have_digios_envelope) {
    const auto at = astrotalk::instant(std::chrono::sys_days(std::chrono::year(2026) / 11 / 23));
    EXPECT_EQ(envelope("WHN1", "kyc.request.approved", R"({"kyc_request":{"id":"KID1"}})", at),
              R"({"id":"WHN1","event":"kyc.request.approved","entities":["kyc_request"],)"
              R"("payload":{"kyc_request":{"id":"KID1"}},"created_at":"2026-11-23 05:30:00"})");
}

TEST(webhooks_test, are_tried_again_ever_later_and_not_for_ever) {
    EXPECT_EQ(pause_before(1), std::chrono::seconds(0));
    int attempts = 1;
    while (pause_before(attempts + 1)) {
        EXPECT_GT(*pause_before(attempts + 1), *pause_before(attempts));
        ++attempts;
    }
    EXPECT_EQ(attempts, 9);
}

TEST(wire_test, capitals_are_for_keys_events_and_states) {
    EXPECT_EQ(in_capitals(R"({"event":"kyc.request.approved","payload":{"kyc_request":{"status":"approved",)"
                          R"("customer_name":"Asha"}}})"),
              R"({"EVENT":"KYC.REQUEST.APPROVED","PAYLOAD":{"KYC_REQUEST":{"STATUS":"APPROVED",)"
              R"("CUSTOMER_NAME":"Asha"}}})");
}

std::string refused(std::string_view body, bool inline_actions = false) {
    const auto read = read_create(body, inline_actions);
    return read ? "" : fmt::format("{} {}", read.error().status, read.error().message);
}

TEST(read_create_test, refuses_by_digios_rules) {
    EXPECT_EQ(refused("["), "400 The request body is not a JSON object");
    EXPECT_EQ(refused(R"({"customer_identifier": "a@b.in"})"),
              "400 Either of Template Name or Template Id is mandatory");
    EXPECT_EQ(refused(R"({"customer_identifier": "a@b.in", "template_name": "NONE"})"),
              "404 Template not found");
    const auto with = [](std::string_view more) {
        return refused(fmt::format(R"({{"template_name": "DIGILOCKER_AADHAAR_PAN", {}}})", more));
    };
    EXPECT_EQ(with(R"("x": 1)"), "400 customer_identifier is mandatory");
    EXPECT_EQ(with(R"("customer_identifier": "somebody")"),
              "400 customer_identifier must be an email or a mobile number");
    EXPECT_EQ(with(R"("customer_identifier": "+919876500001")"), "");
    EXPECT_EQ(with(R"("customer_identifier": "a@b.in", "expire_in_days": 91)"),
              "400 expire_in_days must be a number from 1 to 90");
    EXPECT_EQ(with(R"("customer_identifier": "a@b.in", "transaction_id": "a b")"),
              "400 transaction_id may have 0-9, A-Z, a-z, _, - and /");
    EXPECT_EQ(with(R"("customer_identifier": "a@b.in", "customer_name": "आशा")"),
              "400 customer_name may have 100 of 0-9, A-Z, a-z, spaces and dots");
    EXPECT_EQ(with(R"("customer_identifier": "a@b.in", "generate_access_token": "yes")"),
              "400 generate_access_token must be a boolean");
    EXPECT_EQ(with(R"("customer_identifier": "a@b.in", "customer_notification_mode": "FAX")"),
              "400 customer_notification_mode must be SMS, WHATSAPP or ALL");
}

TEST(read_create_test, takes_actions_in_the_body) {
    EXPECT_EQ(refused(R"({"customer_identifier": "a@b.in", "actions": []})", true),
              "400 actions must be a list of 1 to 10 actions");
    EXPECT_EQ(refused(R"({"customer_identifier": "a@b.in", "actions": [{"type": "PENNY_DROP"}]})", true),
              "400 actions have a type that this account does not offer");
    const auto read = read_create(R"({"customer_identifier": "a@b.in", "actions": [
        {"type": "SELFIE", "title": "Your face", "face_match_obj_type": "SOURCE", "allow_image_upload": true},
        {"type": "selfie", "optional": true}]})",
                                  true);
    ASSERT_TRUE(read);
    ASSERT_EQ(read->asked.actions.size(), 2u);
    EXPECT_EQ(read->asked.actions[0].face_match, "source");
    EXPECT_EQ(read->asked.actions[1].ref, "selfie-2");
    EXPECT_TRUE(read->asked.actions[1].optional);
}

}  // namespace
}  // namespace sandbox::digio
