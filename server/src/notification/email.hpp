// The foreign world of e-mail.
#pragma once

#include <stdexcept>
#include <string>

#include "aws/sigv4.hpp"
#include "core/secret.hpp"
#include "core/task.hpp"
#include "http/client.hpp"

namespace astrotalk::notification {

struct email_message {
    personal to;
    std::string subject;
    secret text;
};

// The provider will never send this message.
struct email_refused : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// `send` returns when the provider has accepted the message, throws email_refused when it never will, and
// anything else when trying again may help. What it throws holds nothing personal.
class email_sender {
  public:
    virtual ~email_sender() = default;
    virtual task<void> send(email_message what) = 0;
};

// SendEmail of Amazon SES, version 2 (docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html), as
// plain text. It knows no idempotency: a message whose answer was lost arrives twice. Thread-safe.
struct ses_options {
    std::string url;  // https://email.ap-south-1.amazonaws.com
    std::string region;
    aws::credentials who;
    std::string from;  // an address that SES has verified, or one of a domain that it has
};
class ses_email final : public email_sender {
  public:
    ses_email(http::client& out, ses_options how);
    task<void> send(email_message what) override;

  private:
    http::client& out_;
    ses_options how_;
};

}  // namespace astrotalk::notification
