// The sandbox's clock, which tests move: POST /control/clock {"advanceSeconds": n}. What has come due by then
// is done before the answer.
#pragma once

#include <span>

#include "agenda.hpp"
#include "http/http.hpp"

namespace sandbox::control {

std::span<const astrotalk::http::route<agenda>> routes();

}  // namespace sandbox::control
