// Razorpay's entities as JSON, and how it writes and repeats its webhooks.
#pragma once

#include <boost/json.hpp>

#include "razorpay/desk.hpp"

namespace sandbox::razorpay {

boost::json::object to_json(const order& o);
boost::json::object to_json(const payment& p);
boost::json::object to_json(const refund& r);
boost::json::object collection(boost::json::array items);
// {"error": {"code": …}}: BAD_REQUEST_ERROR, GATEWAY_ERROR or SERVER_ERROR by the status.
std::string error_json(int status, std::string_view description, std::string_view field = {});

// The envelope names no id of its own: that is in a header.
std::string envelope(std::string_view id, std::string_view event, std::string_view payload,
                     astrotalk::instant created);
webhook_manner::headers headers_of(const astrotalk::secret& key, std::string_view body, std::string_view id);
// With growing pauses for about a day. The pauses themselves are not documented.
std::optional<std::chrono::seconds> pause_before(int attempt);

}  // namespace sandbox::razorpay
