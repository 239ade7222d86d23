// Digio's REST API, for clients that have its id and secret (HTTP Basic). What each call was, and how it was
// answered, is recorded; faults of its kind are applied around it.
#pragma once

#include <span>

#include "digio/desk.hpp"
#include "http/http.hpp"

namespace sandbox::digio {

std::span<const astrotalk::http::route<desk>> api_routes();

}  // namespace sandbox::digio
