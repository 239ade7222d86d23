// Types for what must not be printed. No log field, formatter or stream accepts them; `reveal` is where to
// look in a review.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace astrotalk {

using bytes = std::vector<unsigned char>;

// A key, a code, a token, a password.
class secret {
  public:
    secret() = default;
    explicit secret(std::string value) : value_(std::move(value)) {}
    const std::string& reveal() const { return value_; }
    bool empty() const { return value_.empty(); }

  private:
    std::string value_;
};

// Data about a person: a phone number, a name, an address.
class personal {
  public:
    personal() = default;
    explicit personal(std::string value) : value_(std::move(value)) {}
    const std::string& reveal() const { return value_; }
    bool empty() const { return value_.empty(); }

  private:
    std::string value_;
};

}  // namespace astrotalk
