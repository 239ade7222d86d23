#include "onboarding/onboarding.hpp"
#include "onboarding/queries.hpp"
#include "pg/channel.hpp"

namespace astrotalk::onboarding {

task<outcome<profile>> set_prices(pg::client& pg, user_id astrologer, channel_prices prices,
                                  std::string request_id) {
    auto changed = co_await pg.write_one<profile>(sql::set_prices, astrologer, prices.chat, prices.call,
                                                  prices.video, uuid::v7(), request_id);
    if (!changed) co_return refusal{error::profile_incomplete};  // prices belong to a profile
    co_return std::move(*changed);
}

}  // namespace astrotalk::onboarding
