#include "mishaps.hpp"

namespace sandbox {

std::vector<rule> take(faults& of, call_kind call, std::mt19937_64& random, std::string_view event) {
    std::vector<rule> found;
    for (auto& each : of.rules) {
        if (each.call != call || (each.event && *each.event != event)) continue;
        if (each.times && *each.times <= 0) continue;
        if (each.percent && static_cast<std::int32_t>(random() % 100) >= *each.percent) continue;
        if (each.times) --*each.times;
        found.push_back(each);
        if (call != call_kind::webhook) break;
    }
    return found;
}

}  // namespace sandbox
