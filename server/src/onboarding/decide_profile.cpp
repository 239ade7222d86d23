#include "onboarding/onboarding.hpp"
#include "onboarding/queries.hpp"
#include "pg/channel.hpp"

namespace astrotalk::onboarding {

task<outcome<profile>> decide_profile(pg::client& pg, decision made) {
    const std::string_view status = made.what == verdict::approve ? "approved" : "rejected";
    auto decided = co_await pg.write_one<profile>(sql::decide_profile, made.astrologer, status, made.by,
                                                  made.reason, uuid::v7(), made.request_id);
    if (decided) co_return std::move(*decided);
    const auto found = co_await find_profile(pg, made.astrologer);
    if (!found) co_return refusal{error::astrologer_not_found};
    const bool open = found->status == "pending" && made.by != made.astrologer;
    co_return refusal{open ? error::kyc_not_completed : error::not_pending};
}

task<std::vector<profile>> list_profiles(pg::client& pg, std::string status, instant submitted_after,
                                         uuid id_after, std::int32_t most) {
    co_return co_await pg.read<profile>(sql::list_profiles, status, submitted_after, id_after, most);
}

}  // namespace astrotalk::onboarding
