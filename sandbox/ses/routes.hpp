// Amazon SES, version 2, as far as SendEmail of plain text
// (docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html), at /ses/v2/email/outbound-emails, and
// the inbox as JSON at /email?to=…. The signature must be there; whether it is right is not looked at.
#pragma once

#include <boost/describe.hpp>
#include <span>

#include "http/http.hpp"
#include "mailbox.hpp"

namespace sandbox::ses {

struct message {
    std::string to, from, subject, text;
    astrotalk::instant at;
    BOOST_DESCRIBE_CLASS(message, (), (to, from, subject, text, at), (), ())
};
using inbox = mailbox<message>;

// What goes wrong on purpose, set by PUT /control/ses: a status that is not 200 answers with `code`, an error
// of SES such as TooManyRequestsException or MessageRejected.
struct faults {
    std::int32_t status = 200;
    std::string code = "InternalFailure";
    std::int32_t delay_ms = 0;
    BOOST_DESCRIBE_CLASS(faults, (), (status, code, delay_ms), (), ())
};

struct service {
    inbox box;
    faults now;
};

std::span<const astrotalk::http::route<service>> routes();

}  // namespace sandbox::ses
