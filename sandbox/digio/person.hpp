// Who stands behind an identifier: invented from the seed and the identifier alone, so that the same setup
// meets the same people again, and changed by the control API. Nobody has a full Aadhaar number here: only
// its last four digits are ever made up.
#pragma once

#include <boost/describe.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sandbox::digio {

struct person {
    std::string identifier;
    std::string name_on_pan, name_on_aadhaar;
    std::string date_of_birth;         // as on Aadhaar, yyyy-mm-dd
    std::string date_of_birth_on_pan;  // as on PAN, yyyy-mm-dd
    std::string gender;                // M, F, T
    std::string pan;                   // in full, as Digio gives it
    std::string aadhaar_last4;
    std::string house, locality, district, state, pincode;
    std::int32_t face_match = 0;  // confidence, percent
    double latitude = 0, longitude = 0;
    BOOST_DESCRIBE_CLASS(person, (),
                         (identifier, name_on_pan, name_on_aadhaar, date_of_birth, date_of_birth_on_pan,
                          gender, pan, aadhaar_last4, house, locality, district, state, pincode, face_match,
                          latitude, longitude),
                         (), ())
};

// What the control API sets of somebody; the rest stays.
struct person_change {
    std::string identifier;
    std::optional<std::string> name_on_pan, name_on_aadhaar, date_of_birth, date_of_birth_on_pan, gender, pan,
        aadhaar_last4, house, locality, district, state, pincode;
    std::optional<std::int32_t> face_match;
    std::optional<double> latitude, longitude;
    BOOST_DESCRIBE_CLASS(person_change, (),
                         (identifier, name_on_pan, name_on_aadhaar, date_of_birth, date_of_birth_on_pan,
                          gender, pan, aadhaar_last4, house, locality, district, state, pincode, face_match,
                          latitude, longitude),
                         (), ())
};

// The name that a request gives is taken for the truth: the sandbox's people do not lie unless told to.
person invent(std::uint64_t seed, std::string_view identifier, std::string_view name = {});
// What of the change cannot be, as the name of its member; empty: nothing.
std::string fault_of(const person_change& change);
void apply(const person_change& change, person& to);

bool is_pan(std::string_view text);  // of a person: the fourth letter is P
bool is_four_digits(std::string_view text);
std::string masked_aadhaar(const person& who);  // xxxxxxxx1234

}  // namespace sandbox::digio
