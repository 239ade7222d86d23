#include <algorithm>

#include "http/json.hpp"
#include "http/page.hpp"
#include "social/social.hpp"

namespace astrotalk::social {
namespace {

using http::exchange;
using http::faults;
using http::problem;
using http::response;

constexpr std::ptrdiff_t longest_text = 1000, longest_reason = 500;

response refused(error why) {
    switch (why) {
        case error::not_found: return problem(404, "not_found", "There is nothing of that id.");
        case error::too_many: return problem(409, "too_many", "There are as many as there may be.");
        case error::already_reported:
            return problem(409, "already_reported", "Your earlier report has not been decided yet.");
        case error::already_decided: return problem(409, "already_decided", "The report has been decided.");
    }
    __builtin_unreachable();
}

response nothing() {
    response r;
    r.status = 204;
    return r;
}

response answer(std::optional<error> why) { return why ? refused(*why) : nothing(); }

caller caller_of(const exchange& x) {
    std::string role = x.who->user_type;
    for (const auto* each : {"support", "admin"})
        if (x.who->in_group(each)) role = each;
    return {x.caller(), std::move(role), x.request_id};
}

// Something to read, of at most so many characters.
bool is_readable(std::string_view text, std::ptrdiff_t most) {
    const auto characters =
        std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; });
    return characters <= most && text.find_first_not_of(" \n\t") != text.npos &&
           std::ranges::none_of(text,
                                [](char c) { return static_cast<unsigned char>(c) < 0x20 && c != '\n'; });
}

struct follow_request {
    bool notify = true;
};
BOOST_DESCRIBE_STRUCT(follow_request, (), (notify))

task<response> put_follow(service& s, exchange& x) {
    follow_request asked;
    if (!x.in.body.empty()) {
        const auto sent = http::from_json<follow_request>(x.in.body);
        if (!sent) co_return problem(sent.error());
        asked = *sent;
    }
    const auto whom = user_id::parse(x.path_values[0]);
    if (!whom) co_return refused(error::not_found);
    co_return answer(co_await follow(s, x.caller(), *whom, asked.notify));
}

task<response> delete_follow(service& s, exchange& x) {
    if (const auto whom = user_id::parse(x.path_values[0])) co_await unfollow(s, x.caller(), *whom);
    co_return nothing();
}

template <class List>
task<response> list_with(service& s, exchange& x, List list) {
    const auto asked = http::page_of(x.in);
    if (!asked) co_return problem(asked.error());
    const auto before = http::cursor_id(*asked, http::highest_id);
    if (!before) co_return problem(before.error());
    auto rows = co_await list(s, x.caller(), user_id{*before}, asked->rows_to_read());
    co_return http::ok(http::page_by_id(std::move(rows), *asked));
}

task<response> get_follows(service& s, exchange& x) { return list_with(s, x, list_follows); }

task<response> put_block(service& s, exchange& x) {
    const auto whom = user_id::parse(x.path_values[0]);
    if (!whom) co_return refused(error::not_found);
    co_return answer(co_await block(s, caller_of(x), *whom));
}

task<response> delete_block(service& s, exchange& x) {
    if (const auto whom = user_id::parse(x.path_values[0])) co_await unblock(s, x.caller(), *whom);
    co_return nothing();
}

task<response> get_blocks(service& s, exchange& x) { return list_with(s, x, list_blocks); }

struct report_request {
    user_id subject_id;
    social::reason reason{};
    std::string text;
};
BOOST_DESCRIBE_STRUCT(report_request, (), (subject_id, reason, text))

struct made {
    uuid id;
};
BOOST_DESCRIBE_STRUCT(made, (), (id))

task<response> post_report(service& s, exchange& x) {
    auto sent = http::from_json<report_request>(x.in.body);
    if (!sent) co_return problem(sent.error());
    if (!is_readable(sent->text, longest_text))
        co_return problem(faults{{{"/text", "1 to 1000 printable characters"}}});
    const auto id =
        co_await make_report(s, caller_of(x), sent->subject_id, sent->reason, std::move(sent->text));
    if (!id) co_return refused(id.error());
    co_return http::ok(made{*id}, 201);
}

task<response> get_reports(service& s, exchange& x) {
    const auto asked = http::page_of(x.in);
    if (!asked) co_return problem(asked.error());
    const auto before = http::cursor_id(*asked, http::highest_id);
    if (!before) co_return problem(before.error());
    const auto state = x.in.parameter("state").value_or("open");
    if (state != "open" && state != "upheld" && state != "dismissed")
        co_return problem(faults{{{"state", "open, upheld or dismissed"}}});
    auto why = x.in.parameter("reason").value_or("");
    if (!is_readable(why, 200))
        co_return problem(faults{{{"reason", "why this is read, 1 to 200 printable characters"}}});
    auto rows = co_await list_reports(s, caller_of(x), std::move(why), state, *before, asked->limit);
    co_return http::ok(http::page_by_id(std::move(rows), *asked));
}

struct resolution {
    verdict state{};
    std::string reason;
};
BOOST_DESCRIBE_STRUCT(resolution, (), (state, reason))

task<response> post_resolution(service& s, exchange& x) {
    auto sent = http::from_json<resolution>(x.in.body);
    if (!sent) co_return problem(sent.error());
    if (!is_readable(sent->reason, longest_reason))
        co_return problem(faults{{{"/reason", "1 to 500 printable characters"}}});
    const auto id = uuid::parse(x.path_values[0]);
    if (!id) co_return refused(error::not_found);
    co_return answer(co_await resolve_report(s, caller_of(x), *id, sent->state, std::move(sent->reason)));
}

using enum http::access;
using http::verb;

constexpr http::route<service> table[] = {
    {verb::get, "/v1/me/follows", signed_in, get_follows},
    {verb::put, "/v1/me/follows/{id}", signed_in, put_follow},
    {verb::delete_, "/v1/me/follows/{id}", signed_in, delete_follow},
    {verb::get, "/v1/me/blocks", signed_in, get_blocks},
    {verb::put, "/v1/me/blocks/{id}", signed_in, put_block},
    {verb::delete_, "/v1/me/blocks/{id}", signed_in, delete_block},
    {verb::post, "/v1/reports", signed_in, post_report},
    {verb::get, "/v1/admin/reports", support, get_reports},
    {verb::post, "/v1/admin/reports/{id}/resolve", admin, post_resolution},
};

}  // namespace

std::span<const http::route<service>> routes() { return table; }

}  // namespace astrotalk::social
