#include "faults.hpp"
#include "razorpay/api.hpp"
#include "razorpay/wire.hpp"

namespace sandbox::razorpay {
namespace {

namespace http = astrotalk::http;
namespace json = boost::json;
using astrotalk::task;

constexpr std::size_t most_listed = 200, most_deliveries = 500;

template <class T>
struct listing {
    std::vector<T> items;
    BOOST_DESCRIBE_CLASS(listing, (), (items), (), ())
};

http::response no_such_order() { return http::problem(404, "not_found", "There is no such order"); }

json::object shown(desk& self, const order& o) {
    json::array payments, events;
    for (const auto& id : o.payments) payments.push_back(to_json(*self.find_payment(id)));
    for (const auto& each : o.history) events.push_back(json::value(each));
    return {{"order", to_json(o)}, {"payments", std::move(payments)}, {"events", std::move(events)}};
}

http::response as_json(const json::object& what) {
    http::response r;
    r.body = json::serialize(what);
    return r;
}

task<http::response> list(desk& self, http::exchange&) {
    json::array items;
    for (const auto* each : self.newest(most_listed)) items.push_back(shown(self, *each));
    co_return as_json({{"items", std::move(items)}});
}

task<http::response> show(desk& self, http::exchange& x) {
    const auto* found = self.find_order(x.path_values[0]);
    co_return found ? as_json(shown(self, *found)) : no_such_order();
}

struct wish {
    std::optional<paying> outcome;
    std::optional<std::string> method, currency;
    std::optional<std::int64_t> amount;
    std::optional<std::int32_t> late_seconds;
    BOOST_DESCRIBE_CLASS(wish, (), (outcome, method, currency, amount, late_seconds), (), ())
};

// Pays without a browser. The answer has what checkout would hand it.
task<http::response> pay(desk& self, http::exchange& x) {
    auto* found = self.find_order(x.path_values[0]);
    if (!found) co_return no_such_order();
    const auto wanted = http::from_json<wish>(x.in.body.empty() ? "{}" : x.in.body);
    if (!wanted) co_return http::problem(wanted.error());
    attempt_to_pay how;
    how.outcome = wanted->outcome.value_or(paying::succeed);
    how.method = wanted->method.value_or("upi");
    how.amount = wanted->amount;
    how.currency = wanted->currency;
    how.late_seconds = wanted->late_seconds.value_or(how.late_seconds);
    const auto& made = self.pay(*found, how);
    co_return as_json({{"razorpay_payment_id", made.id},
                       {"razorpay_order_id", made.order_id},
                       {"razorpay_signature", self.signature(made)},
                       {"payment", to_json(made)}});
}

task<http::response> calls(desk& self, http::exchange& x) {
    const auto kind = x.in.parameter("call");
    listing<recorded_call> all;
    for (const auto& each : self.calls())
        if (!kind || *kind == boost::describe::enum_to_string(each->call, "")) all.items.push_back(*each);
    co_return http::ok(all);
}

task<http::response> webhooks_sent(desk& self, http::exchange& x) {
    listing<delivery> all;
    for (const auto& each : self.deliveries(x.in.parameter("order").value_or(""), most_deliveries))
        all.items.push_back(*each);
    co_return http::ok(all);
}

task<http::response> faults_now(desk& self, http::exchange&) { co_return http::ok(self.now); }
task<http::response> manners_now(desk& self, http::exchange&) { co_return http::ok(self.manners); }

task<http::response> set_manners(desk& self, http::exchange& x) {
    const auto wanted = http::from_json<behaviour>(x.in.body);
    if (!wanted) co_return http::problem(wanted.error());
    self.manners = *wanted;
    co_return http::ok(self.manners);
}

struct new_secret {
    std::string secret;
    BOOST_DESCRIBE_CLASS(new_secret, (), (secret), (), ())
};

task<http::response> change_secret(desk& self, http::exchange& x) {
    auto wanted = http::from_json<new_secret>(x.in.body);
    if (!wanted) co_return http::problem(wanted.error());
    self.use_webhook_secret(astrotalk::secret(std::move(wanted->secret)));
    co_return as_json({});
}

task<http::response> reset(desk& self, http::exchange&) {
    self.reset();
    co_return as_json({});
}

using http::verb;
constexpr auto anyone = http::access::anyone;

constexpr http::route<desk> table[] = {
    {verb::get, "/control/razorpay", anyone, faults_now},
    {verb::put, "/control/razorpay", anyone, set_faults<desk>},
    {verb::get, "/control/razorpay/behaviour", anyone, manners_now},
    {verb::put, "/control/razorpay/behaviour", anyone, set_manners},
    {verb::get, "/control/razorpay/orders", anyone, list},
    {verb::get, "/control/razorpay/orders/{id}", anyone, show},
    {verb::post, "/control/razorpay/orders/{id}/pay", anyone, pay},
    {verb::get, "/control/razorpay/calls", anyone, calls},
    {verb::get, "/control/razorpay/webhooks", anyone, webhooks_sent},
    {verb::put, "/control/razorpay/webhook-secret", anyone, change_secret},
    {verb::post, "/control/razorpay/reset", anyone, reset},
};

}  // namespace

std::span<const http::route<desk>> control_routes() { return table; }

}  // namespace sandbox::razorpay
