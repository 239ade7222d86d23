// What goes wrong on purpose. A provider's service has `now`, a described struct that says what does; its
// route PUT /control/<provider> is `set_faults`, which replaces the whole of it and answers what is in force.
#pragma once

#include "core/task.hpp"
#include "http/json.hpp"

namespace sandbox {

template <class Service>
astrotalk::task<astrotalk::http::response> set_faults(Service& self, astrotalk::http::exchange& x) {
    auto wanted = astrotalk::http::from_json<decltype(self.now)>(x.in.body);
    if (!wanted) co_return astrotalk::http::problem(wanted.error());
    self.now = std::move(*wanted);
    co_return astrotalk::http::ok(self.now);
}

}  // namespace sandbox
