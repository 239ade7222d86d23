// A connection: whatever a stranger sends, however it is cut, each request that is answered is within the
// limits, and the connection ends once the stranger has.
#include <algorithm>
#include <cstdlib>

#include "http/testing_server.hpp"

namespace {

using namespace astrotalk;
using namespace astrotalk::http;

server_options limits() {
    server_options how;
    how.header_limit = 1024;
    how.body_limit = 4096;
    return how;
}

void require(bool holds) {
    if (!holds) std::abort();
}

task<response> answer(request& in, std::size_t) {
    static const server_options most = limits();
    std::size_t head = in.target.size();
    for (const auto& [name, value] : in.headers) {
        head += name.size() + value.size();
        require(std::ranges::none_of(name, [](char c) { return c >= 'A' && c <= 'Z'; }));
        require(value.find_first_of("\r\n") == std::string_view::npos);
    }
    require(head <= most.header_limit && in.body.size() <= most.body_limit);
    co_return response{};
}

}  // namespace

// The first byte says in how large pieces the others are sent.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static testing_server server(limits(), answer);
    if (size == 0) return -1;
    const std::size_t piece = data[0] % 8 == 0 ? size : 1 + data[0];
    std::string_view all(reinterpret_cast<const char*>(data) + 1, size - 1);
    static std::uint32_t turn = 0;
    raw_client stranger(server.port(), INADDR_LOOPBACK + turn++ % 250);
    while (!all.empty() && stranger.send(all.substr(0, piece)))
        all.remove_prefix(std::min(piece, all.size()));
    stranger.finish();
    const auto& answers = stranger.rest();
    require(stranger.closed());
    require(answers.empty() || answers.starts_with("HTTP/1.1 "));
    return 0;
}
