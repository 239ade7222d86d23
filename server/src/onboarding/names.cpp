#include "onboarding/names.hpp"

#include <unicode/translit.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <array>
#include <memory>
#include <mutex>

#include "core/verify.hpp"

namespace astrotalk::onboarding::kyc {
namespace {

// ICU's rules are made once; a transliterator is used by one at a time.
std::string to_latin(std::string_view name) {
    static std::mutex one_at_a_time;
    static const std::unique_ptr<icu::Transliterator> rules = [] {
        UErrorCode failed = U_ZERO_ERROR;
        std::unique_ptr<icu::Transliterator> made(icu::Transliterator::createInstance(
            "Any-Latin; NFD; [:Nonspacing Mark:] Remove; Latin-ASCII; Lower", UTRANS_FORWARD, failed));
        verify(U_SUCCESS(failed) && made != nullptr);
        return made;
    }();
    auto text = icu::UnicodeString::fromUTF8(icu::StringPiece(name.data(), static_cast<int>(name.size())));
    {
        const std::lock_guard lock(one_at_a_time);
        rules->transliterate(text);
    }
    std::string latin;
    text.toUTF8String(latin);
    return latin;
}

constexpr std::array<std::string_view, 22> honorifics = {
    "mr",  "mrs",    "ms",     "miss", "dr",      "shri",  "sri",  "shree", "smt", "shrimati", "srimati",
    "kum", "kumari", "pandit", "pt",   "acharya", "swami", "prof", "late",  "ji",  "sh",       "km"};

// What is written for one sound, longest first.
struct spelling {
    std::string_view written, sound;
};
constexpr std::array<spelling, 29> spellings = {
    {{"ksh", "ks"}, {"chh", "c"}, {"tth", "t"}, {"ddh", "d"}, {"sch", "s"}, {"x", "ks"},
     {"sh", "s"},   {"ch", "c"},  {"th", "t"},  {"dh", "d"},  {"bh", "b"},  {"kh", "k"},
     {"gh", "g"},   {"jh", "j"},  {"ph", "p"},  {"gy", "jn"}, {"aa", "a"},  {"ee", "i"},
     {"oo", "u"},   {"ii", "i"},  {"uu", "u"},  {"ou", "u"},  {"au", "o"},  {"ai", "e"},
     {"ay", "e"},   {"w", "v"},   {"f", "p"},   {"z", "j"},   {"q", "k"}}};

std::string folded(std::string_view word) {
    std::string sounds;
    for (std::size_t at = 0; at < word.size();) {
        const auto rest = word.substr(at);
        const auto* const found =
            std::ranges::find_if(spellings, [&](const spelling& s) { return rest.starts_with(s.written); });
        const auto sound = found != spellings.end() ? found->sound : rest.substr(0, 1);
        at += found != spellings.end() ? found->written.size() : 1;
        for (char c : sound) {
            if (c == 'y') c = 'i';
            if (c == 'c' && at < word.size() && word[at] == 'k') continue;
            // A letter doubled is said once, and an m before a consonant is written n as well.
            if (sounds.empty() || sounds.back() != c) sounds += c;
        }
    }
    for (std::size_t i = 0; i + 1 < sounds.size(); ++i)
        if (sounds[i] == 'm' && std::string_view("aeiou").find(sounds[i + 1]) == std::string_view::npos)
            sounds[i] = 'n';
    // The vowel that Devanagari writes and nobody says: "rama" is Ram, "suresa" is Suresh.
    if (sounds.size() > 3 && sounds.back() == 'a') sounds.pop_back();
    return sounds;
}

int distance(std::string_view a, std::string_view b) {
    std::vector<int> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = static_cast<int>(j);
    for (std::size_t i = 1; i <= a.size(); ++i) {
        int diagonal = std::exchange(row[0], static_cast<int>(i));
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const int replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
        }
    }
    return row[b.size()];
}

int alike(std::string_view a, std::string_view b) {
    if (a == b) return 100;
    if (a.size() == 1 || b.size() == 1) return a.front() == b.front() ? 80 : 0;
    const auto longer = static_cast<int>(std::max(a.size(), b.size()));
    return std::max(0, 100 - 100 * distance(a, b) / longer);
}

}  // namespace

std::vector<std::string> folded_words(std::string_view name) {
    std::vector<std::string> words;
    std::string word;
    const auto keep = [&] {
        if (!word.empty() && std::ranges::find(honorifics, word) == honorifics.end())
            words.push_back(folded(word));
        word.clear();
    };
    for (const char c : to_latin(name)) {
        if (c >= 'a' && c <= 'z')
            word += c;
        else if (c != '\'')
            keep();
    }
    keep();
    return words;
}

int likeness(std::string_view one, std::string_view other) {
    auto shorter = folded_words(one), longer = folded_words(other);
    if (shorter.size() > longer.size()) std::swap(shorter, longer);
    if (shorter.empty()) return 0;
    // "Rama Rao" and "Ramarao": papers join words as they like.
    std::string joined_short, joined_long;
    for (const auto& w : shorter) joined_short += w;
    for (const auto& w : longer) joined_long += w;
    if (joined_short == joined_long) return 100;
    // Joined, the vowel that ends a word is said again.
    std::erase(joined_short, 'a');
    std::erase(joined_long, 'a');
    if (joined_short == joined_long && joined_short.size() >= 4) return 95;
    const auto extra = static_cast<int>(longer.size() - shorter.size());
    int sum = 0;
    // The longest first, so that an initial does not take the word that another means.
    std::ranges::sort(shorter, [](const auto& a, const auto& b) { return a.size() > b.size(); });
    for (const auto& word : shorter) {
        std::size_t best = 0;
        int most = -1;
        for (std::size_t i = 0; i < longer.size(); ++i)
            if (const int now = alike(word, longer[i]); now > most) {
                most = now;
                best = i;
            }
        sum += most;
        longer.erase(longer.begin() + static_cast<std::ptrdiff_t>(best));
    }
    const int average = sum / static_cast<int>(shorter.size());
    const int missing = extra * (shorter.size() == 1 ? 15 : 6);
    return std::max(0, average - missing);
}

}  // namespace astrotalk::onboarding::kyc
