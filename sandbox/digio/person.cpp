#include "digio/person.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "crypto/crypto.hpp"

namespace sandbox::digio {
namespace {

struct town {
    std::string_view locality, district, state, pincode;
    double latitude, longitude;
};
constexpr std::array<town, 8> towns{{
    {"Malviya Nagar", "Jaipur", "Rajasthan", "302017", 26.8546, 75.8243},
    {"Assi Ghat", "Varanasi", "Uttar Pradesh", "221005", 25.2896, 83.0065},
    {"Kothrud", "Pune", "Maharashtra", "411038", 18.5074, 73.8077},
    {"Jayanagar", "Bengaluru", "Karnataka", "560041", 12.9250, 77.5938},
    {"Mylapore", "Chennai", "Tamil Nadu", "600004", 13.0368, 80.2676},
    {"Salt Lake", "Kolkata", "West Bengal", "700064", 22.5867, 88.4171},
    {"Navrangpura", "Ahmedabad", "Gujarat", "380009", 23.0365, 72.5611},
    {"Hazratganj", "Lucknow", "Uttar Pradesh", "226001", 26.8500, 80.9462},
}};
constexpr std::array<std::string_view, 10> men{"Rajesh", "Anil", "Suresh", "Vikram", "Deepak",
                                               "Mahesh", "Arun", "Sanjay", "Gopal",  "Harish"};
constexpr std::array<std::string_view, 10> women{"Sunita", "Lakshmi", "Kavita", "Meena", "Radha",
                                                 "Asha",   "Geeta",   "Pooja",  "Usha",  "Nirmala"};
constexpr std::array<std::string_view, 12> families{"Sharma", "Joshi",    "Iyer",    "Trivedi",
                                                    "Mishra", "Nair",     "Shastri", "Pandit",
                                                    "Bhatt",  "Kulkarni", "Dubey",   "Rao"};

// A stream of choices that depends on nothing but what it was made from.
class choices {
  public:
    choices(std::uint64_t seed, std::string_view identifier)
        : text_(fmt::format("{}\n{}", seed, identifier)) {}
    std::size_t below(std::size_t bound) {
        const auto digest = astrotalk::crypto::sha256(fmt::format("{}\n{}", text_, count_++));
        std::uint64_t number = 0;
        for (std::size_t i = 0; i < 8; ++i) number = number << 8 | digest[i];
        return static_cast<std::size_t>(number % bound);
    }
    template <std::size_t N>
    std::string of(const std::array<std::string_view, N>& list) {
        return std::string(list[below(N)]);
    }
    char letter() { return static_cast<char>('A' + below(26)); }

  private:
    std::string text_;
    int count_ = 0;
};

std::string upper(std::string text) {
    for (char& c : text)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
    return text;
}

char first_of_last_word(std::string_view name) {
    const auto space = name.find_last_of(' ');
    const auto last = space == std::string_view::npos ? name : name.substr(space + 1);
    const char c = last.empty() ? 'X' : last.front();
    return c >= 'A' && c <= 'Z' ? c : 'X';
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_capital(char c) { return c >= 'A' && c <= 'Z'; }

bool is_date(std::string_view text) {
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
    const auto number = [&](std::size_t from, std::size_t count) {
        int value = 0;
        for (const char c : text.substr(from, count)) value = is_digit(c) ? value * 10 + (c - '0') : -10'000;
        return value;
    };
    using namespace std::chrono;
    const int y = number(0, 4), m = number(5, 2), d = number(8, 2);
    return y > 1900 && m > 0 && d > 0 &&
           year_month_day(year(y), month(static_cast<unsigned>(m)), day(static_cast<unsigned>(d))).ok();
}

}  // namespace

bool is_pan(std::string_view text) {
    return text.size() == 10 && std::ranges::all_of(text.substr(0, 5), is_capital) && text[3] == 'P' &&
           std::ranges::all_of(text.substr(5, 4), is_digit) && is_capital(text[9]);
}

bool is_four_digits(std::string_view text) { return text.size() == 4 && std::ranges::all_of(text, is_digit); }

std::string masked_aadhaar(const person& who) { return "xxxxxxxx" + who.aadhaar_last4; }

person invent(std::uint64_t seed, std::string_view identifier, std::string_view name) {
    choices next(seed, identifier);
    person made;
    made.identifier = identifier;
    const bool woman = next.below(2) == 1;
    const auto invented = (woman ? next.of(women) : next.of(men)) + " " + next.of(families);
    made.name_on_aadhaar = name.empty() ? invented : std::string(name);
    made.name_on_pan = upper(made.name_on_aadhaar);
    made.gender = woman ? "F" : "M";
    made.date_of_birth =
        fmt::format("{:04}-{:02}-{:02}", 1955 + next.below(45), 1 + next.below(12), 1 + next.below(28));
    made.date_of_birth_on_pan = made.date_of_birth;
    for (int i = 0; i < 3; ++i) made.pan += next.letter();
    made.pan += 'P';
    made.pan += first_of_last_word(made.name_on_pan);
    made.pan += fmt::format("{:04}", next.below(10'000));
    made.pan += next.letter();
    made.aadhaar_last4 = fmt::format("{:04}", next.below(10'000));
    const auto& home = towns[next.below(towns.size())];
    made.house = fmt::format("{}, {} Cross", 1 + next.below(200), 1 + next.below(9));
    made.locality = home.locality;
    made.district = home.district;
    made.state = home.state;
    made.pincode = home.pincode;
    made.latitude = home.latitude;
    made.longitude = home.longitude;
    made.face_match = static_cast<std::int32_t>(86 + next.below(13));
    return made;
}

std::string fault_of(const person_change& change) {
    if (change.identifier.empty()) return "identifier";
    if (change.pan && !is_pan(*change.pan)) return "pan";
    if (change.aadhaar_last4 && !is_four_digits(*change.aadhaar_last4)) return "aadhaarLast4";
    if (change.date_of_birth && !is_date(*change.date_of_birth)) return "dateOfBirth";
    if (change.date_of_birth_on_pan && !is_date(*change.date_of_birth_on_pan)) return "dateOfBirthOnPan";
    if (change.gender && *change.gender != "M" && *change.gender != "F" && *change.gender != "T")
        return "gender";
    if (change.face_match && (*change.face_match < 0 || *change.face_match > 100)) return "faceMatch";
    return {};
}

void apply(const person_change& change, person& to) {
    const auto set = [](const auto& from, auto& into) {
        if (from) into = *from;
    };
    set(change.name_on_pan, to.name_on_pan);
    set(change.name_on_aadhaar, to.name_on_aadhaar);
    set(change.date_of_birth, to.date_of_birth);
    set(change.date_of_birth, to.date_of_birth_on_pan);
    set(change.date_of_birth_on_pan, to.date_of_birth_on_pan);
    set(change.gender, to.gender);
    set(change.pan, to.pan);
    set(change.aadhaar_last4, to.aadhaar_last4);
    set(change.house, to.house);
    set(change.locality, to.locality);
    set(change.district, to.district);
    set(change.state, to.state);
    set(change.pincode, to.pincode);
    set(change.face_match, to.face_match);
    set(change.latitude, to.latitude);
    set(change.longitude, to.longitude);
}

}  // namespace sandbox::digio
