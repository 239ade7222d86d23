#include "identity/identity.hpp"
#include "identity/queries.hpp"
#include "identity/rows.hpp"

namespace astrotalk::identity {

task<std::optional<person>> find_person(service& s, user_id id, family_id in) {
    auto row = co_await s.pg.read_one<person_row>(sql::find_person, id, in);
    if (!row) co_return std::nullopt;
    co_return to_person(s.keys, std::move(*row));
}

}  // namespace astrotalk::identity
