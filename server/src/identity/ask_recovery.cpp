#include "identity/queries.hpp"
#include "identity/recovery.hpp"
#include "identity/tokens.hpp"

namespace astrotalk::identity {

// The lost number is written down and not looked for: what is done is the same whoever has it.
task<result<uuid, send_refusal>> ask_recovery(service& s, client_ref client, recovery_request asked) {
    const auto sent =
        co_await send_code(s, std::move(client), asked.to, code_purpose::recovery, std::move(asked.from));
    if (!sent) co_return sent.error();
    const bytes sealed =
        s.keys.seal(recovery_purpose, asked.to.reveal(), place_of_recovery(sent->to_string()));
    co_await s.pg.execute(sql::ask_recovery, *sent, hash_of(s.keys, asked.lost), hash_of(s.keys, asked.to),
                          sealed, uuid::v7(), asked.request_id);
    co_return *sent;
}

}  // namespace astrotalk::identity
