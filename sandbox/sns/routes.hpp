// Amazon SNS as far as Publish to a phone (docs.aws.amazon.com/sns/latest/api/API_Publish.html), at /sns/.
// What is published is in the same inbox as other SMS. The signature must be there; whether it is right is
// not looked at.
#pragma once

#include <span>

#include "http/http.hpp"
#include "sms/inbox.hpp"

namespace sandbox::sns {

// What goes wrong on purpose, set by PUT /control/sns: a status that is not 200 answers with `code`, an error
// of SNS such as Throttling or AuthorizationError.
struct faults {
    std::int32_t status = 200;
    std::string code = "InternalError";
    std::int32_t delay_ms = 0;
    BOOST_DESCRIBE_CLASS(faults, (), (status, code, delay_ms), (), ())
};

struct service {
    sms::inbox& box;
    faults now{};
};

std::span<const astrotalk::http::route<service>> routes();

}  // namespace sandbox::sns
