// Every SMS that was sent, as the people who got it would see it. Bounded: the oldest give way.
// Thread safety: none; it belongs to the sandbox's loop.
#pragma once

#include <boost/describe.hpp>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/clock.hpp"

namespace sandbox::sms {

struct message {
    std::string to;
    std::string text;
    astrotalk::instant at;
    // As operators in India see it: which registered template it says that it is, and whose.
    std::optional<std::string> template_id{}, entity_id{}, sender_id{}, provider{};
    BOOST_DESCRIBE_CLASS(message, (), (to, text, at, template_id, entity_id, sender_id, provider), (), ())
};

class inbox {
  public:
    static constexpr std::size_t limit = 50'000;
    static constexpr std::size_t limit_per_number = 50;

    // Gives false when a message with this idempotency id came before: a provider delivers it once.
    bool receive(message arrived, std::string_view idempotency_id);
    // Newest first.
    std::vector<message> of(const std::string& number) const;
    std::vector<message> newest(std::size_t count) const;

  private:
    void forget_oldest();

    std::unordered_map<std::string, std::deque<message>> by_number_;
    std::deque<std::string> order_;  // the numbers, as their messages came
    std::unordered_map<std::string, bool> seen_;
    std::deque<std::string> seen_order_;
};

}  // namespace sandbox::sms
