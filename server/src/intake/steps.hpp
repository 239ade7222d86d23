// What the use cases of this folder share. Not for other folders.
#pragma once

#include "intake/intake.hpp"

namespace astrotalk::intake {

inline constexpr std::string_view details_purpose = "birth_profile.details";
inline constexpr std::string_view birth_purpose = "intake.birth";
inline constexpr std::string_view question_purpose = "intake.question";

bytes seal_birth(const crypto::keyring& keys, std::string_view purpose, uuid row, const birth& what);
// Nothing, and a line in the log, when it does not open.
std::optional<birth> open_birth(const crypto::keyring& keys, std::string_view purpose, uuid row,
                                const bytes& sealed);

struct intake_row {
    uuid id;
    std::optional<bytes> birth_sealed, question_sealed;
    instant updated_at;
};
BOOST_DESCRIBE_STRUCT(intake_row, (), (id, birth_sealed, question_sealed, updated_at))
given opened(const crypto::keyring& keys, const intake_row& row);

}  // namespace astrotalk::intake
