// Digio's gateway: the pages a person walks through, and what they call. Whoever comes with a valid access
// token of the request and its customer identifier is that customer.
#pragma once

#include <span>

#include "digio/desk.hpp"
#include "http/http.hpp"

namespace sandbox::digio {

std::span<const astrotalk::http::route<desk>> gateway_routes();

}  // namespace sandbox::digio
