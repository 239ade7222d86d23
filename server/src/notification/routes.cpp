#include <algorithm>

#include "http/json.hpp"
#include "http/page.hpp"
#include "notification/inbox.hpp"

namespace astrotalk::notification {
namespace {

using http::exchange;
using http::problem;
using http::response;

constexpr std::size_t longest_token = 4096;

struct item {
    uuid id;
    std::string kind;
    http::raw_json params;
    instant created_at;
    std::optional<instant> read_at;
};
BOOST_DESCRIBE_STRUCT(item, (), (id, kind, params, created_at, read_at))

struct inbox_page {
    std::vector<item> items;
    std::optional<std::string> next;
    std::int64_t unread = 0;
};
BOOST_DESCRIBE_STRUCT(inbox_page, (), (items, next, unread))

struct read_body {
    uuid up_to;
};
BOOST_DESCRIBE_STRUCT(read_body, (), (up_to))

struct read_answer {
    std::int64_t unread = 0;
};
BOOST_DESCRIBE_STRUCT(read_answer, (), (unread))

struct device_body {
    secret token;
    notification::platform platform = notification::platform::android;
};
BOOST_DESCRIBE_STRUCT(device_body, (), (token, platform))

response refused(std::string pointer, std::string expected) {
    return problem(http::faults{{{std::move(pointer), std::move(expected)}}});
}

task<response> get_notifications(inbox& s, exchange& x) {
    const auto asked = http::page_of(x.in);
    if (!asked) co_return problem(asked.error());
    const auto before = http::cursor_id(*asked, http::highest_id);
    if (!before) co_return problem(before.error());
    std::vector<item> items;
    for (auto& each : co_await list_notifications(s, x.caller(), *before, asked->limit))
        items.push_back(
            {each.id, std::move(each.kind), {std::move(each.params)}, each.created_at, each.read_at});
    auto page = http::page_by_id(std::move(items), *asked);
    co_return http::ok(
        inbox_page{std::move(page.items), std::move(page.next), co_await count_unread(s, x.caller())});
}

task<response> post_read(inbox& s, exchange& x) {
    const auto body = http::from_json<read_body>(x.in.body);
    if (!body) co_return problem(body.error());
    co_return http::ok(read_answer{co_await mark_read(s, x.caller(), body->up_to)});
}

response refused(live_feed::full why) {
    switch (why) {
        case live_feed::full::user:
            return problem(
                {429, "too_many_streams", "You have too many streams open: close one.", {}, {}, 15});
        case live_feed::full::node:
            return problem({503, "unavailable", "The service is busy: try again", {}, {}, 15});
    }
    __builtin_unreachable();
}

task<response> get_stream(inbox& s, exchange& x) {
    std::optional<uuid> after;
    if (const auto last = x.in.header("last-event-id"); !last.empty()) {
        after = uuid::parse(last);
        if (!after) co_return refused("last-event-id", "the id of an event of this stream");
    }
    // What the gateway has just found good: "Bearer", a space and the token.
    const auto header = x.in.header("authorization");
    secret bearer(std::string(header.substr(std::min(header.size(), std::string_view("bearer ").size()))));
    auto made = co_await stream_notifications(s, x.caller(), std::move(bearer), after);
    co_return made ? std::move(*made) : refused(made.error());
}

task<response> post_device(inbox& s, exchange& x) {
    auto body = http::from_json<device_body>(x.in.body, {.string = longest_token});
    if (!body) co_return problem(body.error());
    const auto& token = body->token.reveal();
    if (token.size() < 16 || token.size() > longest_token ||
        !std::ranges::all_of(token, [](char c) { return c > 0x20 && c < 0x7f; }))
        co_return refused("/token", "a registration token, 16 to 4096 visible ASCII characters");
    co_return http::ok(co_await register_device(s, x.caller(), std::move(body->token), body->platform));
}

task<response> delete_device(inbox& s, exchange& x) {
    const auto id = uuid::parse(x.path_values[0]);
    if (!id || !co_await remove_device(s, x.caller(), *id))
        co_return problem(404, "device_not_found", "You have no such device.");
    response r;
    r.status = 204;
    co_return r;
}

task<response> get_calendar(inbox& s, exchange& x) {
    const auto id = booking_id::parse(x.path_values[0]);
    auto text = id ? co_await read_calendar(s, x.caller(), *id) : std::nullopt;
    if (!text) co_return problem(404, "booking_not_found", "You have no such booking.");
    response r;
    r.content_type = "text/calendar; charset=utf-8";
    r.headers.emplace_back("content-disposition", "attachment; filename=\"consultation.ics\"");
    r.headers.emplace_back("cache-control", "no-store");
    r.body = std::move(*text);
    co_return r;
}

constexpr http::route<inbox> table[] = {
    {http::verb::get, "/v1/notifications", http::access::signed_in, get_notifications},
    {http::verb::post, "/v1/notifications/read", http::access::signed_in, post_read},
    {http::verb::get, "/v1/notifications/stream", http::access::signed_in, get_stream},
    {http::verb::get, "/v1/bookings/{id}/calendar.ics", http::access::signed_in, get_calendar},
    {http::verb::post, "/v1/devices", http::access::signed_in, post_device},
    {http::verb::delete_, "/v1/devices/{id}", http::access::signed_in, delete_device},
};

}  // namespace

std::span<const http::route<inbox>> routes() { return table; }

}  // namespace astrotalk::notification
