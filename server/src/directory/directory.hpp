// Finding astrologers: the public listing and one astrologer.
//
// Thread safety: none; a service and its calls belong to one loop. Errors: an outage throws pg::unavailable.
// The listing may be up to two seconds old; one astrologer is always read from the database.
#pragma once

#include <optional>
#include <span>

#include "core/task.hpp"
#include "directory/domain.hpp"
#include "directory/page_cache.hpp"
#include "http/http.hpp"
#include "http/page.hpp"
#include "pg/pg.hpp"

namespace astrotalk::directory {

// Listed astrologers after a position, in that order (equal prices in the order of ids); one more than `most`
// when there are more. `photo_url` is where photos are, with a slash at its end.
task<std::vector<astrologer>> list_astrologers(pg::client& pg, filter by, order in, position after,
                                               std::int32_t most, std::string photo_url);
// Nothing when there is none of that id, or it is not listed.
task<std::optional<astrologer>> find_astrologer(pg::client& pg, user_id id, std::string photo_url);

struct service {
    pg::client& pg;
    std::string photo_url;
    page_cache pages{};
};

std::span<const http::route<service>> routes();

}  // namespace astrotalk::directory
