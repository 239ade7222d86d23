// What statements that read a person give. Every column is optional, because some join a person that may not
// be there.
#pragma once

#include "crypto/keyring.hpp"
#include "identity/tokens.hpp"

namespace astrotalk::identity {

struct person_row {
    std::optional<user_id> id;
    std::optional<bytes> phone_sealed, name_sealed, email_sealed;
    std::optional<bool> email_verified;
    std::optional<std::string> user_type, profile_status, kyc_status;
    std::vector<std::string> groups;
    std::optional<instant> created_at;
};
BOOST_DESCRIBE_STRUCT(person_row, (),
                      (id, phone_sealed, name_sealed, email_sealed, email_verified, user_type, profile_status,
                       kyc_status, groups, created_at))

struct sign_in_row : person_row {
    bool correct = false;
    instant auth_time;
};
BOOST_DESCRIBE_STRUCT(sign_in_row, (person_row), (correct, auth_time))

// `row.id` is there.
inline person to_person(const crypto::keyring& keys, person_row row) {
    person who;
    who.id = *row.id;
    who.phone = open_phone(keys, *row.id, *row.phone_sealed);
    if (row.name_sealed) who.name = open_name(keys, *row.id, *row.name_sealed);
    if (row.email_sealed) who.email = open_email(keys, *row.id, *row.email_sealed);
    who.email_verified = row.email_verified.value_or(false);
    who.user_type = std::move(*row.user_type);
    who.profile_status = std::move(row.profile_status);
    who.kyc_status = std::move(row.kyc_status);
    who.groups = std::move(row.groups);
    who.created_at = *row.created_at;
    return who;
}

}  // namespace astrotalk::identity
