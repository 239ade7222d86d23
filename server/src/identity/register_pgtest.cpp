// Accounts end in many tests of this folder: with the register of this folder alone.
#include "identity/personal_data.hpp"
#include "privacy/privacy.hpp"

namespace astrotalk::identity {
namespace {

[[maybe_unused]] const bool registered = [] {
    const auto own = personal_data().classes;
    privacy::use_register({.classes = {own.begin(), own.end()}});
    return true;
}();

}  // namespace
}  // namespace astrotalk::identity
