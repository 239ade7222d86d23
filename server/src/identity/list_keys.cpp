#include "identity/identity.hpp"
#include "identity/queries.hpp"

namespace astrotalk::identity {

BOOST_DESCRIBE_STRUCT(key_entry, (), (kid, token_use, supplied, signs_from, retired_at, state))

task<std::vector<key_entry>> list_keys(pg::client& pg) { return pg.read<key_entry>(sql::list_keys); }

}  // namespace astrotalk::identity
