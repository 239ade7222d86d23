#include "identity/identity.hpp"
#include "identity/queries.hpp"
#include "identity/tokens.hpp"

namespace astrotalk::identity {

task<std::optional<user_profile>> save_profile(pg::client& pg, const crypto::keyring& keys, user_id id,
                                               profile_draft draft, std::string request_id) {
    const auto declared =
        co_await pg.write_one<instant>(sql::save_profile, id, seal_name(keys, id, draft.name), draft.language,
                                       seal_city(keys, id, draft.city), uuid::v7(), request_id);
    if (!declared) co_return std::nullopt;
    co_return user_profile{
        std::move(draft.name), std::move(draft.language), std::move(draft.city), *declared, {}};
}

}  // namespace astrotalk::identity
