#include "administration/administration.hpp"
#include "core/aadhaar.hpp"
#include "http/json.hpp"
#include "onboarding/onboarding.hpp"

namespace astrotalk::administration {
namespace {

using http::exchange;
using http::response;

struct reason_body {
    std::string reason;
};
BOOST_DESCRIBE_STRUCT(reason_body, (), (reason))

// The wire form of an audit entry: its detail is JSON already.
struct audit_item {
    std::optional<std::int64_t> seq;
    uuid id;
    instant at;
    std::optional<uuid> actor_id;
    std::string actor_role, action, subject_kind;
    std::optional<uuid> subject_id;
    std::optional<std::string> reason;
    std::optional<http::raw_json> detail;
};
BOOST_DESCRIBE_STRUCT(audit_item, (),
                      (seq, id, at, actor_id, actor_role, action, subject_kind, subject_id, reason, detail))

audit_item on_the_wire(audit_entry from) {
    std::optional<http::raw_json> detail;
    if (from.detail) detail = http::raw_json{std::move(*from.detail)};
    return {from.seq,
            from.id,
            from.at,
            from.actor_id,
            std::move(from.actor_role),
            std::move(from.action),
            std::move(from.subject_kind),
            from.subject_id,
            std::move(from.reason),
            std::move(detail)};
}

response not_found() { return http::problem(404, "not_found", "There is nothing of that id."); }

// The page asked for and where it starts, newest first.
struct window {
    http::page_request asked;
    uuid before;
};
result<window, http::faults> window_of(const exchange& x) {
    auto asked = http::page_of(x.in);
    if (!asked) return asked.error();
    const auto before = http::cursor_id(*asked, http::highest_id);
    if (!before) return before.error();
    return window{std::move(*asked), *before};
}

std::string_view role_of(const exchange& x) { return x.who->in_group("admin") ? "admin" : "support"; }

// Who reads about people says why.
result<staff, http::faults> staff_of(const exchange& x) {
    auto reason = x.in.parameter("reason");
    const auto length = reason ? onboarding::printable_length(*reason, false) : std::nullopt;
    if (!length || *length < 1 || *length > 200)
        return http::faults{{{"reason", "why this is read, 1 to 200 printable characters"}}};
    if (holds_aadhaar_number(*reason)) return http::faults{{{"reason", std::string(no_aadhaar_number)}}};
    return staff{x.caller(), role_of(x), std::move(reason), x.request_id};
}

task<response> get_users(service& s, exchange& x) {
    const auto where = window_of(x);
    if (!where) co_return http::problem(where.error());
    auto who = staff_of(x);
    if (!who) co_return http::problem(who.error());
    auto rows = co_await read_users(s, std::move(*who), where->before, where->asked.limit);
    co_return http::ok(http::page_by_id(std::move(rows), where->asked));
}

task<response> get_bookings(service& s, exchange& x) {
    const auto where = window_of(x);
    if (!where) co_return http::problem(where.error());
    auto who = staff_of(x);
    if (!who) co_return http::problem(who.error());
    auto rows = co_await read_bookings(s, std::move(*who), where->before, where->asked.limit);
    co_return http::ok(http::page_by_id(std::move(rows), where->asked));
}

task<response> get_audit(service& s, exchange& x) {
    const auto where = window_of(x);
    if (!where) co_return http::problem(where.error());
    auto rows = co_await list_audit(s, where->before, where->asked.limit);
    std::vector<audit_item> items;
    for (auto& row : rows) items.push_back(on_the_wire(std::move(row)));
    co_return http::ok(http::page_by_id(std::move(items), where->asked));
}

task<response> get_dead_letters(service& s, exchange& x) {
    const auto where = window_of(x);
    if (!where) co_return http::problem(where.error());
    auto rows = co_await list_dead_letters(s, where->before, where->asked.limit);
    co_return http::ok(http::page_by_id(std::move(rows), where->asked));
}

task<response> post_replay(service& s, exchange& x) {
    const auto letter = uuid::parse(x.path_values[0]);
    if (!letter) co_return not_found();
    const bool done =
        co_await replay_dead_letter(s, {x.caller(), role_of(x), std::nullopt, x.request_id}, *letter);
    if (!done) co_return not_found();
    response r;
    r.status = 204;
    co_return r;
}

task<response> post_discard(service& s, exchange& x) {
    auto body = http::from_json<reason_body>(x.in.body);
    if (!body) co_return http::problem(body.error());
    if (auto found = onboarding::check_reason(body->reason); !found.empty())
        co_return http::problem(http::faults{std::move(found)});
    const auto letter = uuid::parse(x.path_values[0]);
    if (!letter) co_return not_found();
    const bool done = co_await discard_dead_letter(
        s, {x.caller(), role_of(x), std::move(body->reason), x.request_id}, *letter);
    if (!done) co_return not_found();
    response r;
    r.status = 204;
    co_return r;
}

// Those that wait come first in the order they came; ?status asks for others.
task<response> get_profiles(service& s, exchange& x) {
    const auto asked = http::page_of(x.in);
    if (!asked) co_return http::problem(asked.error());
    const auto status = x.in.parameter("status").value_or("pending");
    if (status != "draft" && status != "pending" && status != "approved" && status != "rejected")
        co_return http::problem(http::faults{{{"status", "draft, pending, approved or rejected"}}});
    queue_position after{};
    if (asked->cursor) {
        const auto position = from_cursor(*asked->cursor);
        if (!position) co_return http::problem(http::bad_cursor());
        after = *position;
    }
    auto rows =
        co_await onboarding::list_profiles(s.pg, status, after.submitted_at, after.id, asked->rows_to_read());
    co_return http::ok(http::page_from(std::move(rows), *asked, [](const onboarding::profile& last) {
        return to_cursor({last.submitted_at.value_or(instant()), last.id.value});
    }));
}

task<response> decide(service& s, exchange& x, onboarding::verdict what) {
    auto body = http::from_json<reason_body>(x.in.body);
    if (!body) co_return http::problem(body.error());
    if (auto found = onboarding::check_reason(body->reason); !found.empty())
        co_return http::problem(http::faults{std::move(found)});
    const auto id = user_id::parse(x.path_values[0]);
    if (!id) co_return onboarding::refused({onboarding::error::astrologer_not_found});
    onboarding::decision made{*id, what, x.caller(), std::move(body->reason), x.request_id};
    const auto done = co_await onboarding::decide_profile(s.pg, std::move(made));
    co_return done ? http::ok(*done) : onboarding::refused(done.error());
}

task<response> post_approval(service& s, exchange& x) { return decide(s, x, onboarding::verdict::approve); }
task<response> post_rejection(service& s, exchange& x) { return decide(s, x, onboarding::verdict::reject); }

constexpr http::route<service> table[] = {
    {http::verb::get, "/v1/admin/users", http::access::support, get_users},
    {http::verb::get, "/v1/admin/bookings", http::access::support, get_bookings},
    {http::verb::get, "/v1/admin/astrologers", http::access::support, get_profiles},
    {http::verb::post, "/v1/admin/astrologers/{id}/approve", http::access::admin, post_approval},
    {http::verb::post, "/v1/admin/astrologers/{id}/reject", http::access::admin, post_rejection},
    {http::verb::get, "/v1/admin/audit", http::access::support, get_audit},
    {http::verb::get, "/v1/admin/dead-letters", http::access::support, get_dead_letters},
    {http::verb::post, "/v1/admin/dead-letters/{id}/replay", http::access::admin, post_replay},
    {http::verb::post, "/v1/admin/dead-letters/{id}/discard", http::access::admin, post_discard},
};

}  // namespace

std::span<const http::route<service>> routes() { return table; }

}  // namespace astrotalk::administration
