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

// An absent part is not an empty one.
std::string cache_key(const exchange& x) {
    std::string key;
    for (const auto* part : parts_of_answer) {
        if (const auto value = x.in.parameter(part)) key += '=' + *value;
        key += '\n';
    }
    return key;
}

void read_price(const exchange& x, const char* name, std::optional<money>& out, http::faults& wrong) {
    const auto text = x.in.parameter(name);
    if (text && !(out = paise_of(*text))) wrong.list.emplace_back(name, "whole paise");
}

result<filter, http::faults> filter_of(const exchange& x) {
    filter by{x.in.parameter("specialization"), x.in.parameter("language"), {}, {}, {}};
    http::faults wrong;
    if (by.specialization && by.specialization->empty())
        wrong.list.emplace_back("specialization", "a code such as vedic");
    if (by.language && by.language->empty()) wrong.list.emplace_back("language", "a code such as hi");
    const auto named = x.in.parameter("channel");
    if (named && !(by.by = channel_named(*named))) wrong.list.emplace_back("channel", "chat, call or video");
    read_price(x, "minPrice", by.min_price, wrong);
    read_price(x, "maxPrice", by.max_price, wrong);
    if (!wrong.list.empty()) return wrong;
    return by;
}

// The order, and where in it the page starts. A cursor is an id; in the order of prices behind the channel, a
// price and dots, because a price of another channel says nothing.
struct start {
    order in = order::by_id;
    position after{};
};

std::string_view channel_in_cursor(const filter& by) { return by.by ? name_of(*by.by) : "any"; }

result<start, http::faults> start_of(const exchange& x, const http::page_request& asked, const filter& by) {
    const auto sort = x.in.parameter("sort");
    if (sort && *sort != "price") return http::faults{{{"sort", "price"}}};
    if (!sort) {
        const auto after = http::cursor_id(asked, http::lowest_id);
        if (!after) return after.error();
        return start{order::by_id, {{}, *after}};
    }
    if (!asked.cursor) return start{order::by_price, {}};
    std::string_view cursor = *asked.cursor;
    const auto take = [&cursor] {
        const auto dot = cursor.find('.');
        const auto part = cursor.substr(0, dot);
        cursor = dot == cursor.npos ? std::string_view() : cursor.substr(dot + 1);
        return part;
    };
    if (take() != channel_in_cursor(by)) return http::bad_cursor();
    const auto price = paise_of(take());
    const auto id = uuid::parse(cursor);
    if (!price || !id) return http::bad_cursor();
    return start{order::by_price, {*price, *id}};
}

task<response> get_astrologers(service& s, exchange& x) {
    const auto asked = http::page_of(x.in);
    if (!asked) co_return http::problem(asked.error());
    const auto by = filter_of(x);
    if (!by) co_return http::problem(by.error());
    const auto from = start_of(x, *asked, *by);
    if (!from) co_return http::problem(from.error());

    auto key = cache_key(x);
    const auto now = std::chrono::steady_clock::now();
    if (const auto* kept = s.pages.find(key, now)) co_return json_of(*kept);
    auto rows = co_await list_astrologers(s.pg, *by, from->in, from->after, asked->limit, s.photo_url);
    auto body = http::to_json(http::page_from(std::move(rows), *asked, [&](const astrologer& last) {
        const auto id = last.id.to_string();
        if (from->in == order::by_id) return id;
        return fmt::format("{}.{}.{}", channel_in_cursor(*by), compared_price(last, *by).paise, id);
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
