// Razorpay's REST API, its checkout page, and the control of both, below /razorpay and /control/razorpay.
#pragma once

#include <span>

#include "http/http.hpp"
#include "razorpay/desk.hpp"

namespace sandbox::razorpay {

std::span<const astrotalk::http::route<desk>> api_routes();
std::span<const astrotalk::http::route<desk>> checkout_routes();
std::span<const astrotalk::http::route<desk>> control_routes();

}  // namespace sandbox::razorpay
