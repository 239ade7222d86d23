#include "sms/routes.hpp"

#include "core/loop.hpp"
#include "faults.hpp"
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

constexpr http::route<service> table[] = {
    {http::verb::post, "/sms", http::access::anyone, send},
    {http::verb::get, "/sms", http::access::anyone, read},
    {http::verb::put, "/control/sms", http::access::anyone, set_faults<service>},
};

}  // namespace

std::span<const http::route<service>> routes() { return table; }

}  // namespace sandbox::sms
