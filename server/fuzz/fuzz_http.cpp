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
    how.header_limit = 512;
    how.body_limit = 1024;
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

// On the server's own thread, so that an input takes the same way each time, and no time for waking threads.
task<void> talk(raw_client& stranger, std::string_view bytes, std::size_t piece) {
    for (; !bytes.empty() && stranger.send(bytes.substr(0, piece)); co_await yield())
        bytes.remove_prefix(std::min(piece, bytes.size()));
    stranger.finish();
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    while (!stranger.closed() && std::chrono::steady_clock::now() < deadline)
        if (!stranger.receive(std::chrono::milliseconds(0))) co_await yield();
}

struct listener {
    loop here;
    server listening{limits(), {&here}, answer};
    listener() { listening.start(); }
    ~listener() { here.run_until(listening.stop()); }
};

}  // namespace

// The first byte says in how large pieces the others are sent.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static listener mine;
    constexpr std::size_t enough = 2048;  // both limits can be passed
    if (size == 0 || size > enough) return -1;
    const std::size_t piece = data[0] % 8 == 0 ? size : 1 + data[0];
    static std::uint32_t turn = 0;
    raw_client stranger(mine.listening.port(), INADDR_LOOPBACK + turn++ % 250);
    mine.here.run_until(talk(stranger, {reinterpret_cast<const char*>(data) + 1, size - 1}, piece));
    require(stranger.closed());
    require(stranger.received.empty() || stranger.received.starts_with("HTTP/1.1 "));
    return 0;
}
