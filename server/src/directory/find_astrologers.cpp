#include "directory/directory.hpp"
#include "directory/queries.hpp"

namespace astrotalk::directory {

task<std::vector<astrologer>> list_astrologers(pg::client& pg, filter by, uuid after, std::int32_t most) {
    co_return co_await pg.read<astrologer>(sql::list_astrologers, after, by.specialization, by.language,
                                           most + 1);
}

task<std::optional<astrologer>> find_astrologer(pg::client& pg, user_id id) {
    return pg.read_one<astrologer>(sql::find_astrologer, id);
}

}  // namespace astrotalk::directory
