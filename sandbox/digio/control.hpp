// What tests and developers do to Digio: set faults and manners, say who people are, end requests without a
// browser, read what was called and what was sent. docs/sandbox.md has examples. Also a page of it all.
#pragma once

#include <span>

#include "digio/desk.hpp"
#include "http/http.hpp"

namespace sandbox::digio {

std::span<const astrotalk::http::route<desk>> control_routes();
std::span<const astrotalk::http::route<desk>> control_page_routes();

}  // namespace sandbox::digio
