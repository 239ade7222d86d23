// Razorpay's hosted checkout (razorpay.com/docs: "embedded", a form that the shop's page posts): plain HTML
// and forms, so that it works on any phone; one script, which sends the answer on to the shop by itself.
#include <algorithm>

#include "form.hpp"
#include "html.hpp"
#include "razorpay/api.hpp"
#include "razorpay/wire.hpp"

namespace sandbox::razorpay {
namespace {

namespace http = astrotalk::http;
using astrotalk::task;

constexpr std::string_view head = R"(<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>Pay (sandbox)</title><style>
body{font:16px/1.5 system-ui,"Noto Sans Devanagari",sans-serif;max-width:26rem;margin:0 auto;padding:1rem}
body{color:#1c1b22;background:#f4f6fb;overflow-wrap:anywhere}
h1{font-size:1.2rem;margin:.25rem 0}h2{font-size:1.05rem;margin:0 0 .5rem}
header,form{background:#fff;border:1px solid #d5dbe8;border-radius:.75rem;padding:1rem;margin:.75rem 0}
.sum{font-size:1.9rem;font-weight:700;font-variant-numeric:tabular-nums;margin:0}
.soft{color:#5b5866;margin:0}.wrong{color:#a3161f;background:#fdecec;border-radius:.5rem;padding:.75rem}
label{display:block;font-size:.875rem;margin-top:.5rem}
input{font:inherit;width:100%;box-sizing:border-box;min-height:2.75rem;padding:.25rem .75rem}
input{border:1px solid #8b8597;border-radius:.5rem}
button{font:inherit;font-weight:600;width:100%;min-height:3rem;margin-top:.75rem;cursor:pointer}
button{color:#fff;background:#1a4fb5;border:0;border-radius:.5rem}
button.plain{color:#1c1b22;background:#fff;border:1px solid #8b8597;font-weight:400}
button:focus-visible,input:focus-visible{outline:3px solid #f2a900;outline-offset:2px}
</style></head><body><main>)";
constexpr std::string_view foot = "</main></body></html>";

http::response page(int status, std::string body) {
    http::response r;
    r.status = status;
    r.content_type = "text/html; charset=utf-8";
    r.headers.emplace_back("Content-Security-Policy",
                           "default-src 'none'; style-src 'unsafe-inline'; script-src 'self'");
    r.body = std::string(head) + std::move(body) + std::string(foot);
    return r;
}

std::string hidden(std::string_view name, std::string_view value) {
    return fmt::format(R"(<input type="hidden" name="{}" value="{}">)", name, escape_html(value));
}

std::string rupees(std::int64_t paise) { return fmt::format("₹{}.{:02}", paise / 100, paise % 100); }

// Where the shop wants its customer back.
struct shop {
    std::string callback, cancel, name;
};

bool is_web_address(std::string_view url) {
    return url.starts_with("http://") || url.starts_with("https://");
}

std::string kept(const order& o, const shop& from) {
    return hidden("order_id", o.id) + hidden("callback_url", from.callback) +
           hidden("cancel_url", from.cancel) + hidden("name", from.name);
}

std::string ways_to_pay(const order& o, const shop& from) {
    std::string html = fmt::format(
        R"(<form method="post" action="/razorpay/checkout/pay"><h2>UPI</h2>{}{}
<label for="vpa">UPI id</label><input id="vpa" name="vpa" value="success@razorpay" autocomplete="off"
inputmode="email"><p class="soft">failure@razorpay fails.</p><button>Pay {}</button></form>)",
        kept(o, from), hidden("method", "upi"), rupees(o.amount));
    html += fmt::format(
        R"(<form method="post" action="/razorpay/checkout/pay"><h2>Card</h2>{}{}
<label for="card">Card number</label><input id="card" name="card" value="4111 1111 1111 1111"
inputmode="numeric" autocomplete="off"><p class="soft">4000 0000 0000 0002 is declined.</p>
<button>Pay {}</button></form>)",
        kept(o, from), hidden("method", "card"), rupees(o.amount));
    if (is_web_address(from.cancel))
        html += fmt::format(R"(<form method="get" action="{}"><button class="plain">Cancel</button></form>)",
                            escape_html(from.cancel));
    return html;
}

http::response ask(const order& o, const shop& from, std::string_view wrong) {
    auto html = fmt::format(R"(<header><h1>{}</h1><p class="sum">{}</p>
<p class="soft">Sandbox: no money moves.</p></header>)",
                            from.name.empty() ? "Pay" : escape_html(from.name), rupees(o.amount));
    if (!wrong.empty()) html += fmt::format(R"(<p class="wrong" role="alert">{}</p>)", escape_html(wrong));
    if (o.status == "paid") return page(200, html + "<p>This order has been paid.</p>");
    return page(200, html + ways_to_pay(o, from));
}

http::response hand_over(const desk& self, const payment& p, const shop& from) {
    return page(200, fmt::format(R"(<header><h1>Paid</h1><p class="soft">Back to the shop.</p></header>
<form method="post" id="answer" action="{}">{}{}{}<button>Go on</button></form>
<script src="/razorpay/checkout/answer.js"></script>)",
                                 escape_html(from.callback), hidden("razorpay_payment_id", p.id),
                                 hidden("razorpay_order_id", p.order_id),
                                 hidden("razorpay_signature", self.signature(p))));
}

shop shop_of(const form& sent) {
    return {field(sent, "callback_url"), field(sent, "cancel_url"), field(sent, "name").substr(0, 100)};
}

task<http::response> open_page(desk& self, http::exchange& x) {
    const auto sent = read_form(x.in.body);
    const auto* found = self.find_order(field(sent, "order_id"));
    if (field(sent, "key_id") != self.config().key_id || !found)
        co_return page(400, "<h1>This payment is not known.</h1>");
    const auto from = shop_of(sent);
    if (!is_web_address(from.callback)) co_return page(400, "<h1>The shop's address is missing.</h1>");
    co_return ask(*found, from, "");
}

bool is_declined(const form& sent) {
    if (field(sent, "method") == "upi") return field(sent, "vpa") == "failure@razorpay";
    auto card = field(sent, "card");
    std::erase(card, ' ');
    return card == "4000000000000002";
}

bool is_well_formed(const form& sent) {
    if (field(sent, "method") == "upi") {
        const auto vpa = field(sent, "vpa");
        const auto at = vpa.find('@');
        return at != std::string::npos && at > 0 && at + 1 < vpa.size() && vpa.size() <= 100;
    }
    auto card = field(sent, "card");
    std::erase(card, ' ');
    return card.size() >= 13 && card.size() <= 19 &&
           std::ranges::all_of(card, [](char c) { return c >= '0' && c <= '9'; });
}

task<http::response> take_payment(desk& self, http::exchange& x) {
    const auto sent = read_form(x.in.body);
    auto* found = self.find_order(field(sent, "order_id"));
    const auto from = shop_of(sent);
    if (!found || !is_web_address(from.callback)) co_return page(400, "<h1>This payment is not known.</h1>");
    if (found->status == "paid") co_return ask(*found, from, "");
    const bool upi = field(sent, "method") == "upi";
    if (!is_well_formed(sent))
        co_return ask(*found, from, upi ? "That is not a UPI id." : "That is not a card number.");
    attempt_to_pay how;
    how.outcome = is_declined(sent) ? paying::fail : paying::succeed;
    how.method = upi ? "upi" : "card";
    how.vpa = field(sent, "vpa");
    const auto& made = self.pay(*found, how);
    if (made.status == "failed") co_return ask(*found, from, made.error_description);
    co_return hand_over(self, made, from);
}

task<http::response> answer_script(desk&, http::exchange&) {
    http::response r;
    r.content_type = "text/javascript";
    r.body = "document.getElementById('answer').submit();";
    co_return r;
}

using http::verb;
constexpr auto anyone = http::access::anyone;

constexpr http::route<desk> table[] = {
    {verb::post, "/razorpay/v1/checkout/embedded", anyone, open_page},
    {verb::post, "/razorpay/checkout/pay", anyone, take_payment},
    {verb::get, "/razorpay/checkout/answer.js", anyone, answer_script},
};

}  // namespace

std::span<const http::route<desk>> checkout_routes() { return table; }

}  // namespace sandbox::razorpay
