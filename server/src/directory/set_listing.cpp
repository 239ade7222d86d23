#include "directory/directory.hpp"
#include "directory/queries.hpp"
#include "pg/channel.hpp"

namespace astrotalk::directory {
namespace {

struct saved {
    std::optional<std::string> gender;
    channel_prices strike_prices;
};
BOOST_DESCRIBE_STRUCT(saved, (), (gender, strike_prices))

}  // namespace

task<std::optional<error>> set_listing(service& s, user_id who, presentation what, std::string request_id) {
    std::optional<std::string> named;
    if (what.gender) named = boost::describe::enum_to_string(*what.gender, "");
    const auto strikes = what.strike_prices.value_or(channel_prices());
    const auto done = co_await s.pg.try_write<saved>(sql::save_listing, who, named, strikes.chat,
                                                     strikes.call, strikes.video, uuid::v7(), request_id);
    if (!done) co_return error::not_above_price;  // astrologer_strike and its bounds are all it can break
    if (done->empty()) co_return error::no_profile;
    co_return std::nullopt;
}

}  // namespace astrotalk::directory
