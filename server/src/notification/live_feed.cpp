#include "notification/live_feed.hpp"

namespace astrotalk::notification {

live_feed::listener::listener(live_feed& to, user_id who) : feed_(to), who_(who), home_(loop::current()) {}
live_feed::listener::~listener() { feed_.forget(*this); }

void live_feed::listener::hear() {
    news_ = true;
    if (told_) told_->set();
}

result<std::shared_ptr<live_feed::listener>, live_feed::full> live_feed::listen(user_id who) {
    const std::lock_guard lock(mutex_);
    if (count_ >= most_.in_all) return full::node;
    const auto known = listeners_.find(who);
    if (known != listeners_.end() && known->second.size() >= most_.of_user) return full::user;
    auto made = std::make_shared<listener>(*this, who);
    listeners_[who].push_back({made.get(), &made->home_, made});
    ++count_;
    return made;
}

void live_feed::forget(const listener& gone) {
    const std::lock_guard lock(mutex_);
    const auto known = listeners_.find(gone.who_);
    if (known == listeners_.end()) return;
    count_ -= std::erase_if(known->second, [&](const entry& each) { return each.which == &gone; });
    if (known->second.empty()) listeners_.erase(known);
}

void live_feed::wake(const std::vector<user_id>& who) {
    const std::lock_guard lock(mutex_);
    for (const auto& each : who) {
        const auto known = listeners_.find(each);
        if (known == listeners_.end()) continue;
        for (const auto& one : known->second)
            one.home->post([there = one.there] {
                if (const auto alive = there.lock()) alive->hear();
            });
    }
}

std::size_t live_feed::listening() const {
    const std::lock_guard lock(mutex_);
    return count_;
}

}  // namespace astrotalk::notification
