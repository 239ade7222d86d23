#include "identity/revocations.hpp"

namespace astrotalk::identity {

using std::chrono::steady_clock;

revocations::revocations(std::chrono::seconds keep) : keep_(keep) {}

void revocations::apply(const std::vector<revocation>& found, instant read_at,
                        steady_clock::time_point asked) {
    std::lock_guard lock(mutex_);
    bool news = false;
    for (const auto& each : found) {
        if (each.family) {
            news = news || !current_->families.contains(*each.family);
        } else {
            const auto known = current_->users.find(each.user);
            news = news || known == current_->users.end() || known->second < each.at;
        }
    }
    if (news) {
        auto next = std::make_shared<ended>(*current_);
        const instant forget = read_at - keep_;
        std::erase_if(next->families, [&](const auto& entry) { return entry.second < forget; });
        std::erase_if(next->users, [&](const auto& entry) { return entry.second < forget; });
        for (const auto& each : found) {
            if (each.family)
                next->families.emplace(*each.family, each.at);
            else if (auto& at = next->users[each.user]; at < each.at)
                at = each.at;
        }
        current_ = std::move(next);
        version_.fetch_add(1, std::memory_order_release);
    }
    last_read_ = read_at;
    asked_.store(asked.time_since_epoch().count(), std::memory_order_release);
}

std::optional<instant> revocations::last_read() const {
    std::lock_guard lock(mutex_);
    return last_read_;
}

bool revocations::fresh() const {
    const auto asked = asked_.load(std::memory_order_acquire);
    if (asked == 0) return false;
    return steady_clock::now() - steady_clock::time_point(steady_clock::duration(asked)) <=
           std::chrono::seconds(1);
}

bool revocations::reader::has_ended(user_id user, family_id family, instant issued) {
    if (const auto version = of_.version_.load(std::memory_order_acquire); version != version_) {
        std::lock_guard lock(of_.mutex_);
        seen_ = of_.current_;
        version_ = of_.version_.load(std::memory_order_relaxed);
    }
    if (seen_->families.contains(family)) return true;
    const auto all = seen_->users.find(user);
    return all != seen_->users.end() && issued <= all->second;
}

}  // namespace astrotalk::identity
