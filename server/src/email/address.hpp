// An e-mail address as this product writes to one: plain ASCII, without quotes, comments or a name around it.
// So it can hold nothing that a header or another system reads as more than one address.
//
// Pure and thread-safe. Cannot be logged.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/secret.hpp"

namespace astrotalk::email {

class address {
  public:
    static constexpr std::size_t longest = 254;  // RFC 5321, 4.5.3.1.3

    // Nothing unless `text` is one: at most 64 characters before its only @, a domain of at least two labels
    // behind it. The domain is folded to lower case. What is before the @ is kept as it is: it is the other
    // side's to say whether its case matters.
    static std::optional<address> parse(std::string_view text);

    const std::string& reveal() const { return text_.reveal(); }
    const personal& text() const { return text_; }
    // "a***@g***", as Cognito shows one.
    std::string masked() const;
    // Whose inbox it is, as far as that can be told, for counting what is sent there: without case and
    // without what follows a +, where many providers deliver all the same. Never to be written to.
    std::string mailbox() const;

    friend bool operator==(const address& a, const address& b) { return a.reveal() == b.reveal(); }

  private:
    address(std::string text, std::size_t at) : text_(std::move(text)), at_(at) {}
    personal text_;
    std::size_t at_;  // of the @
};

}  // namespace astrotalk::email
