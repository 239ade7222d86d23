#include "directory/directory.hpp"
#include "directory/queries.hpp"

namespace astrotalk::directory {

task<std::vector<astrologer>> list_astrologers(pg::client& pg, filter by, uuid after, std::int32_t most,
                                               std::string photo_url) {
    co_return co_await pg.read<astrologer>(sql::list_astrologers, after, by.specialization, by.language,
                                           most + 1, photo_url);
}

task<std::optional<astrologer>> find_astrologer(pg::client& pg, user_id id, std::string photo_url) {
    co_return co_await pg.read_one<astrologer>(sql::find_astrologer, id, photo_url);
}

}  // namespace astrotalk::directory
