#include <fmt/format.h>

#include <exception>
#include <functional>
#include <stdexcept>

#include "booking/booking.hpp"
#include "core/loop.hpp"
#include "crypto/crypto.hpp"
#include "demo/demo.hpp"
#include "demo/invent.hpp"
#include "identity/identity.hpp"
#include "jobs/jobs.hpp"
#include "onboarding/onboarding.hpp"

namespace astrotalk::demo {
namespace {

using namespace std::chrono_literals;

constexpr const char* request_id = "demo";
constexpr std::int32_t consultation_minutes = 15;

[[noreturn]] void refused(const char* what, int why) {
    throw std::runtime_error(fmt::format("demo data: {} was refused (error {})", what, why));
}

// Everybody who works on one list together: as many statements under way as there are workers.
struct crew {
    std::size_t next = 0, count = 0, working = 0;
    std::exception_ptr failure;
    event done;
};
using errand = std::function<task<void>(std::size_t)>;

task<void> work(crew& with, const errand& each) {
    try {
        while (with.next < with.count && !with.failure) co_await each(with.next++);
    } catch (...) {
        with.failure = std::current_exception();
    }
    if (--with.working == 0) with.done.set();
}

task<void> for_each(std::size_t count, errand each) {
    constexpr std::size_t workers = 16;
    crew all;
    all.count = count;
    all.working = workers;
    for (std::size_t i = 0; i < workers; ++i) spawn(work(all, each));
    while (!all.done.is_set()) co_await all.done.wait_for(1h);
    if (all.failure) std::rethrow_exception(all.failure);
}

// What the load knows while it runs. Ids stand where their inventions stand.
struct state {
    pg::client& pg;
    const crypto::keyring& keys;
    booking::service bookings;
    onboarding::kyc::service kyc;
    options how;
    std::vector<invented_astrologer> astrologers;
    std::vector<invented_user> users;
    std::vector<user_id> astrologer_ids, user_ids;
    summary done;
};

task<user_id> enroll(state& s, std::string phone, std::string name, identity::user_kind kind) {
    const auto number = identity::phone_number::parse(phone, identity::phone_plan::india());
    if (!number) throw std::runtime_error("demo data: an invented phone is not one");
    identity::new_person who{*number, personal(std::move(name)), kind, {}, s.how.welcome_bonus};
    co_return co_await identity::create_person(s.pg, s.keys, std::move(who));
}

// Whose papers staff accept is approved by that: the profile waits for nothing else.
task<void> accept(state& s, user_id id) {
    const auto done = co_await onboarding::kyc::accept_papers(
        s.kyc, {s.how.admin, "admin", "Demonstration: papers seen at a visit", request_id}, id);
    if (!done && done.error().why != onboarding::kyc::error::already_verified)
        refused("somebody's papers", static_cast<int>(done.error().why));
}

task<void> reject(state& s, user_id id) {
    onboarding::decision made{id, onboarding::verdict::reject, s.how.admin,
                              "Demonstration: please add where you learned", request_id};
    const auto answer = co_await onboarding::decide_profile(s.pg, std::move(made));
    if (!answer && answer.error().code != onboarding::error::not_pending)
        refused("a decision", static_cast<int>(answer.error().code));
}

task<void> make_astrologer(state& s, std::size_t at) {
    const auto& made = s.astrologers[at];
    const auto id =
        co_await enroll(s, made.phone, made.profile.display_name, identity::user_kind::astrologer);
    s.astrologer_ids[at] = id;
    const auto saved = co_await onboarding::save_profile(s.pg, s.keys, id, made.profile, request_id);
    if (!saved) refused("a profile", static_cast<int>(saved.error().code));
    const auto priced = co_await onboarding::set_prices(s.pg, id, made.prices, request_id);
    if (!priced) refused("prices", static_cast<int>(priced.error().code));
    const auto hours = co_await onboarding::set_availability(s.pg, id, made.hours, request_id);
    if (!hours) refused("weekly hours", static_cast<int>(hours.error().code));
    const auto submitted = co_await onboarding::submit_profile(s.pg, id, request_id);
    if (!submitted && submitted.error().code != onboarding::error::already_submitted)
        refused("a submission", static_cast<int>(submitted.error().code));
    if (made.ends == fate::approved) co_await accept(s, id);
    if (made.ends == fate::rejected) co_await reject(s, id);
    ++(made.ends == fate::approved ? s.done.astrologers : s.done.waiting);
}

// The same key for the same deed, so that loading again does nothing twice.
http::idempotency_key key_of(const char* deed, std::size_t user) {
    const auto key = fmt::format("demo-{}-{}", deed, user);
    const auto digest = crypto::sha256(key);
    return {key, {digest.begin(), digest.end()}};
}

// Users take turns at the channels; where the welcome bonus does not reach they chat.
channel within_bonus(const state& s, const channel_prices& prices, std::size_t user) {
    const channel turn = every_channel[user % every_channel.size()];
    const auto& price = prices.of(turn);
    return price && *price * consultation_minutes <= s.how.welcome_bonus ? turn : channel::chat;
}

// A quarter of an hour in the coming week with an astrologer whom the welcome bonus can pay; nil when held
// before.
task<occupancy_id> hold_some_slot(state& s, std::size_t user) {
    constexpr std::size_t cheap_every = 8;  // invent_astrologers says so
    const auto at = user * cheap_every % s.how.astrologers;
    const auto astrologer = s.astrologer_ids[at];
    const auto by = within_bonus(s, s.astrologers[at].prices, user);
    const booking::caller who{s.user_ids[user], "user", request_id};
    const auto now = clock::now();
    const auto free = co_await booking::list_slots(s.bookings, who.id, astrologer, {now + 24h, now + 24h * 8},
                                                   consultation_minutes, by);
    if (!free) refused("a look at free slots", static_cast<int>(free.error().why));
    if (free->items.empty()) throw std::runtime_error("demo data: an astrologer has no free slot all week");
    const auto& slot = free->items[user * 7 % free->items.size()];
    const auto held = co_await booking::hold_slot(s.bookings, who, key_of("hold", user),
                                                  {astrologer, slot.starts_at, consultation_minutes, by});
    if (!held) refused("a hold", static_cast<int>(held.error().why));
    co_return occupancy_id{held->replayed ? uuid{} : held->id};
}

// Of twenty users twelve book, of whom one cancels and one is cancelled upon; three only hold; the others
// have just come.
task<void> make_user(state& s, std::size_t at) {
    const auto& made = s.users[at];
    s.user_ids[at] = co_await enroll(s, made.phone, made.name, identity::user_kind::user);
    identity::profile_draft draft{personal(made.name), made.language, personal(made.city), true};
    if (!co_await identity::save_profile(s.pg, s.keys, s.user_ids[at], std::move(draft), request_id))
        throw std::runtime_error("demo data: a profile was refused");
    ++s.done.users;
    if (at % 20 >= 15 || s.how.astrologers == 0) co_return;
    const auto hold = co_await hold_some_slot(s, at);
    if (hold.value.is_nil()) co_return;
    if (at % 20 >= 12) {
        ++s.done.holds;
        co_return;
    }
    const booking::caller who{s.user_ids[at], "user", request_id};
    const auto booked = co_await booking::book(s.bookings, who, key_of("book", at), hold);
    if (!booked) refused("a booking", static_cast<int>(booked.error().why));
    ++s.done.bookings;
    if (at % 20 >= 2) co_return;
    const auto id = booking_id{booked->id};
    const auto found = co_await booking::find_booking(s.bookings, id);
    if (!found) throw std::runtime_error("demo data: a booking is gone");
    const bool by_user = at % 20 == 0;
    const booking::caller quits =
        by_user ? who : booking::caller{found->astrologer_id, "astrologer", request_id};
    const std::optional<std::string> reason = by_user ? "Something came up" : "Travelling that day";
    const auto cancelled =
        co_await booking::cancel_booking(s.bookings, quits, key_of("cancel", at), id, reason);
    if (!cancelled) refused("a cancellation", static_cast<int>(cancelled.error().why));
    ++s.done.cancelled;
}

}  // namespace

task<summary> load_demo(pg::client& pg, const crypto::keyring& keys, options how) {
    const booking::sealer seal = [&keys](uuid id, std::string_view json) {
        return jobs::seal_payload(keys, id, json);
    };
    // The papers of invented people are accepted by staff: nobody asks Digio about them.
    http::client out;
    http::breaker guard;
    onboarding::digio::client digio(out, guard, {});
    const onboarding::kyc::policy policy;
    state s{pg, keys, {pg, seal}, {pg, keys, digio, policy}, how, {}, {}, {}, {}, {}};
    s.astrologers = invent_astrologers(how.seed, how.astrologers);
    s.users = invent_users(how.seed, how.users);
    s.astrologer_ids.resize(s.astrologers.size());
    s.user_ids.resize(s.users.size());
    co_await for_each(s.astrologers.size(), [&s](std::size_t at) { return make_astrologer(s, at); });
    co_await for_each(s.users.size(), [&s](std::size_t at) { return make_user(s, at); });

    if (!s.users.empty()) s.done.user_phone = s.users.front().phone;
    for (const auto& each : s.astrologers) {
        auto& phone = each.ends == fate::approved ? s.done.astrologer_phone : s.done.waiting_astrologer_phone;
        if (phone.empty()) phone = each.phone;
    }
    co_return std::move(s.done);
}

}  // namespace astrotalk::demo
