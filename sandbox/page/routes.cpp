#include "page/routes.hpp"

#include <algorithm>

#include "html.hpp"

namespace sandbox::page {
namespace {

namespace http = astrotalk::http;
using astrotalk::task;

constexpr std::size_t most = 100;

constexpr std::string_view page_head = R"(<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><meta http-equiv="refresh" content="3">
<title>Inbox</title><script src="/digio/scripts/forward.js"></script><style>
body{font:16px/1.5 system-ui,"Noto Sans Devanagari",sans-serif;max-width:40rem;margin:0 auto;padding:1rem}
body{color:#1c1b22;background:#faf8f5}
h1{font-size:1.3rem;margin:.5rem 0}p.hint{color:#5b5866;margin:0 0 1rem}
li{list-style:none;background:#fff;border:1px solid #e4dfd7;border-radius:.75rem}
li{padding:.75rem 1rem;margin:.5rem 0}
ul{padding:0}b{font-variant-numeric:tabular-nums}time{color:#5b5866;float:right;font-size:.875rem}
p{margin:.25rem 0 0;overflow-wrap:anywhere;white-space:pre-line}</style></head><body><h1>Inbox</h1>
<p class="hint">Every text message and e-mail the product sent on this machine, newest first.
Nothing leaves it.</p>)";

struct entry {
    astrotalk::instant at;
    std::string html;
};

std::string item(astrotalk::instant at, std::string_view to, std::string_view subject,
                 std::string_view text) {
    std::string html = "<li><time>" + short_time_in_india(at) + "</time><b>" + escape_html(to) + "</b>";
    if (!subject.empty()) html += "<p><b>" + escape_html(subject) + "</b></p>";
    return html + "<p>" + escape_html(text) + "</p></li>";
}

std::vector<entry> newest(const service& self) {
    std::vector<entry> all;
    for (const auto& m : self.texts.newest(most)) all.push_back({m.at, item(m.at, m.to, {}, m.text)});
    for (const auto& m : self.letters.newest(most))
        all.push_back({m.at, item(m.at, m.to, m.subject, m.text)});
    std::ranges::sort(all, std::ranges::greater(), &entry::at);
    if (all.size() > most) all.resize(most);
    return all;
}

task<http::response> show(service& self, http::exchange&) {
    std::string html(page_head);
    const auto messages = newest(self);
    if (messages.empty())
        html += "<p>No message yet. Sign in with a phone number and its code appears here.</p>";
    html += "<ul>";
    for (const auto& each : messages) html += each.html;
    html += "</ul></body></html>";
    http::response page;
    page.content_type = "text/html; charset=utf-8";
    page.headers.emplace_back("Content-Security-Policy",
                              "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'");
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
};

}  // namespace

std::span<const http::route<service>> routes() { return table; }

}  // namespace sandbox::page
