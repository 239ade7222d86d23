// The composition root: the only place that knows every feature and wires it.
#pragma once

#include "settings.hpp"

namespace astrotalk {

// Serves until SIGTERM or SIGINT, then drains. Gives the process's exit code.
int serve(const settings& s);

// Prints every route with who may call it, one a line: "GET /v1/wallet signed_in". Touches nothing.
int list_routes(const settings& s);

}  // namespace astrotalk
