#include <algorithm>

#include "core/clock.hpp"
#include "crypto/crypto.hpp"
#include "directory/directory.hpp"
#include "http/json.hpp"
#include "http/page.hpp"

namespace astrotalk::directory {
namespace {

using http::exchange;
using http::faults;
using http::response;

constexpr std::size_t most_values = 16, longest_text = 100;

// Reads the query's parameters and gathers what is wrong with them.
class reader {
  public:
    explicit reader(const exchange& x) : in_(x.in) {}

    std::optional<std::string> text(const char* name) const { return in_.parameter(name); }
    void refuse(const char* name, std::string expected) {
        wrong.list.emplace_back(name, std::move(expected));
    }

    std::optional<std::int64_t> number(const char* name, std::int64_t most, const char* expected) {
        const auto digits = text(name);
        if (!digits) return std::nullopt;
        std::int64_t value = 0;
        const auto* const end = digits->data() + digits->size();
        const auto [at, failure] = std::from_chars(digits->data(), end, value);
        if (failure == std::errc{} && at == end && value >= 0 && value <= most) return value;
        refuse(name, expected);
        return std::nullopt;
    }
    // Several, with commas between.
    std::vector<std::string> codes(const char* name, const char* expected) {
        const auto all = text(name);
        std::vector<std::string> made;
        if (!all) return made;
        for (std::size_t from = 0; from <= all->size();) {
            const auto comma = std::min(all->find(',', from), all->size());
            made.push_back(all->substr(from, comma - from));
            from = comma + 1;
        }
        if (made.size() > most_values || std::ranges::any_of(made, &std::string::empty)) {
            refuse(name, expected);
            made.clear();
        }
        return made;
    }
    template <class E>
    std::optional<E> one_of(const char* name, const std::string& value, const char* expected) {
        E found{};
        if (boost::describe::enum_from_string(value.c_str(), found)) return found;
        refuse(name, expected);
        return std::nullopt;
    }

    faults wrong;

  private:
    const http::request& in_;
};

// "4" or "4.5", in hundredths of a star.
std::optional<std::int32_t> rating_of(std::string_view text) {
    if (text.empty() || text.size() > 3 || text[0] < '1' || text[0] > '5') return std::nullopt;
    std::int32_t hundredths = (text[0] - '0') * 100;
    if (text.size() == 1) return hundredths;
    if (text.size() != 3 || text[1] != '.' || text[2] < '0' || text[2] > '9') return std::nullopt;
    hundredths += (text[2] - '0') * 10;
    return hundredths <= 500 ? std::optional(hundredths) : std::nullopt;
}

void read_numbers(reader& from, filter& by) {
    if (const auto paise = from.number("minPrice", std::int64_t{1} << 40, "whole paise"))
        by.min_price = money{*paise};
    if (const auto paise = from.number("maxPrice", std::int64_t{1} << 40, "whole paise"))
        by.max_price = money{*paise};
    if (const auto years = from.number("minExperience", 80, "0 to 80"))
        by.min_experience = static_cast<std::int32_t>(*years);
    if (const auto rating = from.text("minRating"))
        if (!(by.min_rating = rating_of(*rating))) from.refuse("minRating", "1 to 5, such as 4.5");
    if (const auto end = from.text("freeBefore"))
        if (!(by.free_before = http::parse_rfc3339(*end))) from.refuse("freeBefore", "an RFC 3339 instant");
}

filter read_filter(reader& from) {
    filter by;
    by.specializations = from.codes("specialization", "codes such as vedic,tarot");
    by.languages = from.codes("language", "codes such as hi,en");
    for (const auto& each : from.codes("gender", "female, male or other"))
        if (const auto one = from.one_of<gender>("gender", each, "female, male or other"))
            by.genders.push_back(*one);
    if (const auto named = from.text("channel"))
        if (!(by.by = channel_named(*named))) from.refuse("channel", "chat, call or video");
    read_numbers(from, by);
    if (const auto online = from.text("online")) {
        by.online = *online == "true";
        if (!by.online && *online != "false") from.refuse("online", "true or false");
    }
    if (auto city = from.text("city")) {
        if (city->empty() || city->size() > 4 * 80) from.refuse("city", "a name");
        // As `lower` has it in the order of bytes: other scripts have no cases.
        for (char& c : *city)
            if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        by.city = std::move(city);
    }
    return by;
}

struct asked_order {
    order in = order::recommended;
    std::string name;
};

constexpr const char* order_names = "recommended, rating, experience, soonest, price or priceDesc";

asked_order read_order(reader& from) {
    const auto sort = from.text("sort").value_or("recommended");
    if (sort == "priceDesc") return {order::price_desc, sort};
    if (sort == "price_desc") {
        from.refuse("sort", order_names);
        return {};
    }
    const auto known = from.one_of<order>("sort", sort, order_names);
    return {known.value_or(order::recommended), sort};
}

result<question, faults> question_of(reader& from) {
    question asked;
    asked.by = read_filter(from);
    asked.text = from.text("q").value_or("");
    if (asked.text.size() > 4 * longest_text) from.refuse("q", "at most 100 characters");
    if (!from.wrong.list.empty()) return std::move(from.wrong);
    return asked;
}

// An order and a channel are part of where a page ends: the place in one order is nowhere in another.
std::string scope_of(const asked_order& in, const filter& by) {
    return fmt::format("{}.{}", in.name, by.by ? name_of(*by.by) : "any");
}
std::string cursor_of(const std::string& scope, position after) {
    return fmt::format("{}.{}.{}", scope, after.key, after.id.to_string());
}
std::optional<position> position_of(std::string_view cursor, const std::string& scope) {
    if (!cursor.starts_with(scope) || cursor.size() <= scope.size() || cursor[scope.size()] != '.')
        return std::nullopt;
    cursor.remove_prefix(scope.size() + 1);
    const auto dot = cursor.find('.');
    if (dot == cursor.npos) return std::nullopt;
    position after;
    const auto* const end = cursor.data() + dot;
    const auto [at, failure] = std::from_chars(cursor.data(), end, after.key);
    const auto id = user_id::parse(cursor.substr(dot + 1));
    if (failure != std::errc{} || at != end || !id) return std::nullopt;
    after.id = *id;
    return after;
}

response bad_cursor() {
    return http::problem(400, "invalid_cursor", "The cursor is not of an earlier page of this listing.");
}

// The answer, or that it is the one that the caller has.
response tagged(const exchange& x, std::string body) {
    auto digest = crypto::sha256(body);
    digest.resize(16);
    const auto tag = fmt::format("\"{}\"", crypto::hex(digest));
    response r;
    r.headers.emplace_back("etag", tag);
    r.headers.emplace_back("cache-control", "private, no-cache");
    const auto known = x.in.header("if-none-match");
    if (known == "*" || known.find(tag) != known.npos)
        r.status = 304;
    else
        r.body = std::move(body);
    return r;
}

response unauthenticated() {
    auto r = http::problem(401, "unauthenticated", "The access token is not valid (any more).");
    r.headers.emplace_back("www-authenticate", "Bearer error=\"invalid_token\"");
    return r;
}

// Nobody needs to sign in for a listing; who does, does not see whom they have nothing to do with. False when
// the token that came is not good.
task<bool> find_asker(service& s, exchange& x, question& asked) {
    constexpr std::string_view scheme = "bearer ";
    const auto header = x.in.header("authorization");
    if (header.empty()) co_return true;
    const auto same = [](char a, char b) { return (a | 0x20) == (b | 0x20); };
    if (header.size() <= scheme.size() || !std::ranges::equal(header.substr(0, scheme.size()), scheme, same))
        co_return false;
    const auto who = co_await s.authenticate(header.substr(scheme.size()));
    if (who) asked.asker = who->id;
    co_return who.has_value();
}

task<response> get_astrologers(service& s, exchange& x) {
    const auto page = http::page_of(x.in);
    if (!page) co_return page.error().list[0].first == "cursor" ? bad_cursor() : http::problem(page.error());
    reader from(x);
    const auto in = read_order(from);
    auto asked = question_of(from);
    if (!asked) co_return http::problem(asked.error());
    const auto scope = scope_of(in, asked->by);
    std::optional<position> after;
    if (page->cursor && !(after = position_of(*page->cursor, scope))) co_return bad_cursor();
    if (!co_await find_asker(s, x, *asked)) co_return unauthenticated();
    const auto found = co_await list_astrologers(s, std::move(*asked), in.in, after, page->limit);
    std::string body = "{\"items\":[";
    for (const auto& each : found.items) {
        body += each;
        body += ',';
    }
    if (!found.items.empty()) body.pop_back();
    body += ']';
    if (found.next) body += fmt::format(",\"next\":\"{}\"", cursor_of(scope, *found.next));
    body += '}';
    co_return tagged(x, std::move(body));
}

task<response> get_counts(service& s, exchange& x) {
    reader from(x);
    auto asked = question_of(from);
    if (!asked) co_return http::problem(asked.error());
    if (!co_await find_asker(s, x, *asked)) co_return unauthenticated();
    co_return tagged(x, http::to_json(co_await count_astrologers(s, std::move(*asked))));
}

task<response> get_astrologer(service& s, exchange& x) {
    if (const auto id = user_id::parse(x.path_values[0]))
        if (auto found = co_await view_astrologer(s, *id, x.caller())) co_return tagged(x, std::move(*found));
    co_return http::problem(404, "astrologer_not_found", "There is no such astrologer.");
}

struct presence_request {
    bool online = false;
    std::optional<std::vector<channel>> channels;
};
BOOST_DESCRIBE_STRUCT(presence_request, (), (online, channels))

struct presence {
    bool online = false;
    std::optional<instant> until;
};
BOOST_DESCRIBE_STRUCT(presence, (), (online, until))

task<response> put_presence(service& s, exchange& x) {
    const auto sent = http::from_json<presence_request>(x.in.body);
    if (!sent) co_return http::problem(sent.error());
    std::int32_t channels = 0;
    for (const auto each : sent->channels.value_or(std::vector<channel>())) channels |= bit_of(each);
    if (sent->channels && channels == 0)
        co_return http::problem(faults{{{"/channels", "at least one of chat, call and video"}}});
    if (!sent->online) {
        co_await go_offline(s, x.caller());
        co_return http::ok(presence{});
    }
    const auto until = co_await go_online(s, x.caller(), sent->channels ? channels : every_bit);
    if (!until) co_return http::problem(409, "not_listed", "Only who is listed can be online.");
    co_return http::ok(presence{true, until});
}

task<response> delete_presence(service& s, exchange& x) {
    co_await go_offline(s, x.caller());
    response done;
    done.status = 204;
    co_return done;
}

task<response> put_listing(service& s, exchange& x) {
    const auto sent = http::from_json<presentation>(x.in.body);
    if (!sent) co_return http::problem(sent.error());
    const auto why = co_await set_listing(s, x.caller(), *sent, x.request_id);
    if (!why) co_return http::ok(*sent);
    switch (*why) {
        case error::no_profile: co_return http::problem(404, "not_found", "No profile has been saved yet.");
        case error::not_above_price:
            co_return http::problem(
                faults{{{"/strikePrices", "above the price of a channel that is on, and at most 1000000"}}});
    }
    __builtin_unreachable();
}

constexpr http::route<service> table[] = {
    {http::verb::get, "/v1/astrologers", http::access::anyone, get_astrologers},
    {http::verb::get, "/v1/astrologers/counts", http::access::anyone, get_counts},
    {http::verb::get, "/v1/astrologers/{id}", http::access::signed_in, get_astrologer},
    {http::verb::put, "/v1/astrologer/listing", http::access::astrologer, put_listing},
    {http::verb::put, "/v1/astrologer/presence", http::access::astrologer, put_presence},
    {http::verb::delete_, "/v1/astrologer/presence", http::access::astrologer, delete_presence},
};

}  // namespace

std::span<const http::route<service>> routes() { return table; }

}  // namespace astrotalk::directory
