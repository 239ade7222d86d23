#include "notification/calendar.hpp"
#include "notification/inbox.hpp"
#include "notification/queries.hpp"

namespace astrotalk::notification {
namespace {

struct entry_row {
    astrotalk::user_id astrologer_id;
    instant starts_at, ends_at, created_at;
    std::string state, channel, astrologer_name, astrologer_zone;
    std::int32_t changes = 0;
    std::optional<std::string> language;
};
BOOST_DESCRIBE_STRUCT(entry_row, (),
                      (astrologer_id, starts_at, ends_at, created_at, state, channel, astrologer_name,
                       astrologer_zone, changes, language))

}  // namespace

task<std::optional<std::string>> read_calendar(inbox& s, user_id who, booking_id of) {
    const auto row = co_await s.pg.read_one<entry_row>(sql::find_calendar_entry, of, who);
    if (!row) co_return std::nullopt;
    const bool astrologer = row->astrologer_id == who;
    co_return calendar_text({.id = of,
                             .starts_at = row->starts_at,
                             .ends_at = row->ends_at,
                             .created_at = row->created_at,
                             .zone = astrologer ? row->astrologer_zone : user_zone,
                             .astrologer_name = row->astrologer_name,
                             .channel = row->channel,
                             .cancelled = row->state == "cancelled",
                             .revision = revision_of(row->state, row->changes),
                             .reader = astrologer ? side::astrologer : side::user,
                             .language = sms::language_of(row->language.value_or("en"))},
                            clock::now());
}

}  // namespace astrotalk::notification
