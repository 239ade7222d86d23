// astrotalk-sandbox: the outside world on this machine. One folder a provider, each played by its documented
// protocol.
#include <fmt/format.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <cstdio>

#include "core/config.hpp"
#include "core/loop.hpp"
#include "http/json.hpp"
#include "http/server.hpp"
#include "page/routes.hpp"
#include "ses/routes.hpp"
#include "sms/routes.hpp"
#include "sns/routes.hpp"

namespace sandbox {
namespace {

namespace http = astrotalk::http;
using astrotalk::task;

task<http::response> answer(const http::router& routes, http::request& in) {
    const auto found = routes.find(in.method, in.path);
    if (!found.route && found.allowed.empty())
        co_return http::problem(404, "not_found", "There is nothing at this address");
    if (!found.route)
        co_return http::problem(405, "method_not_allowed", "This address does not offer that method");
    http::exchange x{.in = in, .request_id = {}, .trace_parent = {}};
    x.path_values = found.values;
    co_return co_await found.route->handle(x);
}

task<void> stop(http::server& server, astrotalk::loop& loop) {
    co_await server.stop();
    loop.stop();
}

int run() {
    auto variables = astrotalk::environment::of_process();
    http::server_options options;
    options.host = variables.text("HOST", "127.0.0.1");
    options.port = static_cast<std::uint16_t>(variables.integer("SANDBOX_PORT", 8090, 0, 65535));
    options.drain_time = std::chrono::milliseconds(500);

    astrotalk::loop loop;
    sms::service messages;
    sns::service amazon{messages.box};
    http::router routes;
    ses::service mail;
    page::service inboxes{messages.box, mail.box};
    routes.mount(inboxes, page::routes());
    routes.mount(messages, sms::routes());
    routes.mount(mail, ses::routes());
    routes.mount(amazon, sns::routes());
    http::server server(options, {&loop}, [&](http::request& in, std::size_t) { return answer(routes, in); });
    boost::asio::signal_set signals(loop.context(), SIGINT, SIGTERM);
    signals.async_wait([&](auto failure, int) {
        if (!failure) spawn(stop(server, loop));
    });
    server.start();
    fmt::print("sandbox: the inbox is at http://{}:{}/\n", options.host, server.port());
    std::fflush(stdout);
    loop.run();
    return 0;
}

}  // namespace
}  // namespace sandbox

int main(int argc, char**) {
    if (argc > 1) {
        fmt::print("astrotalk-sandbox plays the outside world on SANDBOX_PORT (8090) of HOST (127.0.0.1).\n");
        return 0;
    }
    try {
        return sandbox::run();
    } catch (const std::exception& e) {
        fmt::print(stderr, "astrotalk-sandbox: {}\n", e.what());
        return 1;
    }
}
