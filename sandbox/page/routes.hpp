// What a developer opens in a browser: every SMS and e-mail that the product sent, on one page.
#pragma once

#include <span>

#include "http/http.hpp"
#include "ses/routes.hpp"
#include "sms/inbox.hpp"

namespace sandbox::page {

struct service {
    const sms::inbox& texts;
    const ses::inbox& letters;
};

std::span<const astrotalk::http::route<service>> routes();

}  // namespace sandbox::page
