#include "http/json.hpp"
#include "notification/follows.hpp"
#include "notification/messages.hpp"
#include "notification/parts.hpp"
#include "notification/queries.hpp"

namespace astrotalk::notification {
namespace {

// What is told in the app, on the screens of the devices and by SMS.
struct news {
    std::string kind, params;  // JSON
    std::function<push_text(sms::language)> on_screen;
    std::function<sms::written(sms::language)> by_sms;  // empty: not worth one
};

struct person {
    bytes phone_sealed;
    std::optional<std::string> language;
    bool deleted = false;
    std::vector<uuid> devices;
};
BOOST_DESCRIBE_STRUCT(person, (), (phone_sealed, language, deleted, devices))

task<void> tell(service& s, jobs::job work, user_id whom, news what) {
    const auto who = co_await s.database.read_one<person>(sql::read_person, whom);
    if (!who || who->deleted) co_return;
    const auto id = uuid::v7();
    const auto on_screen = what.on_screen(sms::language_of(who->language.value_or("en")));
    parts all(s.keys);
    for (const auto& device : who->devices)
        all.add("push.send", push_payload{device, whom, id, what.kind, on_screen.title, on_screen.body,
                                          clock::now() + worth_a_push});
    if (auto phone = what.by_sms ? open_phone(s, whom, who->phone_sealed) : std::nullopt) {
        auto text = what.by_sms(s.registered.language_for(who->language));
        all.add("sms.send",
                sms_payload{std::move(*phone), std::move(text.template_name), std::move(text.text), {}});
    }
    co_await s.database.execute(sql::tell_person, work.id, work.attempt, id, whom, what.kind, what.params,
                                all.ids, all.kinds, all.payloads);
}

struct kyc_event {
    astrotalk::user_id user_id;
    uuid session_id;
    kyc_outcome outcome = kyc_outcome::failed;
};
BOOST_DESCRIBE_STRUCT(kyc_event, (), (user_id, session_id, outcome))

struct kyc_params {
    uuid session_id;
};
BOOST_DESCRIBE_STRUCT(kyc_params, (), (session_id))

struct payout_event {
    astrotalk::user_id user_id;
    instant payable_from;
};
BOOST_DESCRIBE_STRUCT(payout_event, (), (user_id, payable_from))

struct payout_params {
    instant payable_from;
};
BOOST_DESCRIBE_STRUCT(payout_params, (), (payable_from))

struct recharge_event {
    astrotalk::user_id user_id;
    uuid recharge_id;
    std::optional<refund_outcome> outcome;
};
BOOST_DESCRIBE_STRUCT(recharge_event, (), (user_id, recharge_id, outcome))

struct recharge_params {
    uuid recharge_id;
};
BOOST_DESCRIBE_STRUCT(recharge_params, (), (recharge_id))

struct follow_event {
    astrotalk::user_id user_id, astrologer_id;
    std::string name, what;
};
BOOST_DESCRIBE_STRUCT(follow_event, (), (user_id, astrologer_id, name, what))

struct follow_params {
    astrotalk::user_id astrologer_id;
    std::string name;
};
BOOST_DESCRIBE_STRUCT(follow_params, (), (astrologer_id, name))

push_text follow_on_screen(const std::string& name, bool online, sms::language in) {
    const bool hindi = in == sms::language::hi;
    const auto who = shortened(name);
    if (online) return {"AstroTalk", who + (hindi ? " अभी ऑनलाइन हैं।" : " is online now.")};
    return {"AstroTalk", who + (hindi ? " के पास समय खाली हुआ है।" : " has a free time within a day.")};
}

}  // namespace

std::optional<personal> open_phone(const service& s, user_id owner, const bytes& sealed) {
    auto phone = s.keys.open("pool_user.phone", sealed, "pool_user.phone:" + owner.to_string());
    if (!phone) throw jobs::permanent_failure("a phone does not open with this installation's keys");
    return phone->empty() ? std::nullopt : std::optional(personal(std::move(*phone)));
}

task<void> tell_of_follow(service& s, jobs::job work) {
    auto event = http::from_json<follow_event>(work.payload);
    if (!event) throw jobs::permanent_failure("the payload is not about somebody who is followed");
    const bool online = event->what == "online";
    news what{.kind = online ? "astrologer.online" : "astrologer.free",
              .params = http::to_json(follow_params{event->astrologer_id, event->name}),
              .on_screen = [name = event->name,
                            online](sms::language in) { return follow_on_screen(name, online, in); },
              .by_sms = {}};
    co_await tell(s, std::move(work), event->user_id, std::move(what));
}

task<void> tell_of_kyc(service& s, jobs::job work) {
    const auto event = http::from_json<kyc_event>(work.payload);
    if (!event) throw jobs::permanent_failure("the payload is not about an identity check");
    const auto outcome = event->outcome;
    news what{.kind = fmt::format("kyc.{}", boost::describe::enum_to_string(outcome, "")),
              .params = http::to_json(kyc_params{event->session_id}),
              .on_screen = [outcome](sms::language in) { return kyc_on_screen(outcome, in); },
              .by_sms = [outcome](sms::language in) { return kyc_decided(outcome, in); }};
    co_await tell(s, std::move(work), event->user_id, std::move(what));
}

task<void> tell_of_payout_account(service& s, jobs::job work) {
    const auto event = http::from_json<payout_event>(work.payload);
    if (!event) throw jobs::permanent_failure("the payload is not about an account for payouts");
    news what{.kind = "payout_account.changed",
              .params = http::to_json(payout_params{event->payable_from}),
              .on_screen = payout_account_on_screen,
              .by_sms = payout_account_changed};
    co_await tell(s, std::move(work), event->user_id, std::move(what));
}

task<void> tell_of_recharge(service& s, jobs::job work) {
    const auto event = http::from_json<recharge_event>(work.payload);
    if (!event) throw jobs::permanent_failure("the payload is not about a recharge");
    news what{.kind = "recharge.paid",
              .params = http::to_json(recharge_params{event->recharge_id}),
              .on_screen = recharge_on_screen,
              .by_sms = {}};
    co_await tell(s, std::move(work), event->user_id, std::move(what));
}

task<void> tell_of_refund(service& s, jobs::job work) {
    const auto event = http::from_json<recharge_event>(work.payload);
    if (!event || !event->outcome) throw jobs::permanent_failure("the payload is not about a refund");
    const auto outcome = *event->outcome;
    news what{.kind = outcome == refund_outcome::processed ? "refund.processed" : "refund.returned",
              .params = http::to_json(recharge_params{event->recharge_id}),
              .on_screen = [outcome](sms::language in) { return refund_on_screen(outcome, in); },
              .by_sms = {}};
    co_await tell(s, std::move(work), event->user_id, std::move(what));
}

}  // namespace astrotalk::notification
