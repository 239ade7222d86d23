#include "onboarding/onboarding.hpp"
#include "onboarding/queries.hpp"
#include "onboarding/violations.hpp"
#include "pg/channel.hpp"
#include "privacy/privacy.hpp"

namespace astrotalk::onboarding {
namespace {

std::vector<std::string> corrected(const profile& from, const profile& to) {
    std::vector<std::string> fields;
    const auto note = [&](bool same, const char* name) {
        if (!same) fields.emplace_back(name);
    };
    note(from.display_name == to.display_name, "displayName");
    note(from.bio == to.bio, "bio");
    note(from.languages == to.languages, "languages");
    note(from.specializations == to.specializations, "specializations");
    note(from.experience_years == to.experience_years, "experienceYears");
    note(from.city == to.city, "city");
    return fields;
}

task<profile> save(pg::transaction& t, const crypto::keyring& keys, user_id astrologer,
                   const profile_draft& draft, const std::string& request_id) {
    co_await t.query<user_id>(sql::lock_astrologer, astrologer);
    const auto before = co_await t.query_one<profile>(sql::find_profile, astrologer);
    auto saved = co_await t.query_one<profile>(sql::save_profile, astrologer, draft.display_name, draft.bio,
                                               draft.languages, draft.specializations, draft.experience_years,
                                               draft.city, uuid::v7(), request_id);
    if (before)
        co_await privacy::certify_correction(t, keys,
                                             {.subject = astrologer,
                                              .data_class = "onboarding.profile",
                                              .fields = corrected(*before, *saved),
                                              .by = astrologer,
                                              .role = "astrologer",
                                              .request_id = request_id});
    co_return std::move(*saved);
}

}  // namespace

task<std::optional<profile>> find_profile(pg::client& pg, user_id astrologer) {
    co_return co_await pg.read_one<profile>(sql::find_profile, astrologer);
}

task<outcome<profile>> save_profile(pg::client& pg, const crypto::keyring& keys, user_id astrologer,
                                    profile_draft draft, std::string request_id) {
    profile saved;
    auto body = [&](pg::transaction& t) -> task<void> {
        saved = co_await save(t, keys, astrologer, draft, request_id);
    };
    try {
        co_await pg.transact(body);
    } catch (const pg::error& e) {
        if (!e.sqlstate().starts_with("23")) throw;
        profile edited;
        edited.bio = draft.bio;
        edited.languages = draft.languages;
        edited.specializations = draft.specializations;
        edited.city = draft.city;
        co_return refusal{error_of({e.constraint()}), missing(edited)};
    }
    co_return saved;
}

}  // namespace astrotalk::onboarding
