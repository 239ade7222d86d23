#include "core/clock.hpp"
#include "directory/queries.hpp"
#include "directory/steps.hpp"
#include "http/json.hpp"
#include "pg/channel.hpp"

namespace astrotalk::directory {

astrologer shown(item_row from) {
    const auto stars = ratings_of(from.stars);
    astrologer made{from.id,
                    std::move(from.display_name),
                    std::move(from.bio),
                    std::move(from.languages),
                    std::move(from.specializations),
                    from.experience_years,
                    std::move(from.city),
                    std::move(from.gender),
                    from.prices,
                    from.strike_prices,
                    {},
                    stars.count,
                    {},
                    from.next_free_at,
                    std::move(from.photo)};
    if (stars.count > 0) made.rating = mean_of(stars) / 100.0;
    for (const auto c : every_channel)
        if ((from.online & bit_of(c)) != 0) made.online.emplace_back(name_of(c));
    return made;
}

namespace {

struct standing {
    std::int64_t version = 0;
    bool following = false, notify = false, blocked = false;
};
BOOST_DESCRIBE_STRUCT(standing, (), (version, following, notify, blocked))

struct shown_review {
    uuid id;
    std::int32_t stars = 0;
    std::string text;
    std::optional<std::string> reply;
    std::optional<instant> replied_at;
    instant created_at;
    std::optional<instant> edited_at;
};
BOOST_DESCRIBE_STRUCT(shown_review, (), (id, stars, text, reply, replied_at, created_at, edited_at))

// Beside what the listing has.
struct rest {
    std::vector<std::int32_t> stars;
    std::vector<shown_review> reviews;
};
BOOST_DESCRIBE_STRUCT(rest, (), (stars, reviews))

// Of the one who looks, and of now.
struct of_caller {
    bool following = false, notify = false, blocked = false;
    std::optional<booking::next_slots> next_slots;
};
BOOST_DESCRIBE_STRUCT(of_caller, (), (following, notify, blocked, next_slots))

// {"a":1} and {"b":2} as {"a":1,"b":2}.
std::string joined(std::string object, std::string_view other) {
    object.back() = ',';
    object += other.substr(1);
    return object;
}

task<std::optional<std::string>> read_public(service& s, user_id id, std::int64_t version) {
    std::vector<std::string> keys{fmt::format("{}:{}:profile", id.to_string(), version)};
    auto found = co_await s.items.find(keys);
    if (found[0]) co_return std::move(found[0]);
    const std::vector<user_id> one{id};
    auto rows = co_await s.pg.read<item_row>(sql::read_items, one, s.photo_url);
    if (rows.empty()) co_return std::nullopt;
    rest beside{rows[0].stars, {}};
    beside.reviews = co_await s.pg.read<shown_review>(sql::read_newest_reviews, id);
    auto body = joined(http::to_json(shown(std::move(rows[0]))), http::to_json(beside));
    co_await s.items.put({{std::move(keys[0]), body}});
    co_return body;
}

}  // namespace

task<std::optional<std::string>> view_astrologer(service& s, user_id id, user_id who) {
    // The version is asked for, not remembered: one astrologer is never stale.
    const auto between = co_await s.pg.read_one<standing>(sql::read_standing, id, who);
    if (!between) co_return std::nullopt;
    auto body = co_await read_public(s, id, between->version);
    if (!body) co_return std::nullopt;
    of_caller own{between->following, between->notify, between->blocked, {}};
    own.next_slots = co_await booking::find_next_slots(s.bookings, who, id, std::chrono::days(7), 3);
    co_return joined(std::move(*body), http::to_json(own));
}

}  // namespace astrotalk::directory
