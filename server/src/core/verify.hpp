// `verify(condition)`: an invariant of this program. It stays on in release and ends the process when broken,
// because going on with a broken invariant risks money and personal data.
#pragma once

#include <source_location>

namespace astrotalk {

[[noreturn]] void verify_failed(std::source_location where);

inline void verify(bool holds, std::source_location where = std::source_location::current()) {
    if (!holds) [[unlikely]]
        verify_failed(where);
}

}  // namespace astrotalk
