#include "identity/software_token.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "identity/totp.hpp"

namespace astrotalk::identity {
namespace {

constexpr std::string_view in_use = "software_token.secret", pending = "software_token.pending";

bytes seal(const crypto::keyring& keys, std::string_view column, user_id of, const std::string& value) {
    return keys.seal(column, value, fmt::format("{}:{}", column, of.to_string()));
}

std::string open(const crypto::keyring& keys, std::string_view column, user_id of, const bytes& sealed) {
    auto opened = keys.open(column, sealed, fmt::format("{}:{}", column, of.to_string()));
    if (!opened || opened->size() < totp::key_size)
        throw std::runtime_error(fmt::format("{} does not open under the master key", column));
    return std::move(*opened);
}

}  // namespace

bytes seal_token(const crypto::keyring& keys, user_id of, const software_token& token) {
    return seal(keys, in_use, of, token.key.reveal() + token.device.reveal());
}

software_token open_token(const crypto::keyring& keys, user_id of, const bytes& sealed) {
    const auto opened = open(keys, in_use, of, sealed);
    return {secret(opened.substr(0, totp::key_size)), personal(opened.substr(totp::key_size))};
}

bytes seal_pending(const crypto::keyring& keys, user_id of, const secret& key) {
    return seal(keys, pending, of, key.reveal());
}

secret open_pending(const crypto::keyring& keys, user_id of, const bytes& sealed) {
    return secret(open(keys, pending, of, sealed));
}

}  // namespace astrotalk::identity
