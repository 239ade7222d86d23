// What users say of themselves before they book: name, language, city, and that they are 18 or older.
//
// Names and cities are sealed. Errors: nothing where somebody may not sign in any more; an outage throws
// pg::unavailable.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/task.hpp"
#include "crypto/keyring.hpp"
#include "identity/domain.hpp"
#include "pg/pg.hpp"

namespace astrotalk::identity {

struct service;

// Of the apps; every SMS has a text in each.
inline constexpr std::array<std::string_view, 2> languages = {"en", "hi"};

struct profile_draft {
    personal name;
    std::string language;
    personal city;
    bool adult = false;
};
BOOST_DESCRIBE_STRUCT(profile_draft, (), (name, language, city, adult))

// Without spaces around the texts.
profile_draft tidied(profile_draft sent);
// A JSON pointer and what was expected there, for each fault.
std::vector<std::pair<std::string, std::string>> faults_of(const profile_draft& draft);

struct user_profile {
    std::optional<personal> name;
    std::optional<std::string> language;
    std::optional<personal> city;
    std::optional<instant> adult_declared_at;
    std::vector<std::string> missing;  // before they may book, as JSON pointers into a draft
};
BOOST_DESCRIBE_STRUCT(user_profile, (), (name, language, city, adult_declared_at, missing))

struct profiled_person {
    person who;
    user_profile profile;
};
task<std::optional<profiled_person>> find_with_profile(service& s, user_id id);

// The draft has no faults. Nothing for astrologers, too: theirs is onboarding's. Saving it again keeps the
// instant of the declaration.
task<std::optional<user_profile>> save_profile(pg::client& pg, const crypto::keyring& keys, user_id id,
                                               profile_draft draft, std::string request_id);

}  // namespace astrotalk::identity
