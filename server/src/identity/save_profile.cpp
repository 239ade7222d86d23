#include "identity/identity.hpp"
#include "identity/queries.hpp"
#include "identity/rows.hpp"
#include "identity/tokens.hpp"
#include "privacy/privacy.hpp"

namespace astrotalk::identity {
namespace {

struct said_row : person_row {
    std::optional<std::string> language;
    std::optional<bytes> city_sealed;
    std::optional<instant> adult_declared_at;
    std::vector<std::string> missing;
};
BOOST_DESCRIBE_STRUCT(said_row, (person_row), (language, city_sealed, adult_declared_at, missing))

// Who has not said all of it yet corrects nothing.
std::vector<std::string> corrected(const crypto::keyring& keys, user_id id, const said_row& from,
                                   const profile_draft& to) {
    std::vector<std::string> fields;
    if (!from.name_sealed || !from.city_sealed || !from.language) return fields;
    if (open_name(keys, id, *from.name_sealed).reveal() != to.name.reveal()) fields.emplace_back("name");
    if (*from.language != to.language) fields.emplace_back("language");
    if (open_city(keys, id, *from.city_sealed).reveal() != to.city.reveal()) fields.emplace_back("city");
    return fields;
}

}  // namespace

task<std::optional<user_profile>> save_profile(pg::client& pg, const crypto::keyring& keys, user_id id,
                                               profile_draft draft, std::string request_id) {
    std::optional<instant> declared;
    auto body = [&](pg::transaction& t) -> task<void> {
        co_await t.query<user_id>(sql::lock_user, id, std::optional<bytes>());
        const auto before = co_await t.query_one<said_row>(sql::find_with_profile, id);
        declared = co_await t.query_one<instant>(sql::save_profile, id, seal_name(keys, id, draft.name),
                                                 draft.language, seal_city(keys, id, draft.city), uuid::v7(),
                                                 request_id);
        if (!before || !declared) co_return;
        co_await privacy::certify_correction(t, keys,
                                             {.subject = id,
                                              .data_class = "identity.account",
                                              .fields = corrected(keys, id, *before, draft),
                                              .by = id,
                                              .role = "user",
                                              .request_id = request_id});
    };
    co_await pg.transact(body);
    if (!declared) co_return std::nullopt;
    co_return user_profile{
        std::move(draft.name), std::move(draft.language), std::move(draft.city), *declared, {}};
}

}  // namespace astrotalk::identity
