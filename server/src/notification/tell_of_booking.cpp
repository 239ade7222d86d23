#include "http/json.hpp"
#include "notification/messages.hpp"
#include "notification/queries.hpp"
#include "notification/steps.hpp"

namespace astrotalk::notification {
namespace {

struct booking_event {
    astrotalk::booking_id booking_id;
    BOOST_DESCRIBE_CLASS(booking_event, (), (booking_id), (), ())
};

struct parties {
    astrotalk::user_id user_id;
    bytes user_phone;
    astrotalk::user_id astrologer_id;
    bytes astrologer_phone;
    std::string astrologer_name, astrologer_zone;
    instant starts_at;
    std::int32_t minutes;
    money price;
    std::string state;
    std::optional<std::string> cancelled_by, user_language, astrologer_language;
};
BOOST_DESCRIBE_STRUCT(parties, (),
                      (user_id, user_phone, astrologer_id, astrologer_phone, astrologer_name, astrologer_zone,
                       starts_at, minutes, price, state, cancelled_by, user_language, astrologer_language))

personal open_phone(const service& s, uuid owner, const bytes& sealed) {
    auto phone = s.keys.open("pool_user.phone", sealed, "pool_user.phone:" + owner.to_string());
    if (!phone) throw jobs::permanent_failure("a phone does not open with this installation's keys");
    return personal(std::move(*phone));
}

booking_facts facts_of(const parties& p) {
    return {p.astrologer_name, p.astrologer_zone, p.starts_at, p.minutes, p.price, p.cancelled_by};
}

task<parties> load(service& s, std::string_view payload) {
    const auto event = http::from_json<booking_event>(payload);
    if (!event) throw jobs::permanent_failure("the payload is not about a booking");
    auto found = co_await s.database.read_one<parties>(sql::read_parties, event->booking_id);
    if (!found) throw jobs::permanent_failure("there is no such booking");
    co_return std::move(*found);
}

// Instead of sending here: each of the two has a row, an id and retries of its own.
task<void> split(service& s, jobs::job work, std::vector<sms_payload> messages) {
    std::vector<uuid> ids;
    std::vector<bytes> payloads;
    for (const auto& each : messages) {
        const auto id = uuid::v7();
        ids.push_back(id);
        payloads.push_back(jobs::seal_payload(s.keys, id, http::to_json(each)));
    }
    co_await s.database.execute(sql::split_job, work.id, work.attempt, ids, payloads);
}

task<void> tell_both(service& s, jobs::job work, const parties& p, sms::written user_text,
                     sms::written other_text) {
    std::vector<sms_payload> messages(2);
    messages[0].to = open_phone(s, p.user_id.value, p.user_phone);
    messages[0].template_name = std::move(user_text.template_name);
    messages[0].text = std::move(user_text.text);
    messages[1].to = open_phone(s, p.astrologer_id.value, p.astrologer_phone);
    messages[1].template_name = std::move(other_text.template_name);
    messages[1].text = std::move(other_text.text);
    // A deleted user has no phone.
    std::erase_if(messages, [](const sms_payload& each) { return each.to.empty(); });
    return split(s, std::move(work), std::move(messages));
}

}  // namespace

task<void> tell_of_confirmed(service& s, jobs::job work) {
    const auto p = co_await load(s, work.payload);
    // Cancelled in the meantime: the news of that is on its way, and this would only contradict it.
    if (p.state == "cancelled") co_return;
    const auto facts = facts_of(p);
    co_await tell_both(s, std::move(work), p,
                       confirmed_for_user(facts, s.registered.language_for(p.user_language)),
                       confirmed_for_astrologer(facts, s.registered.language_for(p.astrologer_language)));
}

task<void> tell_of_cancelled(service& s, jobs::job work) {
    const auto p = co_await load(s, work.payload);
    const auto facts = facts_of(p);
    co_await tell_both(s, std::move(work), p,
                       cancelled_for_user(facts, s.registered.language_for(p.user_language)),
                       cancelled_for_astrologer(facts, s.registered.language_for(p.astrologer_language)));
}

}  // namespace astrotalk::notification
