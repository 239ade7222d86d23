#include "directory/listing_feed.hpp"
#include "directory/queries.hpp"
#include "pg/channel.hpp"

namespace astrotalk::directory {
namespace {

constexpr std::int32_t rows_at_once = 2000;

// One row without an astrologer says how far we are, where nothing has changed.
struct tail_row {
    std::int64_t horizon = 0;
    std::optional<user_id> id;
    std::optional<std::int64_t> changed;
    std::optional<bool> listed;
    std::vector<std::string> languages, specializations;
    std::optional<std::int32_t> experience_years;
    std::optional<std::string> city, gender;
    std::optional<channel_prices> prices;
    std::vector<std::int32_t> stars;
    std::optional<std::int32_t> online;
    std::optional<instant> next_free_at;
    std::vector<std::string> words;
};
BOOST_DESCRIBE_STRUCT(tail_row, (),
                      (horizon, id, changed, listed, languages, specializations, experience_years, city,
                       gender, prices, stars, online, next_free_at, words))

listed_row row_of(tail_row from) {
    return {*from.id,
            *from.changed,
            *from.listed,
            std::move(from.languages),
            std::move(from.specializations),
            *from.experience_years,
            std::move(*from.city),
            std::move(from.gender),
            *from.prices,
            std::move(from.stars),
            *from.online,
            from.next_free_at,
            std::move(from.words)};
}

}  // namespace

task<void> listing_feed::read(pg::client& pg) {
    const auto asked = steady::now();
    const bool anew = index_.worn();
    std::optional<std::int64_t> horizon;
    std::vector<listed_row> changed;
    std::int64_t after = anew ? 0 : horizon_;
    user_id last{};
    for (bool more = true; more;) {
        auto rows = co_await pg.read<tail_row>(sql::tail_listing, after, last, rows_at_once);
        if (!horizon) horizon = rows.front().horizon;
        more = std::ssize(rows) == rows_at_once;
        for (auto& each : rows) {
            if (!each.id) continue;
            after = *each.changed;
            last = *each.id;
            changed.push_back(row_of(std::move(each)));
        }
    }
    // At once: between two waits nobody sees half of it.
    if (anew) index_ = {};
    index_.apply(std::move(changed));
    horizon_ = *horizon;
    asked_ = asked;
}

task<const listing_index*> listing_feed::follow(pg::client& pg) {
    while (!younger_than(renewed_after)) {
        if (!reading_) {
            struct reader {
                listing_feed& of;
                explicit reader(listing_feed& feed) : of(feed) {
                    of.reading_ = true;
                    of.read_.reset();
                }
                ~reader() {
                    of.reading_ = false;
                    of.read_.set();
                }
            } const one(*this);
            co_await read(pg);
            break;
        }
        if (younger_than(at_most)) break;
        co_await read_.wait_for(at_most);
    }
    co_return &index_;
}

}  // namespace astrotalk::directory
