// Every SMS that was sent, as the people who got it would see it. Bounded: the oldest give way.
// Thread safety: none; it belongs to the sandbox's loop.
#pragma once

#include <boost/describe.hpp>
#include <deque>
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
    BOOST_DESCRIBE_CLASS(message, (), (to, text, at), (), ())
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
