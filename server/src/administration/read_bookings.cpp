#include "administration/administration.hpp"
#include "administration/queries.hpp"
#include "pg/channel.hpp"

namespace astrotalk::administration {

task<std::vector<booking>> read_bookings(service& s, staff who, uuid before, std::int32_t most) {
    co_return co_await s.pg.write<booking>(sql::read_bookings, before, most, uuid::v7(), who.id, who.reason,
                                           who.request_id, std::string(who.role));
}

}  // namespace astrotalk::administration
