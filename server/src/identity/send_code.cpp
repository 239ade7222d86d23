#include "identity/send_code.hpp"

#include "identity/json_object.hpp"
#include "identity/queries.hpp"
#include "identity/tokens.hpp"
#include "jobs/jobs.hpp"

namespace astrotalk::identity {

code_letter write_code(const service& s, const phone_number& phone, const bytes& phone_hash,
                       code_purpose purpose) {
    const secret code = draw_code(s.how.otp_length);
    json_object sms;
    sms.add("to", phone.reveal()).add("text", code_message(code.reveal(), s.how.code_lifetime));
    const uuid outbox_id = uuid::v7();
    return {.challenge = uuid::v7(),
            .outbox_id = outbox_id,
            .mac = code_mac(s.keys, purpose, phone_hash, code),
            .payload = jobs::seal_payload(s.keys, outbox_id, sms.text()),
            .lifetime_seconds = static_cast<int>(std::chrono::seconds(s.how.code_lifetime).count())};
}

// The code is drawn and sealed whether or not anybody will get it, so that both take as long.
task<outcome<uuid>> send_code(service& s, client_ref client, phone_number phone, code_purpose purpose) {
    const bytes phone_hash = hash_of(s.keys, phone);
    const code_letter letter = write_code(s, phone, phone_hash, purpose);
    const auto known = co_await s.pg.write_one<bool>(sql::send_code, phone_hash, letter.challenge, client->id,
                                                     name_of(purpose), letter.mac, letter.lifetime_seconds,
                                                     letter.outbox_id, letter.payload);
    if (!known) co_return error::too_many_codes;
    if (*known) s.wake_outbox();
    co_return letter.challenge;
}

}  // namespace astrotalk::identity
