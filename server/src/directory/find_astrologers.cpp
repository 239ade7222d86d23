#include "directory/directory.hpp"
#include "directory/queries.hpp"
#include "pg/channel.hpp"

namespace astrotalk::directory {
namespace {

constexpr money any_price{std::numeric_limits<std::int64_t>::max()};

}  // namespace

task<std::vector<astrologer>> list_astrologers(pg::client& pg, filter by, order in, position after,
                                               std::int32_t most, std::string photo_url) {
    std::optional<std::string_view> channel;
    if (by.by) channel = name_of(*by.by);
    const money least = by.min_price.value_or(money{0}), dearest = by.max_price.value_or(any_price);
    if (in == order::by_price)
        co_return co_await pg.read<astrologer>(sql::list_by_price, after.id, by.specialization, by.language,
                                               channel, least, dearest, most + 1, photo_url, after.price);
    co_return co_await pg.read<astrologer>(sql::list_astrologers, after.id, by.specialization, by.language,
                                           channel, least, dearest, most + 1, photo_url);
}

task<std::optional<astrologer>> find_astrologer(pg::client& pg, user_id id, std::string photo_url) {
    co_return co_await pg.read_one<astrologer>(sql::find_astrologer, id, photo_url);
}

}  // namespace astrotalk::directory
