#include "sms/inbox.hpp"

#include <algorithm>

namespace sandbox::sms {

bool inbox::receive(message arrived, std::string_view idempotency_id) {
    if (!idempotency_id.empty()) {
        if (!seen_.emplace(idempotency_id, true).second) return false;
        seen_order_.emplace_back(idempotency_id);
        if (seen_order_.size() > limit) {
            seen_.erase(seen_order_.front());
            seen_order_.pop_front();
        }
    }
    if (order_.size() == limit) forget_oldest();
    order_.push_back(arrived.to);
    auto& messages = by_number_[arrived.to];
    messages.push_back(std::move(arrived));
    return true;
}

void inbox::forget_oldest() {
    const auto found = by_number_.find(order_.front());
    found->second.pop_front();
    if (found->second.empty()) by_number_.erase(found);
    order_.pop_front();
}

std::vector<message> inbox::of(const std::string& number) const {
    const auto found = by_number_.find(number);
    if (found == by_number_.end()) return {};
    const auto& all = found->second;
    return {all.rbegin(), all.rbegin() + static_cast<std::ptrdiff_t>(std::min(all.size(), limit_per_number))};
}

std::vector<message> inbox::newest(std::size_t count) const {
    std::vector<message> found;
    std::unordered_map<std::string, std::size_t> taken;
    for (auto number = order_.rbegin(); number != order_.rend() && found.size() < count; ++number) {
        const auto& messages = by_number_.at(*number);
        found.push_back(messages[messages.size() - 1 - taken[*number]++]);
    }
    return found;
}

}  // namespace sandbox::sms
