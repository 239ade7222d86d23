#include "digio/control.hpp"

#include "digio/wire.hpp"
#include "faults.hpp"
#include "http/json.hpp"

namespace sandbox::digio {
namespace {

namespace http = astrotalk::http;
using astrotalk::task;

constexpr std::size_t most_listed = 200, most_deliveries = 500;

struct event_row {
    astrotalk::instant at;
    std::string event;
    BOOST_DESCRIBE_CLASS(event_row, (), (at, event), (), ())
};

struct request_row {
    std::string id;
    std::string status, identifier, transaction_id, workflow;
    astrotalk::instant created_at, updated_at, expires_at;
    std::vector<event_row> history;
    BOOST_DESCRIBE_CLASS(request_row, (),
                         (id, status, identifier, transaction_id, workflow, created_at, updated_at,
                          expires_at, history),
                         (), ())
};

struct request_detail {
    request_row summary;
    http::raw_json request;  // as the REST API gives it
    std::vector<delivery> webhooks;
    BOOST_DESCRIBE_CLASS(request_detail, (), (summary, request, webhooks), (), ())
};

template <class T>
struct listing {
    std::vector<T> items;
    BOOST_DESCRIBE_CLASS(listing, (), (items), (), ())
};

request_row row_of(const request& r) {
    request_row made{.id = r.id,
                     .status = std::string(name_of(r.now)),
                     .identifier = r.identifier,
                     .transaction_id = r.transaction_id,
                     .workflow = r.workflow,
                     .created_at = r.created,
                     .updated_at = r.updated,
                     .expires_at = r.expires,
                     .history = {}};
    for (const auto& each : r.history) made.history.push_back({each.at, each.event});
    return made;
}

http::response no_such_request() { return http::problem(404, "not_found", "There is no such request"); }

request* request_in_path(desk& self, http::exchange& x) { return self.find(std::string(x.path_values[0])); }

task<http::response> list(desk& self, http::exchange&) {
    listing<request_row> all;
    for (const auto* each : self.newest(most_listed)) all.items.push_back(row_of(*each));
    co_return http::ok(all);
}

http::response show_one(desk& self, const request& r) {
    request_detail made{.summary = row_of(r), .request = {to_json(r, true)}, .webhooks = {}};
    for (const auto& each : self.deliveries(r.id, most_deliveries)) made.webhooks.push_back(*each);
    return http::ok(made);
}

task<http::response> show(desk& self, http::exchange& x) {
    const auto* found = request_in_path(self, x);
    co_return found ? show_one(self, *found) : no_such_request();
}

enum class outcome { approve, reject, complete, fail, expire, cancel, drop_call };
BOOST_DESCRIBE_ENUM(outcome, approve, reject, complete, fail, expire, cancel, drop_call)
struct driving {
    outcome outcome_ = outcome::approve;
    std::optional<std::string> reason;
    BOOST_DESCRIBE_CLASS(driving, (), (outcome_, reason), (), ())
};

task<http::response> drive(desk& self, http::exchange& x) {
    auto* found = request_in_path(self, x);
    if (!found) co_return no_such_request();
    const auto wanted = http::from_json<driving>(x.in.body);
    if (!wanted) co_return http::problem(wanted.error());
    const auto name = boost::describe::enum_to_string(wanted->outcome_, "");
    if (!self.drive(*found, name, wanted->reason.value_or("")))
        co_return http::problem(409, "wrong_state", "The request cannot come to that from where it is");
    co_return show_one(self, *found);
}

task<http::response> calls(desk& self, http::exchange& x) {
    const auto kind = x.in.parameter("call"), about = x.in.parameter("request");
    listing<recorded_call> all;
    for (const auto& each : self.calls()) {
        if (kind && *kind != boost::describe::enum_to_string(each->call, "")) continue;
        if (about && *about != each->request_id) continue;
        all.items.push_back(*each);
    }
    co_return http::ok(all);
}

task<http::response> webhooks_sent(desk& self, http::exchange& x) {
    listing<delivery> all;
    for (const auto& each : self.deliveries(x.in.parameter("request").value_or(""), most_deliveries))
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

task<http::response> who(desk& self, http::exchange& x) {
    const auto identifier = x.in.parameter("identifier");
    if (!identifier || identifier->empty())
        co_return http::problem(422, "invalid_request", "Say whose ?identifier=");
    co_return http::ok(self.who_is(*identifier));
}

task<http::response> change_person(desk& self, http::exchange& x) {
    const auto wanted = http::from_json<person_change>(x.in.body);
    if (!wanted) co_return http::problem(wanted.error());
    if (const auto fault = fault_of(*wanted); !fault.empty())
        co_return http::problem(http::faults{{{"/" + fault, "the form that Digio gives it"}}});
    co_return http::ok(self.change(*wanted));
}

struct anew {
    std::optional<std::int64_t> seed;
    BOOST_DESCRIBE_CLASS(anew, (), (seed), (), ())
};

task<http::response> reset(desk& self, http::exchange& x) {
    anew wanted;
    if (!x.in.body.empty()) {
        auto read = http::from_json<anew>(x.in.body);
        if (!read) co_return http::problem(read.error());
        wanted = *read;
    }
    self.reset(wanted.seed ? std::optional(static_cast<std::uint64_t>(*wanted.seed)) : std::nullopt);
    co_return http::ok(wanted);
}

constexpr http::route<desk> table[] = {
    {http::verb::get, "/control/digio", http::access::anyone, faults_now},
    {http::verb::put, "/control/digio", http::access::anyone, set_faults<desk>},
    {http::verb::get, "/control/digio/behaviour", http::access::anyone, manners_now},
    {http::verb::put, "/control/digio/behaviour", http::access::anyone, set_manners},
    {http::verb::get, "/control/digio/people", http::access::anyone, who},
    {http::verb::put, "/control/digio/people", http::access::anyone, change_person},
    {http::verb::get, "/control/digio/requests", http::access::anyone, list},
    {http::verb::get, "/control/digio/requests/{id}", http::access::anyone, show},
    {http::verb::post, "/control/digio/requests/{id}", http::access::anyone, drive},
    {http::verb::get, "/control/digio/calls", http::access::anyone, calls},
    {http::verb::get, "/control/digio/webhooks", http::access::anyone, webhooks_sent},
    {http::verb::post, "/control/digio/reset", http::access::anyone, reset},
};

}  // namespace

std::span<const http::route<desk>> control_routes() { return table; }

}  // namespace sandbox::digio
