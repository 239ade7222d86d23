#include "sms/routes.hpp"

#include <ctime>

#include "core/loop.hpp"
#include "http/json.hpp"

namespace sandbox::sms {
namespace {

namespace http = astrotalk::http;
using astrotalk::task;

struct sending {
    std::string to;
    std::string text;
    std::optional<std::string> template_id, entity_id;
    BOOST_DESCRIBE_CLASS(sending, (), (to, text, template_id, entity_id), (), ())
};

struct sent {
    std::string id;
    BOOST_DESCRIBE_CLASS(sent, (), (id), (), ())
};

task<http::response> send(service& self, http::exchange& x) {
    if (self.now.delay_ms > 0) co_await astrotalk::sleep_for(std::chrono::milliseconds(self.now.delay_ms));
    if (self.now.status != 200)
        co_return http::problem(self.now.status, "provider_fault", "A fault was asked for");
    auto body = http::from_json<sending>(x.in.body);
    if (!body) co_return http::problem(body.error());
    if (self.now.drop_next > 0) {
        --self.now.drop_next;
        co_return http::ok(sent{astrotalk::uuid::v7().to_string()});
    }
    message arrived{.to = body->to, .text = body->text, .at = astrotalk::clock::now()};
    arrived.template_id = body->template_id;
    arrived.entity_id = body->entity_id;
    self.box.receive(std::move(arrived), x.in.header("x-idempotency-id"));
    co_return http::ok(sent{astrotalk::uuid::v7().to_string()});
}

task<http::response> read(service& self, http::exchange& x) {
    const auto number = x.in.parameter("to");
    co_return http::ok(number ? self.box.of(*number) : self.box.newest(100));
}

task<http::response> set_faults(service& self, http::exchange& x) {
    auto wanted = http::from_json<faults>(x.in.body);
    if (!wanted) co_return http::problem(wanted.error());
    self.now = *wanted;
    co_return http::ok(self.now);
}

std::string escape(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '&': out += "&amp;"; break;
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            default: out += c;
        }
    }
    return out;
}

// Times as people in India read them; the country has one zone and no summer time.
std::string time_in_india(astrotalk::instant at) {
    const auto seconds =
        std::chrono::floor<std::chrono::seconds>(at + std::chrono::minutes(330)).time_since_epoch();
    const std::time_t wall = seconds.count();
    std::tm parts{};
    gmtime_r(&wall, &parts);
    char text[32];
    std::strftime(text, sizeof text, "%d %b, %H:%M:%S", &parts);
    return text;
}

constexpr std::string_view page_head = R"(<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><meta http-equiv="refresh" content="3">
<title>SMS inbox</title><style>
body{font:16px/1.5 system-ui,"Noto Sans Devanagari",sans-serif;max-width:40rem;margin:0 auto;padding:1rem}
body{color:#1c1b22;background:#faf8f5}
h1{font-size:1.3rem;margin:.5rem 0}p.hint{color:#5b5866;margin:0 0 1rem}
li{list-style:none;background:#fff;border:1px solid #e4dfd7;border-radius:.75rem}
li{padding:.75rem 1rem;margin:.5rem 0}
ul{padding:0}b{font-variant-numeric:tabular-nums}time{color:#5b5866;float:right;font-size:.875rem}
p{margin:.25rem 0 0;overflow-wrap:anywhere}</style></head><body><h1>SMS inbox</h1>
<p class="hint">Every text message the product sent on this machine, newest first. Nothing leaves it.</p>)";

task<http::response> show(service& self, http::exchange&) {
    std::string html(page_head);
    const auto messages = self.box.newest(100);
    if (messages.empty())
        html += "<p>No message yet. Sign in with a phone number and its code appears here.</p>";
    html += "<ul>";
    for (const auto& m : messages)
        html += "<li><time>" + time_in_india(m.at) + "</time><b>" + escape(m.to) + "</b><p>" +
                escape(m.text) + "</p></li>";
    html += "</ul></body></html>";
    http::response page;
    page.content_type = "text/html; charset=utf-8";
    page.headers.emplace_back("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'");
    page.body = std::move(html);
    co_return page;
}

task<http::response> alive(service&, http::exchange&) {
    http::response r;
    r.body = R"({"status":"alive"})";
    co_return r;
}

constexpr http::route<service> table[] = {
    {http::verb::get, "/healthz", http::access::anyone, alive},
    {http::verb::get, "/", http::access::anyone, show},
    {http::verb::post, "/sms", http::access::anyone, send},
    {http::verb::get, "/sms", http::access::anyone, read},
    {http::verb::put, "/control/sms", http::access::anyone, set_faults},
};

}  // namespace

std::span<const http::route<service>> routes() { return table; }

}  // namespace sandbox::sms
