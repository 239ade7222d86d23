// What people are shown before they consent, in each language. These texts are the only place to change:
// whatever is changed here, the server stores as the next version when it starts, and asks everybody for
// consent to that. Pure. Thread-safe.
//
// Law: DPDP Act 2023 ss. 5 and 6, DPDP Rules 2025 Rule 3 (a notice that stands alone, in plain words, with
// the data itemised and each item's purpose), UIDAI's guidance (nobody is refused for not using Aadhaar).
#pragma once

#include <boost/describe.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace astrotalk::privacy {

// Which data, and what for.
struct notice_item {
    std::string data, purpose;
};
BOOST_DESCRIBE_STRUCT(notice_item, (), (data, purpose))

struct notice_section {
    std::string heading, text;
};
BOOST_DESCRIBE_STRUCT(notice_section, (), (heading, text))

struct notice_text {
    std::string title, introduction;
    std::vector<notice_item> items;
    std::vector<notice_section> sections;
    std::string agreement;  // what is said beside the box, which is never ticked beforehand
};
BOOST_DESCRIBE_STRUCT(notice_text, (), (title, introduction, items, sections, agreement))

struct notice {
    std::string_view purpose, language;
    notice_text text;
};

// "kyc" alone as yet.
bool is_purpose(std::string_view name);
bool is_notice_language(std::string_view code);  // en, hi

// Every purpose in every language. `grievance_contact`: whom to complain to, as people can use it.
std::vector<notice> notices(const std::string& grievance_contact);

}  // namespace astrotalk::privacy
