// What this folder's documents are made of: explanations in two languages, records of the registered
// classes, and the seal of a certificate. Pure but for the statements of the classes.
#pragma once

#include <functional>

#include "http/json.hpp"
#include "privacy/personal_data.hpp"

namespace astrotalk::privacy {

// A text for people, in English and Hindi.
struct told {
    std::string en, hi;
};
BOOST_DESCRIBE_STRUCT(told, (), (en, hi))

told holds_of(const pg::data_class& of);
// For how long a class is kept and why.
told reason_of(pg::retention kept, const retention_days& days);

// A class in a document.
struct class_records {
    std::string name;
    told holds, kept;
    std::vector<http::raw_json> records;
};
BOOST_DESCRIBE_STRUCT(class_records, (), (name, holds, kept, records))

// Everything of the person in the classes that `wanted` names, sealed values opened. What does not open is
// said to be unreadable in its place, and logged. More than most_records of one class throws
// std::runtime_error: nothing is left out in silence.
inline constexpr std::size_t most_records = 500'000;
enum class reader : std::uint8_t { the_person, the_tombstone };
using choice = std::function<bool(const pg::data_class&)>;
task<std::vector<class_records>> gather_records(pg::transaction& t, const crypto::keyring& keys,
                                                const data_register& known, user_id who, reader whose,
                                                choice wanted);

// An HMAC under a key of this installation, and the id of that key, which is in the content.
bytes certificate_mac(const crypto::keyring& keys, std::string_view content);
std::string certificate_key_id(const crypto::keyring& keys);

// Where tombstones and exports are sealed for.
inline constexpr std::string_view tombstone_purpose = "erasure.tombstone",
                                  export_purpose = "data_export.document";
std::string place_of_tombstone(const std::string& row);
std::string place_of_export(const std::string& row);

}  // namespace astrotalk::privacy
