#include "directory/directory.hpp"
#include "directory/queries.hpp"

namespace astrotalk::directory {

task<std::optional<instant>> go_online(service& s, user_id who, std::int32_t channels) {
    const auto event = uuid::v7();
    const auto payload =
        s.bookings.seal(event, fmt::format(R"({{"astrologerId":"{}","what":"online"}})", who.to_string()));
    co_return co_await s.pg.write_one<instant>(
        sql::go_online, who, channels, static_cast<std::int32_t>(presence_lease.count()), event, payload);
}

task<void> go_offline(service& s, user_id who) { co_await s.pg.execute(sql::go_offline, who); }

task<void> end_presences(pg::client& pg) {
    while (co_await pg.execute(sql::end_presences) > 0) {
    }
}

}  // namespace astrotalk::directory
