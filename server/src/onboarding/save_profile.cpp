#include "onboarding/onboarding.hpp"
#include "onboarding/queries.hpp"
#include "onboarding/violations.hpp"
#include "pg/channel.hpp"

namespace astrotalk::onboarding {

task<std::optional<profile>> find_profile(pg::client& pg, user_id astrologer) {
    co_return co_await pg.read_one<profile>(sql::find_profile, astrologer);
}

task<outcome<profile>> save_profile(pg::client& pg, user_id astrologer, profile_draft draft,
                                    std::string request_id) {
    auto saved = co_await pg.try_write<profile>(sql::save_profile, astrologer, draft.display_name, draft.bio,
                                                draft.languages, draft.specializations,
                                                draft.experience_years, draft.city, uuid::v7(), request_id);
    if (!saved) {
        profile edited;
        edited.bio = draft.bio;
        edited.languages = draft.languages;
        edited.specializations = draft.specializations;
        edited.city = draft.city;
        co_return refusal{error_of(saved.error()), missing(edited)};
    }
    co_return std::move(saved->front());
}

}  // namespace astrotalk::onboarding
