// Phones as people write them: what is accepted is E.164, and has that one form only.
#include <cstdlib>

#include "identity/domain.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace astrotalk::identity;
    static const phone_plan served = [] {
        const std::string countries[] = {"IN", "NP", "US", "AR", "DE", "AC"};
        return *phone_plan::of(countries);
    }();
    const auto phone = phone_number::parse({reinterpret_cast<const char*>(data), size}, served);
    if (!phone) return 0;
    const std::string& e164 = phone->reveal();
    const bool digits = e164.find_first_not_of("0123456789", 1) == std::string::npos;
    if (e164.front() != '+' || !digits || e164.size() < 8 || e164.size() > 16) std::abort();
    const auto again = phone_number::parse(e164, served);
    if (!again || again->reveal() != e164 || !e164.starts_with(phone->prefix(2))) std::abort();
    if (phone->masked().find(e164.substr(e164.size() - 6)) != std::string::npos) std::abort();
    return 0;
}
