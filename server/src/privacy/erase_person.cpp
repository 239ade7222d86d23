#include "privacy/certificates.hpp"
#include "privacy/consent.hpp"
#include "privacy/queries.hpp"

namespace astrotalk::privacy {
namespace {

struct erased_item {
    std::string name;
    told holds;
};
BOOST_DESCRIBE_STRUCT(erased_item, (), (name, holds))

struct kept_item {
    std::string name;
    told holds, why;
    std::optional<instant> until;  // none: no day is set
};
BOOST_DESCRIBE_STRUCT(kept_item, (), (name, holds, why, until))

struct erasure_certificate {
    uuid id;
    std::string kind;
    instant at;
    user_id subject;
    std::string cause;
    bool legal_hold = false;
    instant erase_after;
    std::vector<erased_item> erased_at_once;
    std::vector<kept_item> kept;
    std::string contact, key_id;
};
BOOST_DESCRIBE_STRUCT(erasure_certificate, (),
                      (id, kind, at, subject, cause, legal_hold, erase_after, erased_at_once, kept, contact,
                       key_id))

struct tombstone {
    user_id subject;
    instant at;
    std::vector<class_records> data;
};
BOOST_DESCRIBE_STRUCT(tombstone, (), (subject, at, data))

struct stored_tombstone {
    uuid id;
    bytes tombstone_sealed;
};
BOOST_DESCRIBE_STRUCT(stored_tombstone, (), (id, tombstone_sealed))

bool law_keeps(const pg::data_class& of) {
    return of.kept == pg::retention::account || of.kept == pg::retention::traffic;
}

bool goes_at_once(const pg::data_class& of) {
    const bool may = of.kept == pg::retention::transient || of.kept == pg::retention::promised;
    return may && (of.erase || of.ends_with_account);
}

// A hold keeps what would go at once, too: here, or where it is when the class asks for holds itself.
bool stays_held(const pg::data_class& of, bool held) { return held && of.erase && of.purge && !of.read; }

bool goes_into_tombstone(const pg::data_class& of, bool held) {
    return law_keeps(of) || (held && of.read && goes_at_once(of));
}

std::optional<instant> end_of(const pg::data_class& of, const erasure_certificate& c,
                              const retention_days& days) {
    if (goes_into_tombstone(of, c.legal_hold)) return c.erase_after;
    if (of.kept == pg::retention::log) return c.at + std::chrono::days(days.log);
    return std::nullopt;
}

void tell(erasure_certificate& c, const data_register& known) {
    for (const auto& each : known.classes) {
        const bool kept = goes_into_tombstone(each, c.legal_hold) || stays_held(each, c.legal_hold);
        if (goes_at_once(each) && !kept)
            c.erased_at_once.push_back({std::string(each.name), holds_of(each)});
        else
            c.kept.push_back({std::string(each.name), holds_of(each), reason_of(each.kept, known.days),
                              end_of(each, c, known.days)});
    }
}

}  // namespace

task<std::string> erase_person(pg::transaction& t, const crypto::keyring& keys, const data_register& known,
                               user_id who, std::string_view cause, std::string_view request_id) {
    co_await t.execute(sql::share_hold_lock);
    const bool held = (co_await t.query_one<bool>(sql::is_person_held, who)).value_or(false);
    erasure_certificate c{.id = uuid::v7(),
                          .kind = "erasure",
                          .at = clock::now(),
                          .subject = who,
                          .cause = std::string(cause),
                          .legal_hold = held,
                          .erase_after = {},
                          .erased_at_once = {},
                          .kept = {},
                          .contact = known.contact,
                          .key_id = certificate_key_id(keys)};
    c.erase_after = c.at + known.kept_for(pg::retention::account);
    tell(c, known);

    tombstone left{who, c.at, {}};
    left.data =
        co_await gather_records(t, keys, known, who, reader::the_tombstone,
                                [held](const pg::data_class& of) { return goes_into_tombstone(of, held); });
    const auto sealed =
        keys.seal(tombstone_purpose, http::to_json(left), place_of_tombstone(c.id.to_string()));
    for (const auto& each : known.classes)
        if (each.erase) co_await t.execute(*each.erase, who);
    co_await end_consents(t, keys, who, request_id);

    auto content = http::to_json(c);
    const bytes mac = certificate_mac(keys, content);
    co_await t.execute(sql::store_erasure, c.id, who, cause, c.at, c.erase_after, sealed, content, mac,
                       uuid::v7(), request_id);
    co_return content;
}

task<std::optional<std::string>> read_tombstone(pg::client& database, const crypto::keyring& keys,
                                                user_id whose, std::string reason) {
    const auto found =
        co_await database.write_one<stored_tombstone>(sql::read_tombstone, whose, uuid::v7(), reason);
    if (!found) co_return std::nullopt;
    auto text =
        keys.open(tombstone_purpose, found->tombstone_sealed, place_of_tombstone(found->id.to_string()));
    if (!text) throw std::runtime_error("the tombstone does not open with this installation's keys");
    co_return std::move(text);
}

}  // namespace astrotalk::privacy
