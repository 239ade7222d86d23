#include "http/json.hpp"
#include "jobs/jobs.hpp"
#include "privacy/consent.hpp"
#include "privacy/queries.hpp"

namespace astrotalk::privacy {
namespace {

constexpr int most_turns = 16;

constexpr std::string_view origin_purpose = "consent.origin";
std::string place_of_origin(const std::string& row) { return "consent.origin:" + row; }

constexpr jobs::sealed_column columns[] = {{"consent.origin", origin_purpose, place_of_origin,
                                            sql::read_sealed_origins, sql::replace_sealed_origins}};

struct origin {
    personal address, user_agent;
};
BOOST_DESCRIBE_STRUCT(origin, (), (address, user_agent))

struct withdrawal {
    astrotalk::user_id user_id;
    std::string purpose;
};
BOOST_DESCRIBE_STRUCT(withdrawal, (), (user_id, purpose))

struct ended {
    uuid id;
};
BOOST_DESCRIBE_STRUCT(ended, (), (id))

}  // namespace

std::span<const jobs::sealed_column> sealed_columns() { return columns; }

task<std::optional<shown_notice>> read_notice(service& s, std::string purpose, std::string language,
                                              std::optional<std::int32_t> version) {
    co_return co_await s.pg.read_one<shown_notice>(sql::read_notice, purpose, language, version);
}

task<result<consent, consent_error>> give_consent(service& s, consenter who, seen_notice what) {
    const auto id = uuid::v7();
    const auto from = s.keys.seal(origin_purpose, http::to_json(origin{who.address, who.user_agent}),
                                  place_of_origin(id.to_string()));
    // Again, when a withdrawal comes between the two statements.
    for (int turn = 0; turn < most_turns; ++turn) {
        auto given = co_await s.pg.write_one<consent>(sql::give_consent, id, who.id, who.purpose,
                                                      what.version, what.language, what.hash, who.channel,
                                                      from, uuid::v7(), who.request_id);
        if (given) co_return std::move(*given);
        auto active = co_await s.pg.read_one<consent>(sql::read_active_consent, who.id, who.purpose,
                                                      what.version, what.language, what.hash);
        if (active) co_return std::move(*active);
        const auto now = co_await read_notice(s, who.purpose, what.language, std::nullopt);
        if (!now || now->version != what.version || now->hash != what.hash)
            co_return consent_error::notice_changed;
    }
    throw pg::unavailable();
}

task<bool> withdraw_consent(service& s, consenter who) {
    const auto job = uuid::v7();
    const auto told = jobs::seal_payload(s.keys, job, http::to_json(withdrawal{who.id, who.purpose}));
    const auto done = co_await s.pg.write_one<ended>(sql::withdraw_consent, who.id, who.purpose, who.channel,
                                                     job, told, uuid::v7(), who.request_id);
    co_return done.has_value();
}

task<void> end_consents(pg::transaction& t, const crypto::keyring& keys, user_id whose,
                        std::string_view request_id) {
    for (const auto& purpose : co_await t.query<std::string>(sql::find_given_purposes, whose)) {
        const auto job = uuid::v7();
        const auto told = jobs::seal_payload(keys, job, http::to_json(withdrawal{whose, purpose}));
        co_await t.execute(sql::end_consent, whose, purpose, job, told, uuid::v7(), request_id);
    }
}

task<std::vector<consent>> list_consents(service& s, user_id whose, uuid before, std::int32_t most) {
    co_return co_await s.pg.read<consent>(sql::list_consents, whose, before, most + 1);
}

}  // namespace astrotalk::privacy
