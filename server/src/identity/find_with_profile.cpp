#include "identity/identity.hpp"
#include "identity/queries.hpp"
#include "identity/rows.hpp"

namespace astrotalk::identity {
namespace {

struct profile_row : person_row {
    std::optional<std::string> language;
    std::optional<bytes> city_sealed;
    std::optional<instant> adult_declared_at;
    std::vector<std::string> missing;
};
BOOST_DESCRIBE_STRUCT(profile_row, (person_row), (language, city_sealed, adult_declared_at, missing))

}  // namespace

task<std::optional<profiled_person>> find_with_profile(service& s, user_id id) {
    auto row = co_await s.pg.read_one<profile_row>(sql::find_with_profile, id);
    if (!row) co_return std::nullopt;
    user_profile profile{.name = {},
                         .language = std::move(row->language),
                         .city = {},
                         .adult_declared_at = row->adult_declared_at,
                         .missing = std::move(row->missing)};
    if (row->city_sealed) profile.city = open_city(s.keys, id, *row->city_sealed);
    person who = to_person(s.keys, std::move(*row));
    profile.name = who.name;
    co_return profiled_person{std::move(who), std::move(profile)};
}

}  // namespace astrotalk::identity
