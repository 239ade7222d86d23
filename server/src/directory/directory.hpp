// Finding astrologers: the public listing, one astrologer, and who is there.
//
// Thread safety: none; a service and its calls belong to one loop. Errors: an outage throws pg::unavailable.
// Listings and counts are of at most two seconds ago, one astrologer is of now (docs/discovery.md has the
// table). What depends on who looks is never kept.
#pragma once

#include <functional>
#include <optional>
#include <span>

#include "booking/booking.hpp"
#include "core/task.hpp"
#include "directory/domain.hpp"
#include "directory/item_cache.hpp"
#include "directory/listing_feed.hpp"
#include "http/http.hpp"
#include "pg/pg.hpp"

namespace astrotalk::directory {

using authenticator = std::function<task<std::optional<http::principal>>(std::string_view bearer)>;

struct service {
    service(pg::client& database, redis::client* shared, booking::service slots, std::string photos,
            authenticator check)
        : pg(database),
          bookings(std::move(slots)),
          photo_url(std::move(photos)),
          authenticate(std::move(check)),
          items(shared) {}

    pg::client& pg;
    booking::service bookings;
    std::string photo_url;       // with a slash at its end
    authenticator authenticate;  // of who may look signed in
    listing_feed feed{};
    item_cache items;
};

struct question {
    filter by;
    std::string text;              // names, cities, skills
    std::optional<user_id> asker;  // who does not see whom they block, or who blocks them
};

// One page: the astrologers as JSON, in order, and where the next page starts, if there is one.
struct listing_page {
    std::vector<std::string> items;
    std::optional<position> next;
};
task<listing_page> list_astrologers(service& s, question asked, order in, std::optional<position> after,
                                    std::int32_t most);
task<counts> count_astrologers(service& s, question asked);
// With ratings, reviews, free slots and what is between the two, as JSON; nothing when there is none of that
// id, it is not listed, or has blocked the one who looks.
task<std::optional<std::string>> view_astrologer(service& s, user_id id, user_id who);

// What only a listing shows: not part of the profile that staff judge.
struct presentation {
    std::optional<directory::gender> gender;
    std::optional<channel_prices> strike_prices;  // shown struck through
};
BOOST_DESCRIBE_STRUCT(presentation, (), (gender, strike_prices))
enum class error : std::uint8_t {
    no_profile,
    not_above_price,  // a strike price, or its channel is off
};
task<std::optional<error>> set_listing(service& s, user_id who, presentation what, std::string request_id);

inline constexpr std::chrono::seconds presence_lease{90};
// Until when, unless renewed; nothing when they are not listed. `channels` is a sum of bit_of.
task<std::optional<instant>> go_online(service& s, user_id who, std::int32_t channels);
task<void> go_offline(service& s, user_id who);

// A background duty: those whose lease has ended are offline.
task<void> end_presences(pg::client& pg);

// A background duty that keeps next_free_at. One object for the life of the process.
class free_time {
  public:
    explicit free_time(booking::service bookings) : bookings_(std::move(bookings)) {}
    task<void> refresh();

  private:
    task<void> mark_changed();
    task<bool> compute_some();

    booking::service bookings_;
    std::optional<uuid> upto_;  // occupancies up to here have been seen
    std::vector<uuid> seen_;    // and these after it, sorted
};

std::span<const http::route<service>> routes();

}  // namespace astrotalk::directory
