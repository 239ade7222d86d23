#include <stdexcept>

#include "identity/queries.hpp"
#include "identity/send_code.hpp"
#include "identity/tokens.hpp"

namespace astrotalk::identity {

// Both messages are written, and the statement takes the one that fits: what is done before and after it is
// the same for a phone that has an account and for one that has not.
task<result<signed_up, send_refusal>> sign_up(service& s, client_ref client, sign_up_request r) {
    const bytes phone_hash = hash_of(s.keys, r.phone);
    const user_id id = user_id::make();
    std::optional<bytes> name_sealed;
    if (r.name) name_sealed = seal_name(s.keys, id, *r.name);
    std::optional<bytes> email_sealed;
    if (r.email) email_sealed = seal_email(s.keys, id, *r.email);
    const code_letter letter = write_code(s, r.phone, phone_hash, code_purpose::sign_up);
    const bytes notice = seal_sms(s.keys, letter.outbox_id, r.phone.e164(),
                                  sms::write("sign_up_taken", sms::language::en, {}));
    const send_limits& limits = s.how.sending;
    const send_buckets buckets = buckets_of(s.keys, limits, r.phone, r.from);
    for (int turn = 0; turn < turns; ++turn) {
        const auto answer = co_await s.pg.try_write<sent_row>(
            sql::sign_up, phone_hash, id, letter.challenge, seal_phone(s.keys, id, r.phone), name_sealed,
            name_of(r.kind), client->id, letter.mac, letter.lifetime_seconds, letter.outbox_id,
            letter.payload, uuid::v7(), r.request_id, notice, buckets.keys, buckets.most, limits.hourly,
            limits.daily, email_sealed);
        if (!answer) continue;
        const sent_row& sent = answer->front();
        if (sent.wait > 0) co_return refuse_to_send(sent);
        count_sent(r.phone);
        s.wake_outbox();
        co_return signed_up{id, letter.challenge};
    }
    throw std::runtime_error("a sign-up lost every race for a place among the codes that are sent");
}

}  // namespace astrotalk::identity
