// Consent to a purpose: what was shown, when it was given, and that it can be taken back as easily.
//
// A consent is a row that only ends. One is active per user and purpose; the index consent_one_active sees to
// that. What needs consent asks for it in its own statement:
//
//     exists (select from consent where user_id = $1 and purpose = 'kyc' and withdrawn_at is null)
//
// Withdrawing writes an outbox row of the kind consent.withdrawn {"userId", "purpose"} in its own statement.
// Thread safety: none; a service and its calls belong to one loop. Errors: an outage throws pg::unavailable.
#pragma once

#include <boost/describe.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "core/ids.hpp"
#include "core/result.hpp"
#include "core/secret.hpp"
#include "core/task.hpp"
#include "crypto/keyring.hpp"
#include "http/http.hpp"
#include "jobs/sealed_data.hpp"
#include "pg/pg.hpp"
#include "privacy/notices.hpp"

namespace astrotalk::privacy {

struct service {
    pg::client& pg;
    const crypto::keyring& keys;
};

// A stored notice: what was or is shown.
struct shown_notice {
    std::int32_t version = 0;
    bytes hash;           // SHA-256 of `content`
    std::string content;  // a notice_text in JSON
    BOOST_DESCRIBE_CLASS(shown_notice, (), (version, hash, content), (), ())
};

struct consent {
    uuid id;
    std::string purpose;
    std::int32_t notice_version = 0;
    std::string language;
    bytes notice_hash;
    std::string items;    // a JSON array of notice_item
    std::string channel;  // app, web, support
    instant given_at;
    std::optional<instant> withdrawn_at;
    BOOST_DESCRIBE_CLASS(consent, (),
                         (id, purpose, notice_version, language, notice_hash, items, channel, given_at,
                          withdrawn_at),
                         (), ())
};

// Somebody who gives or withdraws, and from where.
struct consenter {
    user_id id;
    std::string purpose;
    std::string channel;  // app or web
    personal address, user_agent;
    std::string request_id;
};

// What they saw.
struct seen_notice {
    std::int32_t version = 0;
    std::string language;
    bytes hash;
};

enum class consent_error : std::uint8_t {
    notice_not_found,  // there is no such purpose or version
    notice_changed,    // what they saw is not what is asked for now
};

// Stores what is new in the texts, as the next version. At the start of each node, which may race.
task<void> store_notices(pg::client& database, std::vector<notice> texts);

// The newest version, or that of `version`.
task<std::optional<shown_notice>> read_notice(service& s, std::string purpose, std::string language,
                                              std::optional<std::int32_t> version);

// The consent that is active afterwards: the one there was, when it is to the same version. One to an older
// version ends with it.
task<result<consent, consent_error>> give_consent(service& s, consenter who, seen_notice what);
// False when there was none.
task<bool> withdraw_consent(service& s, consenter who);
// All of somebody's, with their account, in the transaction that ends it: told as if they had withdrawn each.
task<void> end_consents(pg::transaction& t, const crypto::keyring& keys, user_id whose,
                        std::string_view request_id);
// Newest first, from before the id `before`; one row more than `most` when there are more.
task<std::vector<consent>> list_consents(service& s, user_id whose, uuid before, std::int32_t most);

std::span<const jobs::sealed_column> sealed_columns();
std::span<const http::route<service>> routes();

}  // namespace astrotalk::privacy
