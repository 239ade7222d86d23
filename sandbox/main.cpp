// astrotalk-sandbox: the outside world on this machine. One folder a provider, each played by its documented
// protocol.
#include <fmt/format.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <cstdio>

#include "agenda.hpp"
#include "control/routes.hpp"
#include "core/config.hpp"
#include "core/loop.hpp"
#include "digio/api.hpp"
#include "digio/control.hpp"
#include "digio/gateway.hpp"
#include "fcm/routes.hpp"
#include "http/json.hpp"
#include "http/server.hpp"
#include "page/routes.hpp"
#include "razorpay/api.hpp"
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

task<void> stop(http::server& server, agenda& later, astrotalk::loop& loop) {
    co_await server.stop();
    later.stop();
    loop.stop();
}

// The client's id and secret are what the product must come with; without a webhook secret there are no
// webhooks.
digio::settings digio_settings(astrotalk::environment& from) {
    const auto port = from.integer("PORT", 8080, 0, 65535);
    digio::settings s;
    s.seed = static_cast<std::uint64_t>(from.integer("SANDBOX_SEED", 1, 0, 1'000'000'000));
    s.client_id = from.text("SANDBOX_DIGIO_CLIENT_ID", "sandbox-client");
    s.client_secret = astrotalk::secret(from.text("SANDBOX_DIGIO_CLIENT_SECRET", "sandbox-client-secret"));
    s.webhook.url =
        from.text("SANDBOX_DIGIO_WEBHOOK_URL", fmt::format("http://127.0.0.1:{}/webhooks/digio", port));
    s.webhook.key = astrotalk::secret(from.text("SANDBOX_DIGIO_WEBHOOK_SECRET", ""));
    return s;
}

razorpay::settings razorpay_settings(astrotalk::environment& from) {
    const auto port = from.integer("PORT", 8080, 0, 65535);
    razorpay::settings s;
    s.seed = static_cast<std::uint64_t>(from.integer("SANDBOX_SEED", 1, 0, 1'000'000'000));
    s.key_id = from.text("SANDBOX_RAZORPAY_KEY_ID", "rzp_test_sandbox");
    s.key_secret = astrotalk::secret(from.text("SANDBOX_RAZORPAY_KEY_SECRET", "sandbox-razorpay-secret"));
    s.webhook.url =
        from.text("SANDBOX_RAZORPAY_WEBHOOK_URL", fmt::format("http://127.0.0.1:{}/webhooks/razorpay", port));
    s.webhook.key = astrotalk::secret(from.text("SANDBOX_RAZORPAY_WEBHOOK_SECRET", ""));
    return s;
}

std::optional<fcm::account> fcm_account(astrotalk::environment& from, std::uint16_t port) {
    const auto file = from.text("SANDBOX_FCM_ACCOUNT_FILE", "");
    if (file.empty()) return std::nullopt;
    return fcm::open_account(file, fmt::format("http://127.0.0.1:{}/token", port));
}

// To a phone or to an e-mail address, as whoever stands behind it would see it.
void tell(sms::service& texts, ses::service& letters, const std::string& to, const std::string& text) {
    const auto now = astrotalk::clock::now();
    if (to.find('@') != std::string::npos)
        letters.box.receive(
            {.to = to, .from = "no-reply@digio.sandbox", .subject = "Digio", .text = text, .at = now}, "");
    else
        texts.box.receive({.to = to, .text = text, .at = now}, "");
}

int run() {
    auto variables = astrotalk::environment::of_process();
    http::server_options options;
    options.host = variables.text("HOST", "127.0.0.1");
    options.port = static_cast<std::uint16_t>(variables.integer("SANDBOX_PORT", 8090, 0, 65535));
    options.body_limit = 4 << 20;  // a selfie
    options.drain_time = std::chrono::milliseconds(500);

    astrotalk::loop loop;
    sms::service messages;
    sns::service amazon{messages.box};
    http::router routes;
    ses::service mail;
    page::service inboxes{messages.box, mail.box};
    agenda later;
    digio::desk desk(digio_settings(variables), later,
                     [&](const std::string& to, const std::string& text) { tell(messages, mail, to, text); });
    razorpay::desk till(razorpay_settings(variables), later);
    fcm::service push{.owner = fcm_account(variables, options.port)};
    routes.mount(inboxes, page::routes());
    routes.mount(push, fcm::routes());
    routes.mount(later, control::routes());
    routes.mount(desk, digio::api_routes());
    routes.mount(desk, digio::control_routes());
    routes.mount(desk, digio::control_page_routes());
    routes.mount(desk, digio::gateway_routes());
    routes.mount(till, razorpay::api_routes());
    routes.mount(till, razorpay::checkout_routes());
    routes.mount(till, razorpay::control_routes());
    routes.mount(messages, sms::routes());
    routes.mount(mail, ses::routes());
    routes.mount(amazon, sns::routes());
    http::server server(options, {&loop}, [&](http::request& in, std::size_t) { return answer(routes, in); });
    boost::asio::signal_set signals(loop.context(), SIGINT, SIGTERM);
    signals.async_wait([&](auto failure, int) {
        if (!failure) spawn(stop(server, later, loop));
    });
    loop.post([&] { spawn(later.keep()); });
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
