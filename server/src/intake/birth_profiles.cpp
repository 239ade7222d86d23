#include "intake/queries.hpp"
#include "intake/steps.hpp"

namespace astrotalk::intake {
namespace {

struct profile_row {
    uuid id;
    bytes details_sealed;
    instant created_at, updated_at;
};
BOOST_DESCRIBE_STRUCT(profile_row, (), (id, details_sealed, created_at, updated_at))

// Who loses that many races for a slot finds all of them taken.
constexpr int most_tries = most_profiles + 1;

}  // namespace

task<std::vector<birth_profile>> list_birth_profiles(service& s, user_id whose) {
    std::vector<birth_profile> found;
    for (auto& row : co_await s.pg.read<profile_row>(sql::list_birth_profiles, whose))
        if (auto birth = open_birth(s.keys, details_purpose, row.id, row.details_sealed))
            found.push_back({row.id, std::move(*birth), row.created_at, row.updated_at});
    co_return found;
}

task<outcome<birth_profile>> add_birth_profile(service& s, writer who, birth what) {
    const auto id = uuid::v7();
    const auto sealed = seal_birth(s.keys, details_purpose, id, what);
    for (int tries = 0; tries < most_tries; ++tries) {
        const auto made = co_await s.pg.write_one<profile_row>(sql::add_birth_profile, id, who.id, sealed,
                                                               uuid::v7(), who.request_id);
        if (made) co_return birth_profile{made->id, std::move(what), made->created_at, made->updated_at};
        const auto count = co_await s.pg.write_one<std::int32_t>(sql::count_birth_profiles, who.id);
        if (*count >= most_profiles) co_return error::too_many_profiles;
    }
    throw pg::unavailable();
}

task<outcome<birth_profile>> change_birth_profile(service& s, writer who, uuid id, birth what) {
    const auto sealed = seal_birth(s.keys, details_purpose, id, what);
    const auto changed = co_await s.pg.write_one<profile_row>(sql::change_birth_profile, id, who.id, sealed,
                                                              uuid::v7(), who.request_id);
    if (!changed) co_return error::profile_not_found;
    co_return birth_profile{changed->id, std::move(what), changed->created_at, changed->updated_at};
}

task<bool> remove_birth_profile(service& s, writer who, uuid id) {
    const auto gone =
        co_await s.pg.write_one<uuid>(sql::remove_birth_profile, id, who.id, uuid::v7(), who.request_id);
    co_return gone.has_value();
}

}  // namespace astrotalk::intake
