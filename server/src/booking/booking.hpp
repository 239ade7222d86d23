// Booking a consultation: free slots, holds, bookings and their end.
//
// Thread safety: none; a service and its calls belong to one loop. Errors: refusals are values
// (booking::refusal), an outage throws pg::unavailable. A use case that takes a key answers the same to the
// same key and body, and does its work once however many requests race (wallet, ledger, audit trail and
// outbox are written by the same statement).
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "booking/domain.hpp"
#include "booking/ends.hpp"
#include "booking/funnel.hpp"
#include "booking/gone_parties.hpp"
#include "core/result.hpp"
#include "core/secret.hpp"
#include "core/task.hpp"
#include "http/http.hpp"
#include "pg/pg.hpp"

namespace astrotalk::booking {

struct refusal {
    error why;
    std::vector<slot> alternatives{};
    std::optional<shortage> funds{};
    std::vector<std::string> missing{};  // as JSON pointers into PUT /v1/me/profile
    std::optional<money> refund{};       // that there is now, or that is left
    std::vector<booking_id> in_the_way{};
    std::int32_t holds = 0;  // in the way beside them
};

// Who asks, for the decision and for the audit trail. `role` is user, astrologer or admin.
struct caller {
    user_id id;
    std::string role;
    std::string request_id;
};

// What an operation with a key answered: `body` is JSON. `id` is that of the hold or booking, nil when
// replayed.
struct answer {
    int status = 200;
    std::string body;
    bool replayed = false;
    uuid id{};
};

template <class T>
using outcome = result<T, refusal>;

// Seals an outbox payload for the row of that id.
using sealer = std::function<bytes(uuid outbox_id, std::string_view json)>;

struct service {
    pg::client& pg;
    sealer seal;
    std::chrono::seconds hold_lifetime{300};
    policy terms{};  // of what is sold from now on
};

struct hold_request {
    user_id astrologer_id;
    instant starts_at;
    std::int32_t minutes = 0;  // is_length, or is_free_length
    astrotalk::channel channel{};
    std::optional<bool> free{};  // the first consultation, which costs nothing
    BOOST_DESCRIBE_CLASS(hold_request, (), (astrologer_id, starts_at, minutes, channel, free), (), ())
};

// Holds a slot for its user alone, in place of the hold they may have.
task<outcome<answer>> hold_slot(service& s, caller who, http::idempotency_key key, hold_request asked);
// The caller's own hold while it lasts.
task<std::optional<hold>> view_hold(service& s, user_id who, occupancy_id id);
// False when there is no such hold (any more).
task<bool> release_hold(service& s, caller who, occupancy_id id);
// Once, by a lifetime, for who has to find the money first. It never outlives the start.
task<outcome<answer>> extend_hold(service& s, caller who, http::idempotency_key key, occupancy_id id);

// Turns the caller's hold into a booking and sets its price aside in their wallet.
task<outcome<answer>> book(service& s, caller who, http::idempotency_key key, occupancy_id hold);
// By its user, its astrologer or an admin, before it starts; the money by the policy that it was sold under.
// Nothing is done when less would go back than the caller was `shown`.
task<outcome<answer>> cancel_booking(service& s, caller who, http::idempotency_key key, booking_id id,
                                     std::optional<std::string> reason, std::optional<money> shown = {});
// What cancelling would do now; refused as cancelling is.
task<outcome<cancellation>> preview_cancellation(service& s, caller who, booking_id id);
// To another time of the same length, for the same price, in one move: a refusal leaves everything as it was.
task<outcome<answer>> reschedule_booking(service& s, caller who, http::idempotency_key key, booking_id id,
                                         instant starts_at);
// That side is there. The first time counts; again is the same answer.
task<outcome<booking>> check_in(service& s, caller who, booking_id id);

// What staff decides: a booking took place, somebody did not come, or money goes back. Of a booking that has
// ended, only the last: a correcting journal.
enum class verdict : std::uint8_t { complete, no_show, refund };
BOOST_DESCRIBE_ENUM(verdict, complete, no_show, refund)
enum class absentee : std::uint8_t { user, astrologer };
BOOST_DESCRIBE_ENUM(absentee, user, astrologer)
struct decision {
    verdict outcome{};
    std::optional<money> amount;   // of a refund; nothing: all that is left
    std::optional<absentee> side;  // of a no-show
    std::string reason;
    BOOST_DESCRIBE_CLASS(decision, (), (outcome, amount, side, reason), (), ())
};
task<outcome<answer>> override_booking(service& s, caller who, http::idempotency_key key, booking_id id,
                                       decision by);

// Ends the bookings that are due, by who checked in, until none is left; says how many. A background duty;
// several at once end each booking once.
task<std::int64_t> settle_bookings(service& s);

task<std::optional<booking>> find_booking(service& s, booking_id id);
// Newest first, before that id; at most `most`.
task<std::vector<booking>> list_bookings_of_user(service& s, user_id who, booking_id before,
                                                 std::int32_t most);
task<std::vector<booking>> list_bookings_of_astrologer(service& s, user_id who, booking_id before,
                                                       std::int32_t most);

// One day on the viewer's calendar, and the wall times with their offsets at which its slots start there.
struct viewer_day {
    std::string date;
    std::vector<std::string> starts;
    BOOST_DESCRIBE_CLASS(viewer_day, (), (date, starts), (), ())
};
struct slot_page {
    std::string zone;
    std::int32_t minutes = 0;
    astrotalk::channel channel{};
    money price;
    std::vector<slot> items;
    std::optional<std::string> viewer_zone;
    std::optional<std::vector<viewer_day>> days;  // all of `items`, in their order
    BOOST_DESCRIBE_CLASS(slot_page, (), (zone, minutes, channel, price, items, viewer_zone, days), (), ())
};
// What `who` could book of that astrologer by that channel. Without `minutes` (0): a free consultation. A
// zone, which find_zone knows, puts the slots on its calendar.
task<outcome<slot_page>> list_slots(service& s, user_id who, user_id astrologer, range within,
                                    std::int32_t minutes, channel by,
                                    std::optional<std::string> viewer_zone = {});

// The first starts that `who` could book of an astrologer, of the shortest consultation that costs something,
// at most `most` and no later than `horizon` from now. Nothing when the astrologer is not listed.
struct next_slots {
    std::int32_t minutes = 0;
    astrotalk::channel channel{};
    std::vector<slot> items;
    BOOST_DESCRIBE_CLASS(next_slots, (), (minutes, channel, items), (), ())
};
task<std::optional<next_slots>> find_next_slots(service& s, user_id who, user_id astrologer,
                                                std::chrono::days horizon, std::size_t most);

// Ends holds whose time is over, some hundred at a time, until none is left; says how many. A background
// duty: a stale hold is in nobody's way before it.
task<std::int64_t> expire_holds(pg::client& pg);

// The answer to a refusal: shared with other routes, so that a code means one thing.
http::response refused(const refusal& why);
// Its stable code, as answers and logs name it.
std::string_view code_of(error why);

std::span<const http::route<service>> routes();
std::span<const http::route<service>> end_routes();  // how holds and bookings end
// Of what astrologers decide about their days and their time off.
std::span<const http::route<service>> availability_routes();

}  // namespace astrotalk::booking
