#include "onboarding/onboarding.hpp"
#include "onboarding/queries.hpp"
#include "onboarding/violations.hpp"
#include "pg/channel.hpp"

namespace astrotalk::onboarding {

task<outcome<profile>> submit_profile(pg::client& pg, user_id astrologer, std::string request_id,
                                      bool quality_review) {
    const auto saved = co_await find_profile(pg, astrologer);
    if (!saved) co_return refusal{error::profile_incomplete, missing({})};
    if (saved->status == "pending" || saved->status == "approved")
        co_return refusal{error::already_submitted};
    if (auto lacking = missing(*saved); !lacking.empty())
        co_return refusal{error::profile_incomplete, std::move(lacking)};

    auto submitted = co_await pg.try_write<profile>(sql::submit_profile, astrologer, uuid::v7(), request_id,
                                                    quality_review, uuid::v7());
    if (!submitted) co_return refusal{error_of(submitted.error())};  // an edit came in between
    if (submitted->empty()) co_return refusal{error::already_submitted};
    co_return std::move(submitted->front());
}

}  // namespace astrotalk::onboarding
