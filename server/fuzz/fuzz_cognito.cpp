// Bodies of the user pool's protocol: whatever they hold, reading gives values within their bounds or one
// refusal.
#include <boost/json.hpp>
#include <cstdlib>

#include "identity/cognito/protocol.hpp"
#include "identity/user_filter.hpp"

namespace {

using namespace astrotalk::identity;

void within(std::size_t size, std::size_t longest) {
    if (size > longest) std::abort();
}

void read_all(cognito::members& in) {
    within(in.required("Session").size(), 2048);
    within(in.optional("Username", 128).value_or("").size(), 128);
    for (const auto& [name, value] : in.attributes("UserAttributes")) {
        within(name.size(), 32);
        within(value.size(), 2048);
        const auto address = astrotalk::email::address::parse(value);
        if (address && address->reveal().find_first_of("\r\n\t ,;:<>()[]\"\\") != std::string::npos)
            std::abort();
    }
    if (const auto limit = in.integer("Limit", 0, 60); limit && !in.fault() && (*limit < 0 || *limit > 60))
        std::abort();
    within(in.strings("AttributesToGet", 32).value_or(std::vector<std::string>()).size(), 32);
    auto parameters = in.nested("AuthParameters");
    (void)cognito::read_phone(parameters, "USERNAME");
    const auto from = in.sender();
    within(from.device.size(), 128);
    if (const auto filter = in.optional("Filter")) (void)parse_filter(*filter, in.served());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto body = cognito::parse_body({reinterpret_cast<const char*>(data), size});
    if (!body) return 0;
    cognito::members in(*body, {.address = "192.0.2.1", .device = ""});
    read_all(in);
    if (in.fault() && !boost::json::parse(cognito::refuse(*in.fault()).body).is_object()) std::abort();
    return 0;
}
