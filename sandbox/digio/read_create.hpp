// Reading what asks for a new request, by Digio's rules for its fields.
#pragma once

#include <boost/system/result.hpp>
#include <string>
#include <string_view>

#include "digio/request.hpp"

namespace sandbox::digio {

struct refusal {
    int status;
    std::string code, message;
};

struct creation {
    request asked;
    bool access_token = false;
    bool notify = false;
};

// With a template, or with actions in the body itself.
boost::system::result<creation, refusal> read_create(std::string_view body, bool inline_actions);

}  // namespace sandbox::digio
