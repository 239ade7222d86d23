#include "identity/identity.hpp"
#include "identity/queries.hpp"
#include "identity/rows.hpp"
#include "identity/send_code.hpp"
#include "identity/software_token.hpp"

namespace astrotalk::identity {
namespace {

struct answered_row : sign_in_row {
    std::optional<std::string> demand;
};
BOOST_DESCRIBE_STRUCT(answered_row, (sign_in_row), (demand))

// Only those who have a device pay for asking what they call it.
task<factor_challenge> demand_factor(service& s, uuid challenge, user_id of, std::string demand) {
    if (demand == "set_up") co_return factor_challenge{challenge, of, factor_demand::set_up, {}};
    const auto sealed = co_await s.pg.read_one<bytes>(sql::find_token, of);
    personal device;
    if (sealed) device = open_token(s.keys, of, *sealed).device;
    co_return factor_challenge{challenge, of, factor_demand::code, std::move(device)};
}

}  // namespace

task<outcome<answered>> answer_code(service& s, client_ref client, phone_number phone, uuid challenge,
                                    secret code, std::string request_id, origin from) {
    const bytes phone_hash = hash_of(s.keys, phone);
    const auto family = family_id::make();
    const uuid next = uuid::v7();
    secret token = new_refresh_token();
    const bytes token_hash = hash_of(token);
    auto row = co_await s.pg.write_one<answered_row>(
        sql::verify_code, challenge, phone_hash, client->id,
        code_mac(s.keys, code_purpose::sign_in, phone_hash, code), family, token_hash, uuid::v7(), request_id,
        seal_seen(s.keys, token_hash, from), next, uuid::v7());
    if (!row) {
        co_return co_await is_locked(s, phone_hash) ? error::locked_out : error::session_ended;
    }
    if (!row->correct) {
        count_security("wrong_code");
        co_return error::code_mismatch;
    }
    count_verified(phone);
    if (!row->id) co_return error::user_disabled;
    if (row->demand) co_return answered(co_await demand_factor(s, next, *row->id, *row->demand));
    const session in{family, row->auth_time};
    co_return answered(signed_in{to_person(s.keys, std::move(*row)), in, std::move(token)});
}

}  // namespace astrotalk::identity
