// Request bodies: whatever the bytes, the decoder gives a value or faults, and a value written again decodes
// to itself.
#include <cstdlib>

#include "http/json.hpp"

namespace {

struct inner {
    std::int32_t minutes = 0;
    std::optional<std::string> note;
    BOOST_DESCRIBE_CLASS(inner, (), (minutes, note), (), ())
};

struct outer {
    std::string name;
    astrotalk::user_id astrologer_id;
    astrotalk::instant starts_at;
    astrotalk::money price;
    bool urgent = false;
    std::vector<inner> parts;
    BOOST_DESCRIBE_CLASS(outer, (), (name, astrologer_id, starts_at, price, urgent, parts), (), ())
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace astrotalk::http;
    const auto decoded = from_json<outer>({reinterpret_cast<const char*>(data), size});
    if (!decoded) return 0;
    const std::string written = to_json(*decoded);
    const auto again = from_json<outer>(written);
    if (!again || to_json(*again) != written) std::abort();
    return 0;
}
