#include "onboarding/checks.hpp"

#include <gtest/gtest.h>

#include "onboarding/names.hpp"

namespace astrotalk::onboarding::kyc {
namespace {

using namespace std::chrono;

TEST(names, spellings_of_one_name_are_the_same) {
    const std::pair<const char*, const char*> same[] = {
        {"Asha Rao", "ASHA RAO"},
        {"Asha Rao", "Rao, Asha"},
        {"Smt. Asha Rao", "asha  rao"},
        {"Lakshmi Narayanan", "Laxmi Narayanan"},
        {"रमेश कुमार", "Ramesh Kumar"},
        {"लक्ष्मी शर्मा", "Lakshmi Sharma"},
        {"सुरेश गुप्ता", "Suresh Gupta"},
        {"Mohammed Faizal", "Mohamed Faizal"},
        {"Pandit Vishwanath Shastri", "Viswanath Sastri"},
        {"Deepak Chaudhary", "Dipak Choudhary"},
        {"Rama Rao", "RAMARAO"},
    };
    for (const auto& [a, b] : same) {
        EXPECT_GE(likeness(a, b), 85) << a << " / " << b;
        EXPECT_EQ(likeness(a, b), likeness(b, a)) << a << " / " << b;
    }
}

TEST(names, initials_and_middle_names_are_near) {
    const std::pair<const char*, const char*> near[] = {{"R. Kumar", "Ramesh Kumar"},
                                                        {"Asha Devi Rao", "Asha Rao"},
                                                        {"K S Narayan", "Krishna Swamy Narayan"}};
    for (const auto& [a, b] : near) EXPECT_GE(likeness(a, b), 75) << a << " / " << b;
}

TEST(names, other_people_are_far) {
    const std::pair<const char*, const char*> far[] = {{"Asha Rao", "Vikram Singh"},
                                                       {"Ramesh Kumar", "Sunita Devi"},
                                                       {"रमेश कुमार", "Anjali Mehta"},
                                                       {"", "Asha Rao"},
                                                       {"Asha", "Asha Rao Deshmukh"}};
    for (const auto& [a, b] : far) EXPECT_LT(likeness(a, b), 85) << a << " / " << b;
    EXPECT_LT(likeness("Asha Rao", "Vikram Singh"), 60);
    EXPECT_LT(likeness("रमेश कुमार", "Anjali Mehta"), 60);
    const auto half = likeness("Ramesh Kumar", "Suresh Kumar");
    EXPECT_LT(half, 85) << "a brother is not the same";
}

evidence papers() {
    evidence seen;
    seen.pan = "ABCPK1234F";
    seen.pan_name = seen.aadhaar_name = "Asha Rao";
    seen.pan_birth_date = seen.aadhaar_birth_date = "1990-05-20";
    seen.aadhaar_last4 = "1234";
    seen.face_match = 91;
    return seen;
}

known about() {
    known k;
    k.legal_name = "Asha Rao";
    k.today = 2026y / 11 / 23d;
    return k;
}

std::vector<std::string> codes(const std::vector<finding>& found) {
    std::vector<std::string> all;
    for (const auto& each : found) all.emplace_back(name_of(each.code));
    return all;
}

TEST(checks, find_nothing_in_good_papers) {
    EXPECT_EQ(codes(find(papers(), about(), {})), std::vector<std::string>{});
    EXPECT_EQ(judge({}).what, verdict::approve);
}

TEST(checks, find_each_fault) {
    const policy by;
    const auto one = [&](auto spoil) {
        auto seen = papers();
        auto who = about();
        spoil(seen, who);
        const auto found = codes(find(seen, who, by));
        return found.size() == 1 ? found.front() : fmt::format("{} findings", found.size());
    };
    EXPECT_EQ(one([](auto& s, auto&) { s.pan.clear(); }), "pan_missing");
    EXPECT_EQ(one([](auto& s, auto&) { s.pan = "ABCCK1234F"; }), "pan_malformed") << "a company's";
    EXPECT_EQ(one([](auto& s, auto&) { s.aadhaar_last4.clear(); }), "aadhaar_missing");
    EXPECT_EQ(one([](auto& s, auto&) { s.aadhaar_unmasked = true; }), "aadhaar_unmasked");
    EXPECT_EQ(one([](auto& s, auto&) { s.pan_name = "S T Deshmukh"; }), "name_unrelated");
    EXPECT_EQ(one([](auto& s, auto&) {
                  s.pan_name = "Asha Devi Kumari Rao";
                  s.aadhaar_name = "A Rao";
              }),
              "name_differs");
    EXPECT_EQ(one([](auto& s, auto&) { s.aadhaar_name = "Vikram Singh"; }), "name_unrelated");
    EXPECT_EQ(one([](auto& s, auto&) { s.pan_birth_date = s.aadhaar_birth_date = ""; }),
              "birth_date_missing");
    EXPECT_EQ(one([](auto& s, auto&) { s.pan_birth_date = "1991-05-20"; }), "birth_dates_differ");
    EXPECT_EQ(one([](auto& s, auto&) { s.pan_birth_date = s.aadhaar_birth_date = "2008-11-24"; }),
              "under_age");
    EXPECT_EQ(one([](auto& s, auto&) { s.face_match = 40; }), "face_differs");
    EXPECT_EQ(one([](auto& s, auto&) { s.face_match.reset(); }), "face_not_compared");
    EXPECT_EQ(one([](auto&, auto& k) { k.others.pan_in_use = true; }), "pan_in_use");
    EXPECT_EQ(one([](auto&, auto& k) { k.others.rejected_before = true; }), "rejected_before");
    EXPECT_EQ(one([](auto&, auto& k) { k.others.accounts_on_address = 5; }), "many_accounts_on_address");
    EXPECT_EQ(one([](auto&, auto& k) { k.others.accounts_on_device = 2; }), "many_accounts_on_device");
    EXPECT_EQ(one([](auto&, auto& k) {
                  k.country_at_start = "India";
                  k.country_at_return = "Nepal";
              }),
              "moved");
}

TEST(checks, who_comes_of_age_today_in_india_is_of_age) {
    EXPECT_EQ(age_on(2026y / 11 / 23d, 2008y / 11 / 23d), 18);
    EXPECT_EQ(age_on(2026y / 11 / 22d, 2008y / 11 / 23d), 17);
    EXPECT_EQ(age_on(2026y / 2 / 28d, 2008y / 2 / 29d), 17);
    EXPECT_EQ(age_on(2026y / 3 / 1d, 2008y / 2 / 29d), 18);
    const instant evening_in_london = sys_days(2026y / 11 / 22d) + 18h + 30min;
    EXPECT_EQ(day_in_india(evening_in_london), 2026y / 11 / 23d);
    EXPECT_EQ(day_in_india(evening_in_london - 1s), 2026y / 11 / 22d);
}

TEST(policy, decides_by_the_worst_finding) {
    const std::vector<finding> found = {{finding_code::aadhaar_unmasked, verdict::approve},
                                        {finding_code::name_differs, verdict::review, 80},
                                        {finding_code::under_age, verdict::reject}};
    EXPECT_EQ(judge(found).what, verdict::reject);
    EXPECT_EQ(judge(found).reasons, (std::vector<std::string>{"under_age"}));
    EXPECT_EQ(judge({found.data(), found.data() + 2}).reasons, (std::vector<std::string>{"name_differs"}));
    EXPECT_EQ(judge({found.data(), found.data() + 1}).what, verdict::approve);
}

TEST(policy, is_read_from_json_and_kept_lawful) {
    const auto p = parse_policy(R"({"nameSame":90,"needsVideo":true,"fourEyes":true,
        "findings":[{"finding":"face_not_compared","says":"approve"}]})");
    ASSERT_TRUE(p.has_value()) << p.error();
    EXPECT_EQ(p->name_same, 90);
    EXPECT_TRUE(p->needs_video && p->four_eyes);
    EXPECT_EQ(p->of(finding_code::face_not_compared), verdict::approve);
    EXPECT_EQ(p->of(finding_code::pan_in_use), verdict::reject);
    EXPECT_TRUE(parse_policy("{}").has_value());
    for (const auto* bad :
         {"", "[]", R"({"adultAge":16})", R"({"nameNear":90,"nameSame":80})",
          R"({"findings":[{"finding":"under_age","says":"review"}]})", R"({"naemSame":90})"})
        EXPECT_FALSE(parse_policy(bad).has_value()) << bad;
}

TEST(masking, shows_no_more_than_is_needed) {
    EXPECT_EQ(masked_pan("ABCPK1234F"), "ABXXXXXX4F");
    EXPECT_EQ(masked_pan("ABC"), "XXXXXXXXXX");
    EXPECT_EQ(masked_aadhaar("1234"), "XXXX XXXX 1234");
    EXPECT_TRUE(is_personal_pan("ABCPK1234F"));
    for (const auto* no : {"ABCCK1234F", "abcpk1234f", "ABCPK12345", "ABCPK1234"})
        EXPECT_FALSE(is_personal_pan(no));
}

}  // namespace
}  // namespace astrotalk::onboarding::kyc
