// The SMS provider: what senders post to, and the inbox as JSON.
#pragma once

#include <span>

#include "http/http.hpp"
#include "sms/inbox.hpp"

namespace sandbox::sms {

// What goes wrong on purpose, set by PUT /control/sms.
struct faults {
    std::int32_t status = 200;   // what senders are answered
    std::int32_t delay_ms = 0;   // before the answer
    std::int32_t drop_next = 0;  // so many messages are accepted and never arrive
    BOOST_DESCRIBE_CLASS(faults, (), (status, delay_ms, drop_next), (), ())
};

struct service {
    inbox box;
    faults now;
};

std::span<const astrotalk::http::route<service>> routes();

}  // namespace sandbox::sms
