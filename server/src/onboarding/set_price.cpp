#include "onboarding/onboarding.hpp"
#include "onboarding/queries.hpp"

namespace astrotalk::onboarding {

task<outcome<profile>> set_price(pg::client& pg, user_id astrologer, money per_minute,
                                 std::string request_id) {
    auto changed =
        co_await pg.write_one<profile>(sql::set_price, astrologer, per_minute, uuid::v7(), request_id);
    if (!changed) co_return refusal{error::profile_incomplete};  // a price belongs to a profile
    co_return std::move(*changed);
}

}  // namespace astrotalk::onboarding
