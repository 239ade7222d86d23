// The SMS that were sent.
#pragma once

#include <boost/describe.hpp>
#include <optional>
#include <string>

#include "core/clock.hpp"
#include "mailbox.hpp"

namespace sandbox::sms {

struct message {
    std::string to;
    std::string text;
    astrotalk::instant at;
    // As operators in India see it: which registered template it says that it is, and whose.
    std::optional<std::string> template_id{}, entity_id{}, sender_id{}, provider{};
    BOOST_DESCRIBE_CLASS(message, (), (to, text, at, template_id, entity_id, sender_id, provider), (), ())
};

using inbox = mailbox<message>;

}  // namespace sandbox::sms
