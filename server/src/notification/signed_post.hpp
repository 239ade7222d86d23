// A POST to a service of AWS, signed.
#pragma once

#include <string>
#include <string_view>

#include "aws/sigv4.hpp"
#include "http/client.hpp"

namespace astrotalk::notification {

// To be sent at once: a signature lives for minutes. `url` has a path; `service` is "sns", "ses", ….
http::client_request signed_post(std::string url, std::string_view content_type, std::string body,
                                 const aws::credentials& who, const aws::scope& where);

}  // namespace astrotalk::notification
