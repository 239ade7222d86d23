// The keys of one installation. A master key of 32 bytes, from a file, and data keys, which it wraps and
// which are stored with the data. A purpose ("phone-index", "outbox") names a key that nothing else uses.
//
// MACs are under the master key, because what they find must stay findable. Values are sealed under the
// current data key and opened under whichever sealed them; the first data key is derived from the master key.
//
// Thread-safe. Errors: `open_or_create` throws std::runtime_error with a message for the operator.
// What `seal` makes: version 1 (1 byte), key id (4), nonce (12), ciphertext, tag (16). The additional data
// says which table, row and column the value belongs to, so that a value moved elsewhere does not open.
#pragma once

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

    // A new data key, wrapped: to be stored. Nothing is sealed under it until `seal_with`.
    struct wrapped_key {
        bytes id;  // 4 bytes
        bytes wrapped;
    };
    wrapped_key make_data_key() const;
    // From now on opens what that key sealed. False when another master key wrapped it.
    bool learn(const wrapped_key& key);
    // From now on seals under that key, which must be known.
    void seal_with(const bytes& id);
    bytes current_key() const;

    // HMAC-SHA256 under the purpose's key: 32 bytes.
    bytes mac(std::string_view purpose, input data) const;
    bytes seal(std::string_view purpose, input plaintext, input aad) const;
    // Nothing when the value was not sealed by this keyring for this purpose and place.
    std::optional<std::string> open(std::string_view purpose, input sealed, input aad) const;

  private:
    struct state;
    std::unique_ptr<state> state_;
};

}  // namespace astrotalk::crypto
