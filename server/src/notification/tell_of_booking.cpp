#include "notification/parts.hpp"
#include "notification/queries.hpp"

namespace astrotalk::notification {
namespace {

struct booking_event {
    astrotalk::booking_id booking_id;
    std::optional<std::int32_t> moves;  // of a move: which one
    BOOST_DESCRIBE_CLASS(booking_event, (), (booking_id, moves), (), ())
};

struct parties {
    astrotalk::user_id user_id;
    bytes user_phone;
    std::optional<std::string> user_language;
    bool user_deleted = false;
    std::vector<uuid> user_devices;
    astrotalk::user_id astrologer_id;
    bytes astrologer_phone;
    std::optional<std::string> astrologer_language;
    bool astrologer_deleted = false;
    std::vector<uuid> astrologer_devices;
    std::string astrologer_name, astrologer_zone;
    instant starts_at;
    std::int32_t minutes;
    money price;
    std::optional<money> refund;
    std::string state;
    std::int32_t reschedules = 0;
    std::optional<std::string> cancelled_by, no_show_by;
};
BOOST_DESCRIBE_STRUCT(parties, (),
                      (user_id, user_phone, user_language, user_deleted, user_devices, astrologer_id,
                       astrologer_phone, astrologer_language, astrologer_deleted, astrologer_devices,
                       astrologer_name, astrologer_zone, starts_at, minutes, price, refund, state,
                       reschedules, cancelled_by, no_show_by))

booking_facts facts_of(const parties& p) {
    return {p.astrologer_name, p.astrologer_zone, p.starts_at, p.minutes,
            p.price,           p.cancelled_by,    p.refund,    p.no_show_by};
}

// For the app to say in its own words.
struct booking_params {
    astrotalk::booking_id booking_id;
    instant starts_at;
    std::optional<std::string> cancelled_by, no_show_by, before;
};
BOOST_DESCRIBE_STRUCT(booking_params, (), (booking_id, starts_at, cancelled_by, no_show_by, before))

// One of the two, as their half of the row says.
struct listener {
    user_id id;
    side as;
    const bytes& phone;
    const std::optional<std::string>& language;
    const std::vector<uuid>& devices;
};

std::vector<listener> listeners_of(const parties& p) {
    std::vector<listener> all;
    if (!p.user_deleted)
        all.push_back({p.user_id, side::user, p.user_phone, p.user_language, p.user_devices});
    if (!p.astrologer_deleted)
        all.push_back({p.astrologer_id, side::astrologer, p.astrologer_phone, p.astrologer_language,
                       p.astrologer_devices});
    return all;
}

// What matters enough to come by SMS: that there is a booking, when it is, and that there is none.
std::optional<sms::written> by_sms(booking_news what, side to, const booking_facts& b, sms::language in) {
    const bool user = to == side::user;
    switch (what) {
        case booking_news::confirmed:
            return user ? confirmed_for_user(b, in) : confirmed_for_astrologer(b, in);
        case booking_news::cancelled:
            return user ? cancelled_for_user(b, in) : cancelled_for_astrologer(b, in);
        case booking_news::rescheduled:
            return user ? rescheduled_for_user(b, in) : rescheduled_for_astrologer(b, in);
        case booking_news::completed:
        case booking_news::no_show:
        case booking_news::reminder: return std::nullopt;
    }
    __builtin_unreachable();
}

// What one event becomes: two notifications, and what goes to devices and phones.
struct telling {
    explicit telling(const crypto::keyring& keys) : all(keys) {}
    std::vector<uuid> ids;
    std::vector<user_id> people;
    std::string kind, params;
    parts all;
};

telling compose(const service& s, const parties& p, booking_news what, std::optional<std::string> before,
                astrotalk::booking_id id) {
    telling made(s.keys);
    const auto facts = facts_of(p);
    made.kind = booking_kind(what);
    made.params =
        http::to_json(booking_params{id, p.starts_at, p.cancelled_by, p.no_show_by, std::move(before)});
    const auto until = what == booking_news::reminder ? p.starts_at : clock::now() + worth_a_push;
    for (const auto& each : listeners_of(p)) {
        const auto note = made.ids.emplace_back(uuid::v7());
        made.people.push_back(each.id);
        const auto shown =
            booking_on_screen(what, each.as, facts, sms::language_of(each.language.value_or("en")));
        for (const auto& device : each.devices)
            made.all.add("push.send",
                         push_payload{device, each.id, note, made.kind, shown.title, shown.body, until});
        auto text = by_sms(what, each.as, facts, s.registered.language_for(each.language));
        auto phone = text ? open_phone(s, each.id, each.phone) : std::nullopt;
        if (phone)
            made.all.add(
                "sms.send",
                sms_payload{std::move(*phone), std::move(text->template_name), std::move(text->text), {}});
    }
    return made;
}

// The state in which the news is still true. Of what has changed since, other news are on their way, and
// these would only contradict them.
std::string_view state_told_of(booking_news what) {
    switch (what) {
        case booking_news::confirmed:
        case booking_news::rescheduled:
        case booking_news::reminder: return "confirmed";
        case booking_news::cancelled: return "cancelled";
        case booking_news::completed: return "completed";
        case booking_news::no_show: return "no_show";
    }
    __builtin_unreachable();
}

task<parties> load(service& s, astrotalk::booking_id id) {
    auto found = co_await s.database.read_one<parties>(sql::read_parties, id);
    if (!found) throw jobs::permanent_failure("there is no such booking");
    co_return std::move(*found);
}

}  // namespace

task<void> tell_of_booking(service& s, jobs::job work, booking_news what) {
    const auto event = http::from_json<booking_event>(work.payload);
    if (!event) throw jobs::permanent_failure("the payload is not about a booking");
    const auto p = co_await load(s, event->booking_id);
    if (p.state != state_told_of(what) || event->moves.value_or(p.reschedules) != p.reschedules) co_return;
    const auto made = compose(s, p, what, std::nullopt, event->booking_id);
    co_await s.database.execute(sql::tell_parties, work.id, work.attempt, made.ids, made.people, made.kind,
                                made.params, made.all.ids, made.all.kinds, made.all.payloads);
}

task<void> tell_of_reminder(service& s, jobs::job work) {
    const auto event = http::from_json<reminder_payload>(work.payload);
    if (!event) throw jobs::permanent_failure("the payload is not a reminder");
    const auto p = co_await load(s, event->booking_id);
    if (p.state != "confirmed" || p.starts_at != event->starts_at) co_return;
    const auto made = compose(s, p, booking_news::reminder, event->kind, event->booking_id);
    co_await s.database.execute(sql::remind_parties, work.id, work.attempt, made.ids, made.people, made.kind,
                                made.params, made.all.ids, made.all.kinds, made.all.payloads,
                                event->booking_id, event->starts_at);
}

}  // namespace astrotalk::notification
