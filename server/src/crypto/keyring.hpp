// The keys of one installation, all derived from one master key of 32 bytes. A purpose ("phone-index",
// "outbox") names a key that nothing else uses.
//
// Thread-safe. Errors: `open_or_create` throws std::runtime_error with a message for the operator.
// What `seal` makes: version 1 (1 byte), key id (4), nonce (12), ciphertext, tag (16). The additional data
// says which table, row and column the value belongs to, so that a value moved elsewhere does not open.
#pragma once

#include <array>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "crypto/crypto.hpp"

namespace astrotalk::crypto {

class keyring {
  public:
    explicit keyring(const bytes& master);
    // Reads the master key from `file`; the first time, makes it, readable by its owner alone. Refuses a file
    // that others may read and one of another size.
    static keyring open_or_create(const std::filesystem::path& file);
    ~keyring();
    keyring(keyring&&) noexcept;

    // HMAC-SHA256 under the purpose's key: 32 bytes.
    bytes mac(std::string_view purpose, input data) const;
    bytes seal(std::string_view purpose, input plaintext, input aad) const;
    // Nothing when the value was not sealed by this keyring for this purpose and place.
    std::optional<std::string> open(std::string_view purpose, input sealed, input aad) const;

  private:
    using key = std::array<unsigned char, 32>;
    const key& derived(std::string_view purpose) const;

    struct state;
    std::unique_ptr<state> state_;
};

}  // namespace astrotalk::crypto
