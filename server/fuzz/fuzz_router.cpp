// Targets: whatever the path and query, finding a route and reading a parameter stay within their bytes.
#include <cstdlib>

#include "http/http.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace astrotalk::http;
    static const router table = [] {
        router r;
        for (const char* pattern : {"/", "/v1/bookings", "/v1/bookings/{id}", "/v1/bookings/{id}/cancel"})
            r.add({verb::get, pattern, access::anyone, idempotent::no, nullptr, {}});
        return r;
    }();
    request in;
    in.method = size % 2 ? verb::get : verb::post;
    in.target = {reinterpret_cast<const char*>(data), size};
    const auto mark = in.target.find('?');
    in.path = in.target.substr(0, mark);
    in.query = mark == std::string_view::npos ? std::string_view() : in.target.substr(mark + 1);
    const auto found = table.find(in.method, in.path);
    for (const auto value : found.values)
        if (!value.empty() &&
            (value.data() < in.target.data() || value.data() + value.size() > in.target.end()))
            std::abort();
    (void)in.parameter("limit");
    return 0;
}
