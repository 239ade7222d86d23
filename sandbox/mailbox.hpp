// Every message that was sent, as the people who got it would see it. Bounded: the oldest give way.
// Thread safety: none; it belongs to the sandbox's loop.
#pragma once

#include <algorithm>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace sandbox {

// A Message says whom it is `to`.
template <class Message>
class mailbox {
  public:
    static constexpr std::size_t limit = 50'000;
    static constexpr std::size_t limit_each = 50;  // as shown of one receiver

    // Gives false when a message with this idempotency id came before: a provider delivers it once.
    bool receive(Message arrived, std::string_view idempotency_id) {
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
        auto& messages = by_receiver_[arrived.to];
        messages.push_back(std::move(arrived));
        return true;
    }

    // Newest first.
    std::vector<Message> of(const std::string& receiver) const {
        const auto found = by_receiver_.find(receiver);
        if (found == by_receiver_.end()) return {};
        const auto& all = found->second;
        return {all.rbegin(), all.rbegin() + static_cast<std::ptrdiff_t>(std::min(all.size(), limit_each))};
    }
    std::vector<Message> newest(std::size_t count) const {
        std::vector<Message> found;
        std::unordered_map<std::string, std::size_t> taken;
        for (auto to = order_.rbegin(); to != order_.rend() && found.size() < count; ++to) {
            const auto& messages = by_receiver_.at(*to);
            found.push_back(messages[messages.size() - 1 - taken[*to]++]);
        }
        return found;
    }

  private:
    void forget_oldest() {
        const auto found = by_receiver_.find(order_.front());
        found->second.pop_front();
        if (found->second.empty()) by_receiver_.erase(found);
        order_.pop_front();
    }

    std::unordered_map<std::string, std::deque<Message>> by_receiver_;
    std::deque<std::string> order_;  // the receivers, as their messages came
    std::unordered_map<std::string, bool> seen_;
    std::deque<std::string> seen_order_;
};

}  // namespace sandbox
