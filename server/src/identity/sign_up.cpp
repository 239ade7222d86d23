#include <stdexcept>

#include "identity/queries.hpp"
#include "identity/send_code.hpp"
#include "identity/tokens.hpp"

namespace astrotalk::identity {
namespace {

struct known_phone {
    user_id id;
    bool confirmed = false;
};
BOOST_DESCRIBE_STRUCT(known_phone, (), (id, confirmed))

struct stored_row {
    std::optional<user_id> id;
    std::optional<std::string> refused;
};
BOOST_DESCRIBE_STRUCT(stored_row, (), (id, refused))

}  // namespace

// What is sealed is bound to the user's id, so the id must be known before. Another sign-up of the same phone
// in between makes the statement abort as a whole, and the second look finds whose row it is.
task<outcome<signed_up>> sign_up(service& s, client_ref client, sign_up_request r) {
    const bytes phone_hash = hash_of(s.keys, r.phone);
    for (int attempt = 0; attempt < 3; ++attempt) {
        const auto known = co_await s.pg.read_one<known_phone>(sql::find_by_phone, phone_hash);
        if (known && known->confirmed) co_return error::username_exists;
        const user_id id = known ? known->id : user_id::make();
        std::optional<bytes> name_sealed;
        if (r.name) name_sealed = seal_name(s.keys, id, *r.name);
        const code_letter letter = write_code(s, r.phone, phone_hash, code_purpose::sign_up);
        const auto stored = co_await s.pg.try_write<stored_row>(
            sql::sign_up, phone_hash, id, letter.challenge, seal_phone(s.keys, id, r.phone), name_sealed,
            name_of(r.kind), client->id, letter.mac, letter.lifetime_seconds, letter.outbox_id,
            letter.payload, uuid::v7(), r.request_id);
        if (!stored) continue;
        if (stored->empty()) co_return error::too_many_codes;
        s.wake_outbox();
        co_return signed_up{id, letter.challenge};
    }
    throw std::runtime_error("a sign-up lost every race for its phone");
}

}  // namespace astrotalk::identity
