// How alike two written names are: in Devanagari or Latin, in any order, with initials, honorifics and the
// many spellings of one Indian name. Pure; thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace astrotalk::onboarding::kyc {

// The words of a name as they are compared: in Latin letters (ICU's transliteration), without honorifics,
// folded so that spellings of one sound are the same ("Lakshmi", "Laxmi", "लक्ष्मी").
std::vector<std::string> folded_words(std::string_view name);

// 0 (nothing in common) to 100 (the same). Each word of the shorter name is matched with the most alike word
// of the longer one that is still free; an initial matches its word less than the word itself. Words that
// only one name has cost little, because papers leave out middle names; a name of one word never counts as
// the same as one of three.
int likeness(std::string_view one, std::string_view other);

}  // namespace astrotalk::onboarding::kyc
