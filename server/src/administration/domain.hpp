// What staff sees. Pure: no I/O, no JSON text, no SQL.
#pragma once

#include <boost/describe.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/channel.hpp"
#include "core/clock.hpp"
#include "core/ids.hpp"
#include "core/money.hpp"
#include "core/secret.hpp"

namespace astrotalk::administration {

struct user {
    user_id id;
    std::string user_type;
    std::vector<std::string> groups;
    std::string phone;  // masked
    std::optional<std::string> profile_status;
    bool enabled = false, confirmed = false;
    instant created_at;
};
BOOST_DESCRIBE_STRUCT(user, (),
                      (id, user_type, groups, phone, profile_status, enabled, confirmed, created_at))

struct booking {
    booking_id id;
    astrotalk::user_id user_id, astrologer_id;
    std::string astrologer_name;
    instant starts_at, ends_at;
    std::int32_t minutes = 0;
    astrotalk::channel channel{};
    money price_per_minute, price;
    std::string state;
    std::optional<std::string> cancelled_by;
    std::optional<instant> cancelled_at;
    std::optional<money> refund;
    instant created_at;
};
BOOST_DESCRIBE_STRUCT(booking, (),
                      (id, user_id, astrologer_id, astrologer_name, starts_at, ends_at, minutes, channel,
                       price_per_minute, price, state, cancelled_by, cancelled_at, refund, created_at))

struct audit_entry {
    std::optional<std::int64_t> seq;  // absent until sealed
    uuid id;
    instant at;
    std::optional<uuid> actor_id;
    std::string actor_role, action, subject_kind;
    std::optional<uuid> subject_id;
    std::optional<std::string> reason;
    std::optional<std::string> detail;  // a JSON object
};
BOOST_DESCRIBE_STRUCT(audit_entry, (),
                      (seq, id, at, actor_id, actor_role, action, subject_kind, subject_id, reason, detail))

// An effect that the outbox gave up on. What it carries stays sealed.
struct dead_letter {
    uuid id;
    std::string kind;
    std::int32_t attempts = 0;
    std::optional<std::string> last_error;
    instant dead_at, created_at;
};
BOOST_DESCRIBE_STRUCT(dead_letter, (), (id, kind, attempts, last_error, dead_at, created_at))

// Where a page of profiles ordered by submission continues.
struct queue_position {
    instant submitted_at;
    uuid id;
};
std::string to_cursor(const queue_position& at);
std::optional<queue_position> from_cursor(std::string_view cursor);

}  // namespace astrotalk::administration
