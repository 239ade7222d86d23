#include "identity/profile.hpp"

#include <algorithm>

namespace astrotalk::identity {
namespace {

personal trimmed(const personal& text) {
    const std::string& all = text.reveal();
    const auto from = all.find_first_not_of(' ');
    if (from == std::string::npos) return {};
    return personal(all.substr(from, all.find_last_not_of(' ') - from + 1));
}

}  // namespace

profile_draft tidied(profile_draft sent) {
    sent.name = trimmed(sent.name);
    sent.city = trimmed(sent.city);
    return sent;
}

std::vector<std::pair<std::string, std::string>> faults_of(const profile_draft& draft) {
    constexpr const char* printable = "1 to 100 characters, none of them a control character";
    std::vector<std::pair<std::string, std::string>> found;
    if (!acceptable_name(draft.name.reveal())) found.emplace_back("/name", printable);
    if (std::ranges::find(languages, draft.language) == languages.end())
        found.emplace_back("/language", fmt::format("one of {}", fmt::join(languages, ", ")));
    if (!acceptable_name(draft.city.reveal())) found.emplace_back("/city", printable);
    if (!draft.adult) found.emplace_back("/adult", "true: consultations are for people of 18 and older");
    return found;
}

}  // namespace astrotalk::identity
