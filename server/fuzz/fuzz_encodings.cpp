// Strict decoders: what they accept encodes back to the same text, so a value has one spelling.
#include <cstdlib>

#include "core/ids.hpp"
#include "crypto/crypto.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace astrotalk;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto decoded = crypto::base64url_decode(text);
        decoded && crypto::base64url_encode(*decoded) != text)
        std::abort();
    if (const auto id = uuid::parse(text); id && uuid::parse(id->to_string()) != id) std::abort();
    return 0;
}
