// What Digio saw of somebody's papers, held against what we know: findings, and what the operator's policy
// makes of them. Pure. docs/kyc.md explains each finding and threshold.
#pragma once

#include <boost/describe.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "onboarding/kyc.hpp"

namespace astrotalk::onboarding::kyc {

enum class finding_code : std::uint8_t {
    pan_missing,
    pan_malformed,  // or not that of a person: the fourth letter is not P
    aadhaar_missing,
    aadhaar_unmasked,  // Digio sent a whole number; it was dropped
    name_differs,      // of the papers and the legal name, less alike than `name_same`
    name_unrelated,    // less alike than `name_near`
    birth_date_missing,
    birth_dates_differ,  // on PAN and Aadhaar
    under_age,
    face_differs,
    face_not_compared,
    video_missing,
    pan_in_use,       // another account has passed with it
    rejected_before,  // this person or this PAN, by a check or by staff
    many_accounts_on_address,
    many_accounts_on_device,
    moved,  // started in one country, came back from another
};
BOOST_DESCRIBE_ENUM(finding_code, pan_missing, pan_malformed, aadhaar_missing, aadhaar_unmasked, name_differs,
                    name_unrelated, birth_date_missing, birth_dates_differ, under_age, face_differs,
                    face_not_compared, video_missing, pan_in_use, rejected_before, many_accounts_on_address,
                    many_accounts_on_device, moved)

struct finding {
    finding_code code{};
    verdict says = verdict::review;       // approve: it is noted, and in nobody's way
    std::optional<std::int32_t> score{};  // of likenesses, 0 to 100; of accounts, how many
};
BOOST_DESCRIBE_STRUCT(finding, (), (code, says, score))

// An operator's decision, from a file of JSON in which everything may be left out (docs/kyc.md).
struct policy {
    std::int32_t name_same = 85, name_near = 60;  // likeness
    std::int32_t face_same = 70;
    std::int32_t adult_age = 18;
    std::int32_t accounts_per_address = 5, accounts_per_device = 2;
    bool needs_pan = true, needs_aadhaar = true, needs_face = true, needs_video = false;
    bool four_eyes = false;           // what staff approve, two of them do
    bool approve_at_provider = true;  // what Digio holds for approval is approved there when the checks pass
    std::vector<verdict> says = default_says();  // for each finding_code

    static std::vector<verdict> default_says();
    verdict of(finding_code code) const { return says[static_cast<std::size_t>(code)]; }
};
// The policy, or what is wrong in the text, in words for the operator.
result<policy, std::string> parse_policy(std::string_view json);

// What the database knows of others.
struct relations {
    bool pan_in_use = false, rejected_before = false;
    std::int32_t accounts_on_address = 0, accounts_on_device = 0;  // other people's
};

struct known {
    std::string legal_name;
    relations others{};
    std::string country_at_start, country_at_return;  // empty: not known
    std::chrono::year_month_day today{};              // in India
};

std::vector<finding> find(const evidence& seen, const known& about, const policy& by);
judgement judge(const std::vector<finding>& found);

// Five letters, four digits and a letter, the fourth of them P: of a person.
bool is_personal_pan(std::string_view pan);
// "ABXXXXXX4F": enough to recognise it by.
std::string masked_pan(std::string_view pan);
// "XXXX XXXX 1234".
std::string masked_aadhaar(std::string_view last4);

std::optional<std::chrono::year_month_day> parse_date(std::string_view iso);  // 1990-12-31
// In whole years, on that day; who was born on 29 February comes of age on 1 March.
int age_on(std::chrono::year_month_day day, std::chrono::year_month_day born);
// India has one time zone and no summer time.
inline constexpr std::chrono::minutes india_offset{330};
std::chrono::year_month_day day_in_india(instant at);

std::string_view name_of(finding_code code);
std::string_view name_of(verdict v);

}  // namespace astrotalk::onboarding::kyc
