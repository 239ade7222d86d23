#include "core/masked_phone.hpp"

namespace astrotalk {

std::string masked_phone(const personal& number) {
    const std::string& digits = number.reveal();
    if (digits.size() < 10) return "******";
    return digits.substr(0, 3) + "******" + digits.substr(digits.size() - 4);
}

}  // namespace astrotalk
