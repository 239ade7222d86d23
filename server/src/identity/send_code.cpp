#include "identity/send_code.hpp"

#include <stdexcept>

#include "core/verify.hpp"
#include "identity/json_object.hpp"
#include "identity/queries.hpp"
#include "identity/tokens.hpp"
#include "jobs/jobs.hpp"
#include "telemetry/metrics.hpp"

namespace astrotalk::identity {
namespace {

// "9198": a hundred million numbers, of which none can be told from it.
std::string series_of(const phone_number& phone) { return phone.prefix(2).substr(1); }

}  // namespace

bytes seal_sms(const crypto::keyring& keys, uuid outbox_id, const personal& to, const sms::written& message) {
    json_object payload;
    payload.add("to", to.reveal());
    payload.add("templateName", message.template_name).add("text", message.text.reveal());
    return jobs::seal_payload(keys, outbox_id, payload.text());
}

client_ref apps_client(service& s) {
    auto client = s.live.get()->find_client(s.pool.client_id);
    verify(client != nullptr);
    return client;
}

code_letter write_code(const service& s, const phone_number& phone, const bytes& phone_hash,
                       code_purpose purpose) {
    const secret code = draw_code(s.how.otp_length);
    const uuid outbox_id = uuid::v7();
    const std::string values[] = {code.reveal(), std::to_string(s.how.code_lifetime.count())};
    const auto sealed = [&](sms::language in) {
        return seal_sms(s.keys, outbox_id, phone.e164(), sms::write("code", in, values));
    };
    const bool speaks_hindi = s.how.registered.speaks(sms::language::hi);
    return {.challenge = uuid::v7(),
            .outbox_id = outbox_id,
            .mac = code_mac(s.keys, purpose, phone_hash, code),
            .payload = sealed(sms::language::en),
            .in_hindi = sealed(speaks_hindi ? sms::language::hi : sms::language::en),
            .lifetime_seconds = static_cast<int>(std::chrono::seconds(s.how.code_lifetime).count())};
}

send_refusal refuse_to_send(const sent_row& why) {
    telemetry::counter_of("astrotalk_codes_refused_total",
                          "Codes not sent, by the limit that stands longest in the way.",
                          {{"limit", why.cause.value_or("phone")}})
        .add();
    return {error::too_many_codes, std::chrono::seconds(why.wait)};
}

void count_sent(const phone_number& to) {
    telemetry::counter_of("astrotalk_codes_sent_total",
                          "Messages with a code, or instead of one, by the beginning of the number.",
                          {{"prefix", series_of(to)}})
        .add();
}

void count_verified(const phone_number& by) {
    telemetry::counter_of("astrotalk_codes_verified_total",
                          "Codes that came back right, by the beginning of the number.",
                          {{"prefix", series_of(by)}})
        .add();
}

void count_security(std::string_view event) {
    telemetry::counter_of("astrotalk_security_events_total",
                          "What should not happen often, and attackers cause.",
                          {{"event", std::string(event)}})
        .add();
}

// An answer that was not counted, for its phone is locked or it came too late.
task<bool> is_locked(const service& s, const bytes& phone_hash) {
    const bool locked = (co_await s.pg.read_one<bool>(sql::explain_refusal, phone_hash)).value_or(false);
    if (locked) count_security("locked_out");
    co_return locked;
}

// The code is drawn and sealed whether or not anybody will get it, so that both take as long.
task<result<uuid, send_refusal>> send_code(service& s, client_ref client, phone_number phone,
                                           code_purpose purpose, origin from,
                                           std::optional<user_id> wanted_by) {
    const bytes phone_hash = hash_of(s.keys, phone);
    const code_letter letter = write_code(s, phone, phone_hash, purpose);
    const send_limits& limits = s.how.sending;
    const send_buckets buckets = buckets_of(s.keys, limits, phone, from);
    for (int turn = 0; turn < turns; ++turn) {
        const auto answer = co_await s.pg.try_write<sent_row>(
            sql::send_code, phone_hash, letter.challenge, client->id, name_of(purpose), letter.mac,
            letter.lifetime_seconds, letter.outbox_id, letter.payload, buckets.keys, buckets.most,
            limits.hourly, limits.daily, wanted_by, letter.in_hindi);
        if (!answer) continue;
        const sent_row& sent = answer->front();
        if (sent.wait > 0) co_return refuse_to_send(sent);
        if (sent.known) {
            count_sent(phone);
            s.wake_outbox();
        }
        co_return letter.challenge;
    }
    throw std::runtime_error("a code lost every race for a place among those that are sent");
}

}  // namespace astrotalk::identity
