// What the user pool keeps about people, and the route by which that ends.
#pragma once

#include <span>

#include "http/http.hpp"
#include "pg/personal_data.hpp"

namespace astrotalk::identity {

struct service;

pg::personal_data personal_data();
// POST /v1/me/erasure.
std::span<const http::route<service>> erasure_routes();

}  // namespace astrotalk::identity
