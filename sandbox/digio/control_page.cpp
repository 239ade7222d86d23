// The control page: plain HTML and forms, so that it works everywhere and needs no script.
#include <map>

#include "digio/control.hpp"
#include "digio/wire.hpp"
#include "form.hpp"
#include "html.hpp"
#include "http/json.hpp"

namespace sandbox::digio {
namespace {

namespace http = astrotalk::http;
using astrotalk::task;

constexpr std::size_t most_shown = 50, most_webhooks = 30;

constexpr std::string_view head = R"(<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>Sandbox: KYC</title><style>
body{font:16px/1.5 system-ui,"Noto Sans Devanagari",sans-serif;max-width:44rem;margin:0 auto;padding:1rem}
body{color:#1c1b22;background:#faf8f5;overflow-wrap:anywhere}
h1{font-size:1.3rem;margin:.5rem 0}h2{font-size:1.05rem;margin:1.5rem 0 .5rem}
article,form.box{background:#fff;border:1px solid #e4dfd7;border-radius:.75rem}
article,form.box{padding:.75rem 1rem;margin:.5rem 0}
.soft{color:#5b5866}p{margin:.25rem 0}code{font-size:.875rem}
.row{display:flex;flex-wrap:wrap;gap:.5rem;margin:.5rem 0 0}
button,select,input{font:inherit;min-height:2.75rem;padding:.25rem .75rem;max-width:100%}
button,select,input{background:#fff;border-radius:.5rem;border:1px solid #8b8597}
button{cursor:pointer}input{width:7rem}
button:focus-visible,select:focus-visible,input:focus-visible,a:focus-visible,summary:focus-visible
{outline:3px solid #1a5fd0;outline-offset:2px}
label{display:block;font-size:.875rem}summary{cursor:pointer;min-height:2rem}
ol{margin:.25rem 0;padding-left:1.5rem}time{font-variant-numeric:tabular-nums;color:#5b5866}
.state{font-weight:700}.approved{color:#146c2e}.rejected,.failed,.expired{color:#a3161f}
</style></head><body><main><h1>What Digio was asked for</h1>
<p class="soft">The sandbox plays Digio on this machine. <a href="/">The inbox</a> has the codes.
<a href="/control">Load again</a></p>)";

std::string choice(std::string_view name, std::string_view label,
                   const std::vector<std::string_view>& values) {
    std::string html = fmt::format(R"(<label>{}<br><select name="{}">)", label, name);
    for (const auto each : values) html += fmt::format("<option>{}</option>", each);
    return html + "</select></label>";
}

template <class E>
std::vector<std::string_view> names_of() {
    std::vector<std::string_view> all;
    boost::mp11::mp_for_each<boost::describe::describe_enumerators<E>>(
        [&](auto each) { all.emplace_back(each.name); });
    return all;
}

std::string history_of(const request& r) {
    std::string html = "<details><summary>Events</summary><ol>";
    for (const auto& each : r.history)
        html +=
            fmt::format("<li><time>{}</time> {}</li>", short_time_in_india(each.at), escape_html(each.event));
    return html + "</ol></details>";
}

std::string webhooks_of(desk& self, const request& r) {
    const auto sent = self.deliveries(r.id, most_webhooks);
    if (sent.empty()) return {};
    std::string html = "<details><summary>Webhooks</summary><ol>";
    for (auto each = sent.rbegin(); each != sent.rend(); ++each) {
        const auto& d = **each;
        std::string tried;
        for (const auto& a : d.attempts) tried += a.status ? fmt::format(" {}", a.status) : " no answer";
        for (const auto& fault : d.faults) tried += " (" + fault + ")";
        html += fmt::format("<li>{}: {}{}</li>", escape_html(d.event), d.outcome, tried);
    }
    return html + "</ol></details>";
}

std::string article_of(desk& self, const request& r) {
    auto html = fmt::format(
        R"(<article><p><span class="state {0}">{0}</span> {1} <span class="soft">{2}</span></p>)"
        R"(<p><code>{3}</code></p><p class="soft">made {4}, changed {5}</p>)",
        name_of(r.now), escape_html(r.name.empty() ? r.identifier : r.name), escape_html(r.workflow), r.id,
        short_time_in_india(r.created), short_time_in_india(r.updated));
    html += history_of(r) + webhooks_of(self, r);
    if (!is_final(r.now)) {
        html +=
            fmt::format(R"(<form method="post" action="/control/digio/form" class="row" aria-label="{0}">)"
                        R"(<input type="hidden" name="request" value="{0}">)",
                        r.id);
        for (const std::string_view each :
             {"approve", "reject", "complete", "fail", "expire", "cancel", "drop_call"})
            html += fmt::format(R"(<button name="outcome" value="{0}">{0}</button>)", each);
        html += "</form>";
    }
    return html + "</article>";
}

std::string faults_of(const faults& now) {
    std::string html = "<h2>Faults</h2>";
    if (now.rules.empty()) html += R"(<p class="soft">None: everything goes well.</p>)";
    html += "<ul>";
    for (const auto& each : now.rules)
        html += fmt::format("<li><code>{}</code></li>", escape_html(http::to_json(each)));
    html += "</ul>";
    html += R"(<form method="post" action="/control/digio/form" class="box"><div class="row">)";
    html += choice("call", "Of", names_of<call_kind>()) + choice("fault", "what", names_of<mishap>());
    html += R"(<label>how often<br><input name="times" inputmode="numeric" placeholder="always"></label>)"
            R"(<label>status<br><input name="status" inputmode="numeric"></label>)"
            R"(<label>delay, ms<br><input name="delay_ms" inputmode="numeric"></label>)"
            R"(<label>minute<br><input name="minute" inputmode="numeric"></label></div>)"
            R"(<div class="row"><button name="rule" value="add">Add this fault</button>)"
            R"(<button name="rule" value="none">Remove all</button></div></form>)";
    return html;
}

task<http::response> show(desk& self, http::exchange&) {
    std::string html(head);
    const auto newest = self.newest(most_shown);
    if (newest.empty()) html += "<p>Nothing yet. A KYC request of the product appears here.</p>";
    for (const auto* each : newest) html += article_of(self, *each);
    html += faults_of(self.now);
    html += "</main></body></html>";
    http::response page;
    page.content_type = "text/html; charset=utf-8";
    page.headers.emplace_back("Content-Security-Policy",
                              "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
                              "base-uri 'none'; frame-ancestors 'none'");
    page.body = std::move(html);
    co_return page;
}

std::optional<std::int32_t> number_in(const form& fields, std::string_view name) {
    const auto text = field(fields, name);
    std::int32_t value = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || failure != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

bool add_rule(desk& self, const form& fields) {
    rule made;
    if (!boost::describe::enum_from_string(field(fields, "call").c_str(), made.call) ||
        !boost::describe::enum_from_string(field(fields, "fault").c_str(), made.fault) ||
        self.now.rules.size() >= 50)
        return false;
    made.times = number_in(fields, "times");
    made.status = number_in(fields, "status");
    made.delay_ms = number_in(fields, "delay_ms");
    made.minute = number_in(fields, "minute");
    self.now.rules.push_back(std::move(made));
    return true;
}

// Only this page's own forms: other sites that a developer visits cannot press its buttons.
task<http::response> take_form(desk& self, http::exchange& x) {
    const auto from = x.in.header("sec-fetch-site");
    if (!from.empty() && from != "same-origin")
        co_return http::problem(403, "cross_site", "This form is the sandbox's own page's");
    const auto fields = read_form(x.in.body);
    bool done = false;
    if (const auto what = field(fields, "rule"); what == "none") {
        self.now = {};
        done = true;
    } else if (what == "add") {
        done = add_rule(self, fields);
    } else if (auto* found = self.find(field(fields, "request"))) {
        self.drive(*found, field(fields, "outcome"), "");
        done = true;
    }
    if (!done) co_return http::problem(422, "invalid_request", "The form is not one of this page");
    http::response back;
    back.status = 303;
    back.headers.emplace_back("Location", "/control");
    co_return back;
}

constexpr http::route<desk> table[] = {
    {http::verb::get, "/control", http::access::anyone, show},
    {http::verb::post, "/control/digio/form", http::access::anyone, take_form},
};

}  // namespace

std::span<const http::route<desk>> control_page_routes() { return table; }

}  // namespace sandbox::digio
