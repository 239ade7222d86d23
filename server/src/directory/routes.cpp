#include "directory/directory.hpp"
#include "http/json.hpp"

namespace astrotalk::directory {
namespace {

using http::exchange;
using http::response;

response json_of(std::string body) {
    response r;
    r.body = std::move(body);
    return r;
}

// The parts of a page's address that change its answer.
std::string cache_key(const http::page_request& asked, const filter& by) {
    std::string key = std::to_string(asked.limit);
    for (const auto* part : {&asked.cursor, &by.specialization, &by.language}) {
        key += '\n';
        if (*part) key += **part;
    }
    return key;
}

task<response> get_astrologers(service& s, exchange& x) {
    const auto asked = http::page_of(x.in);
    if (!asked) co_return http::problem(asked.error());
    const auto after = http::cursor_id(*asked, http::lowest_id);
    if (!after) co_return http::problem(after.error());
    const filter by{x.in.parameter("specialization"), x.in.parameter("language")};

    auto key = cache_key(*asked, by);
    const auto now = std::chrono::steady_clock::now();
    if (const auto* kept = s.pages.find(key, now)) co_return json_of(*kept);
    auto rows = co_await list_astrologers(s.pg, by, *after, asked->limit, s.photo_url);
    auto body = http::to_json(http::page_by_id(std::move(rows), *asked));
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
