// What the apps show as news: a user's notifications, the stream of new ones, and the devices that are told.
//
// A stream (server-sent events) begins with what came after Last-Event-ID, if the client has one, else with
// nothing; a client that opens its stream first and reads the list then misses nothing. An event may come
// twice: its id tells. Streams ask no database by themselves: one query of the node finds what is new and
// wakes those whose user it concerns.
//
// Thread safety: an inbox belongs to one loop; a live_feed is shared by all. Errors: an outage throws
// pg::unavailable; a stream ends, and its client comes again.
#pragma once

#include <boost/describe.hpp>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "core/secret.hpp"
#include "core/task.hpp"
#include "crypto/keyring.hpp"
#include "http/http.hpp"
#include "jobs/sealed_data.hpp"
#include "notification/live_feed.hpp"
#include "pg/pg.hpp"

namespace astrotalk::notification {

struct notice {
    uuid id;
    std::string kind;
    std::string params;  // a JSON object without personal data
    instant created_at;
    std::optional<instant> read_at;
    BOOST_DESCRIBE_CLASS(notice, (), (id, kind, params, created_at, read_at), (), ())
};

struct inbox {
    pg::client& pg;
    const crypto::keyring& keys;
    live_feed& feed;
    // Whether an access token is good still. May ask the database.
    std::function<task<bool>(std::string_view bearer)> is_valid;
    std::chrono::milliseconds heartbeat{15'000};  // proxies cut what is silent for a minute
    std::chrono::milliseconds token_check{5'000};
};

// Newest first, from before the id `before`; one row more than `most` when there are more.
task<std::vector<notice>> list_notifications(inbox& s, user_id whose, uuid before, std::int32_t most);
task<std::int64_t> count_unread(inbox& s, user_id whose);
// That one and all before it. How many are unread afterwards.
task<std::int64_t> mark_read(inbox& s, user_id whose, uuid up_to);

// The answer to GET /v1/notifications/stream, or why there is none.
task<result<http::response, live_feed::full>> stream_notifications(inbox& s, user_id whose, secret bearer,
                                                                   std::optional<uuid> after);

// The booking as a file for calendars, for one of its sides; nothing for anybody else.
task<std::optional<std::string>> read_calendar(inbox& s, user_id who, booking_id of);

enum class platform : std::uint8_t { android, ios, web };
BOOST_DESCRIBE_ENUM(platform, android, ios, web)

struct device {
    uuid id;
    std::string platform;
    instant created_at;
    BOOST_DESCRIBE_CLASS(device, (), (id, platform, created_at), (), ())
};
// The device of that token, whoever had it before.
task<device> register_device(inbox& s, user_id whose, secret token, platform on);
// False when they have none of that id.
task<bool> remove_device(inbox& s, user_id whose, uuid id);

// How a device's token is sealed.
inline constexpr std::string_view device_purpose = "device.token";
std::string place_of_device(const std::string& row);
std::span<const jobs::sealed_column> sealed_columns();

// For schedules. The first, every 200 ms on every node, wakes the streams of those who have news.
task<void> tail_notifications(pg::client& database, live_feed& feed);
task<void> prune_notifications(pg::client& database);  // 90 days; devices not seen for a year

std::span<const http::route<inbox>> routes();

}  // namespace astrotalk::notification
