#include "onboarding/checks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/describe/enum_to_string.hpp>
#include <boost/mp11/list.hpp>

#include "http/json.hpp"
#include "onboarding/names.hpp"

namespace astrotalk::onboarding::kyc {
namespace {

using code = finding_code;
constexpr auto code_count = boost::mp11::mp_size<boost::describe::describe_enumerators<code>>::value;

struct finder {
    const policy& by;
    std::vector<finding> found{};

    void add(code what, std::optional<std::int32_t> score = {}) {
        found.push_back({what, by.of(what), score});
    }
};

void find_names(finder& f, const evidence& seen, const std::string& legal_name) {
    std::vector<std::string> names{legal_name};
    if (!seen.pan_name.empty()) names.push_back(seen.pan_name);
    if (!seen.aadhaar_name.empty()) names.push_back(seen.aadhaar_name);
    // The two that are least alike decide: one foreign paper is enough to ask.
    int least = names.size() < 2 ? 0 : 100;
    for (std::size_t i = 0; i < names.size(); ++i)
        for (std::size_t j = i + 1; j < names.size(); ++j)
            least = std::min(least, likeness(names[i], names[j]));
    if (least < f.by.name_near)
        f.add(code::name_unrelated, least);
    else if (least < f.by.name_same)
        f.add(code::name_differs, least);
}

void find_age(finder& f, const evidence& seen, const known& about) {
    const auto pan = parse_date(seen.pan_birth_date), aadhaar = parse_date(seen.aadhaar_birth_date);
    if (!pan && !aadhaar) return f.add(code::birth_date_missing);
    if (pan && aadhaar && *pan != *aadhaar) f.add(code::birth_dates_differ);
    // Of two dates the later one decides: nobody comes of age by a second paper.
    const auto born = pan && aadhaar ? std::max(*pan, *aadhaar) : pan ? *pan : *aadhaar;
    const int age = age_on(about.today, born);
    if (age < f.by.adult_age) f.add(code::under_age);
}

void find_papers(finder& f, const evidence& seen) {
    if (seen.pan.empty()) {
        if (f.by.needs_pan) f.add(code::pan_missing);
    } else if (!is_personal_pan(seen.pan)) {
        f.add(code::pan_malformed);
    }
    if (f.by.needs_aadhaar && seen.aadhaar_last4.empty()) f.add(code::aadhaar_missing);
    if (seen.aadhaar_unmasked) f.add(code::aadhaar_unmasked);
    if (seen.face_failed || (seen.face_match && *seen.face_match < f.by.face_same))
        f.add(code::face_differs,
              seen.face_match ? std::optional(static_cast<std::int32_t>(*seen.face_match)) : std::nullopt);
    else if (f.by.needs_face && !seen.face_match)
        f.add(code::face_not_compared);
    if (f.by.needs_video && !seen.video_done) f.add(code::video_missing);
}

// The file's form: every member may be left out.
struct policy_file {
    std::optional<std::int32_t> name_same, name_near, face_same, adult_age, accounts_per_address,
        accounts_per_device;
    std::optional<bool> needs_pan, needs_aadhaar, needs_face, needs_video, four_eyes, approve_at_provider;
    struct rule {
        code finding{};
        verdict says{};
    };
    std::optional<std::vector<rule>> findings;
};
BOOST_DESCRIBE_STRUCT(policy_file::rule, (), (finding, says))
BOOST_DESCRIBE_STRUCT(policy_file, (),
                      (name_same, name_near, face_same, adult_age, accounts_per_address, accounts_per_device,
                       needs_pan, needs_aadhaar, needs_face, needs_video, four_eyes, approve_at_provider,
                       findings))

template <class T>
void take(T& into, const std::optional<T>& given) {
    if (given) into = *given;
}

bool digits(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}
bool letters(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c >= 'A' && c <= 'Z'; });
}
int number(std::string_view digits_only) {
    int n = 0;
    for (const char c : digits_only) n = n * 10 + (c - '0');
    return n;
}

}  // namespace

std::vector<verdict> policy::default_says() {
    std::vector<verdict> all(code_count, verdict::review);
    for (const auto noted : {code::aadhaar_unmasked}) all[static_cast<std::size_t>(noted)] = verdict::approve;
    for (const auto final : {code::under_age, code::pan_in_use})
        all[static_cast<std::size_t>(final)] = verdict::reject;
    return all;
}

result<policy, std::string> parse_policy(std::string_view json) {
    const auto file = http::from_json<policy_file>(json);
    if (!file) {
        const auto& faults = file.error();
        if (faults.list.empty()) return std::string("a JSON object");
        return fmt::format("{}: {}", faults.list.front().first, faults.list.front().second);
    }
    policy p;
    take(p.name_same, file->name_same);
    take(p.name_near, file->name_near);
    take(p.face_same, file->face_same);
    take(p.adult_age, file->adult_age);
    take(p.accounts_per_address, file->accounts_per_address);
    take(p.accounts_per_device, file->accounts_per_device);
    take(p.needs_pan, file->needs_pan);
    take(p.needs_aadhaar, file->needs_aadhaar);
    take(p.needs_face, file->needs_face);
    take(p.needs_video, file->needs_video);
    take(p.four_eyes, file->four_eyes);
    take(p.approve_at_provider, file->approve_at_provider);
    for (const auto& rule : file->findings.value_or(std::vector<policy_file::rule>{}))
        p.says[static_cast<std::size_t>(rule.finding)] = rule.says;
    if (p.adult_age < 18) return std::string("/adultAge: at least 18, as the law says");
    if (p.of(code::under_age) != verdict::reject) return std::string("/findings: under_age says reject");
    if (p.name_near > p.name_same || p.name_near < 0 || p.name_same > 100 || p.face_same < 0 ||
        p.face_same > 100)
        return std::string("likenesses are 0 to 100, and nameNear is not above nameSame");
    return p;
}

std::vector<finding> find(const evidence& seen, const known& about, const policy& by) {
    finder f{by};
    find_papers(f, seen);
    find_names(f, seen, about.legal_name);
    find_age(f, seen, about);
    if (about.others.pan_in_use) f.add(code::pan_in_use);
    if (about.others.rejected_before) f.add(code::rejected_before);
    if (about.others.accounts_on_address >= by.accounts_per_address)
        f.add(code::many_accounts_on_address, about.others.accounts_on_address);
    if (about.others.accounts_on_device >= by.accounts_per_device)
        f.add(code::many_accounts_on_device, about.others.accounts_on_device);
    if (!about.country_at_start.empty() && !about.country_at_return.empty() &&
        about.country_at_start != about.country_at_return)
        f.add(code::moved);
    return std::move(f.found);
}

judgement judge(const std::vector<finding>& found) {
    judgement j{verdict::approve};
    for (const auto& each : found) j.what = std::max(j.what, each.says);
    for (const auto& each : found)
        if (j.what != verdict::approve && each.says == j.what) j.reasons.emplace_back(name_of(each.code));
    return j;
}

bool is_personal_pan(std::string_view pan) {
    return pan.size() == 10 && letters(pan.substr(0, 5)) && digits(pan.substr(5, 4)) &&
           letters(pan.substr(9)) && pan[3] == 'P';
}

std::string masked_pan(std::string_view pan) {
    if (pan.size() != 10) return pan.empty() ? "" : "XXXXXXXXXX";
    return fmt::format("{}XXXXXX{}", pan.substr(0, 2), pan.substr(8));
}

std::string masked_aadhaar(std::string_view last4) {
    return last4.empty() ? "" : fmt::format("XXXX XXXX {}", last4.substr(0, 4));
}

std::optional<std::chrono::year_month_day> parse_date(std::string_view iso) {
    if (iso.size() != 10 || iso[4] != '-' || iso[7] != '-' || !digits(iso.substr(0, 4)) ||
        !digits(iso.substr(5, 2)) || !digits(iso.substr(8)))
        return std::nullopt;
    const std::chrono::year_month_day day{std::chrono::year(number(iso.substr(0, 4))),
                                          std::chrono::month(static_cast<unsigned>(number(iso.substr(5, 2)))),
                                          std::chrono::day(static_cast<unsigned>(number(iso.substr(8))))};
    return day.ok() ? std::optional(day) : std::nullopt;
}

int age_on(std::chrono::year_month_day day, std::chrono::year_month_day born) {
    const int years = static_cast<int>(day.year()) - static_cast<int>(born.year());
    const bool before = std::pair(day.month(), day.day()) < std::pair(born.month(), born.day());
    return years - (before ? 1 : 0);
}

std::chrono::year_month_day day_in_india(instant at) {
    return std::chrono::floor<std::chrono::days>(at + india_offset);
}

std::string_view name_of(finding_code c) { return boost::describe::enum_to_string(c, ""); }
std::string_view name_of(verdict v) { return boost::describe::enum_to_string(v, ""); }

}  // namespace astrotalk::onboarding::kyc
