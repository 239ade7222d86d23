#include "directory/directory.hpp"
#include "http/json.hpp"

namespace astrotalk::directory {
namespace {

using http::exchange;
using http::response;

std::optional<money> paise_of(std::string_view digits) {
    std::int64_t paise = 0;
    const auto* const end = digits.data() + digits.size();
    const auto [at, failure] = std::from_chars(digits.data(), end, paise);
    if (failure != std::errc{} || at != end || paise < 0) return std::nullopt;
    return money{paise};
}

response json_of(std::string body) {
    response r;
    r.body = std::move(body);
    return r;
}

// The parts of a page's address that change its answer.
constexpr std::array parts_of_answer = {"limit",   "cursor",   "specialization", "language",
                                        "channel", "minPrice", "maxPrice",       "sort"};

std::string cache_key(const exchange& x) {
    std::string key;
    for (const auto* part : parts_of_answer) key += x.in.parameter(part).value_or("") + '\n';
    return key;
}

void read_price(const exchange& x, const char* name, std::optional<money>& out, http::faults& wrong) {
    const auto text = x.in.parameter(name);
    if (text && !(out = paise_of(*text))) wrong.list.emplace_back(name, "whole paise");
}

result<filter, http::faults> filter_of(const exchange& x) {
    filter by{x.in.parameter("specialization"), x.in.parameter("language"), {}, {}, {}};
    http::faults wrong;
    const auto named = x.in.parameter("channel");
    if (named && !(by.by = channel_named(*named))) wrong.list.emplace_back("channel", "chat, call or video");
    read_price(x, "minPrice", by.min_price, wrong);
    read_price(x, "maxPrice", by.max_price, wrong);
    if (!wrong.list.empty()) return wrong;
    return by;
}

// The order, and where in it the page starts. A cursor is an id, behind a price and a dot in the order of
// prices.
struct start {
    order in = order::by_id;
    position after{};
};

result<start, http::faults> start_of(const exchange& x, const http::page_request& asked) {
    const auto sort = x.in.parameter("sort");
    if (sort && *sort != "price") return http::faults{{{"sort", "price"}}};
    if (!sort) {
        const auto after = http::cursor_id(asked, http::lowest_id);
        if (!after) return after.error();
        return start{order::by_id, {{}, *after}};
    }
    if (!asked.cursor) return start{order::by_price, {}};
    const std::string_view cursor = *asked.cursor;
    const auto dot = cursor.find('.');
    if (dot == cursor.npos) return http::bad_cursor();
    const auto price = paise_of(cursor.substr(0, dot));
    const auto id = uuid::parse(cursor.substr(dot + 1));
    if (!price || !id) return http::bad_cursor();
    return start{order::by_price, {*price, *id}};
}

task<response> get_astrologers(service& s, exchange& x) {
    const auto asked = http::page_of(x.in);
    if (!asked) co_return http::problem(asked.error());
    const auto by = filter_of(x);
    if (!by) co_return http::problem(by.error());
    const auto from = start_of(x, *asked);
    if (!from) co_return http::problem(from.error());

    auto key = cache_key(x);
    const auto now = std::chrono::steady_clock::now();
    if (const auto* kept = s.pages.find(key, now)) co_return json_of(*kept);
    auto rows = co_await list_astrologers(s.pg, *by, from->in, from->after, asked->limit, s.photo_url);
    auto body = http::to_json(http::page_from(std::move(rows), *asked, [&](const astrologer& last) {
        const auto id = last.id.to_string();
        if (from->in == order::by_id) return id;
        return std::to_string(compared_price(last, *by).paise) + '.' + id;
    }));
    s.pages.put(std::move(key), body, now);
    co_return json_of(std::move(body));
}

task<response> get_astrologer(service& s, exchange& x) {
    if (const auto id = user_id::parse(x.path_values[0]))
        if (const auto found = co_await find_astrologer(s.pg, *id, s.photo_url)) co_return http::ok(*found);
    co_return http::problem(404, "astrologer_not_found", "There is no such astrologer.");
}

constexpr http::route<service> table[] = {
    {http::verb::get, "/v1/astrologers", http::access::anyone, get_astrologers},
    {http::verb::get, "/v1/astrologers/{id}", http::access::signed_in, get_astrologer},
};

}  // namespace

std::span<const http::route<service>> routes() { return table; }

}  // namespace astrotalk::directory
