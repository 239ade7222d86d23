#include <algorithm>

#include "core/log.hpp"
#include "onboarding/kyc_steps.hpp"
#include "onboarding/queries.hpp"
#include "telemetry/metrics.hpp"

namespace astrotalk::onboarding::kyc {
namespace {

using namespace std::chrono_literals;

constexpr int most_tries = 8;

bytes fingerprint_of(const http::idempotency_key& key) {
    return {key.fingerprint.begin(), key.fingerprint.end()};
}

// The latest session of a person as they see it.
task<std::optional<session_view>> latest(service& s, user_id who, const personal& phone) {
    const auto row = co_await s.pg.write_one<session_row>(sql::read_last_kyc, who);
    if (!row) co_return std::nullopt;
    co_return view_of(s, *row, phone);
}

task<refusal> explain(service& s, user_id who, person_row person, personal phone) {
    const auto now = standing_of(person);
    if (now == standing::completed) co_return refusal{error::already_verified};
    if (now == standing::rejected) co_return refusal{error::rejected};
    auto last = co_await latest(s, who, phone);
    if (last && !is_end(last->state)) co_return refusal{error::in_progress, std::move(last)};
    if (person.used >= most_attempts) co_return refusal{error::attempts_exhausted};
    if (!person.legal_name_sealed) co_return refusal{error::legal_name_required};
    if (!person.consented) co_return refusal{error::consent_required};
    if (person.today >= most_sessions_a_day) co_return refusal{error::too_many_sessions};
    co_return refusal{error::unavailable};  // none of it any more: another request was between
}

// Asks Digio for a request, once, and stores what became of that.
task<void> create(service& s, uuid id, personal phone, personal name, std::string request_id) {
    const auto made = co_await s.digio.create(id.to_string(), phone, name);
    if (made) {
        std::optional<bytes> token;
        if (made->opens)
            token = s.keys.seal(token_purpose, made->opens->id.reveal(), place_of(token_purpose, id));
        constexpr std::int32_t first_check = 20;
        co_await s.pg.execute(sql::open_kyc, id, made->kid, token, first_check, uuid::v7(), request_id);
        co_return;
    }
    const auto row = co_await read_case(s, id);
    const session before = session_of(*row);
    if (before.now != state::creating) co_return;
    step next{.to = state::unknown};
    if (made.error() == create_fault::not_sent)
        next = ended(before, state::abandoned, "provider_unavailable");
    else if (made.error() == create_fault::refused)
        next = ended(before, state::abandoned, "provider_refused");
    co_await store(s, *row, std::move(next), {}, {});
}

}  // namespace

task<outcome<session_view>> start(service& s, caller who, http::idempotency_key key) {
    for (int tries = 0; tries < most_tries; ++tries) {
        const auto person = co_await s.pg.write_one<person_row>(sql::read_kyc_person, who.id, key.key);
        if (!person) co_return refusal{error::session_not_found};
        const auto phone = phone_of(s.keys, who.id, person->phone_sealed);
        if (person->fingerprint) {
            const auto mine = person->answer ? uuid::parse(*person->answer) : std::nullopt;
            if (*person->fingerprint != fingerprint_of(key) || !mine)
                co_return refusal{error::idempotency_key_reused};
            const auto row = co_await s.pg.write_one<session_row>(sql::read_own_kyc, *mine, who.id);
            if (row) co_return view_of(s, *row, phone);
        }
        const uuid id = uuid::v7();
        const auto address = origin_hash_of(s.keys, "kyc-address", who.from.address);
        const auto device = origin_hash_of(s.keys, "kyc-device", who.from.device);
        const auto made = co_await s.pg.try_write<started_row>(
            sql::start_kyc, who.id, id, s.digio.template_name(),
            seal_origin(s.keys, origin_purpose, id, who.from), address, device, s.by.four_eyes,
            static_cast<std::int32_t>(std::chrono::seconds(session_lasts).count()), most_attempts,
            most_sessions_a_day, uuid::v7(), who.request_id, key.key, fingerprint_of(key));
        if (!made) continue;  // the key went to another request meanwhile, or the person's standing did
        if (made->empty()) {
            const auto since = co_await s.pg.write_one<person_row>(sql::read_kyc_person, who.id, key.key);
            if (since->fingerprint) continue;  // the same request was faster
            auto why = co_await explain(s, who.id, *since, phone);
            // What was read first may be over by now, and then nothing of it explains.
            if (why.why == error::unavailable && tries + 1 < most_tries) continue;
            co_return why;
        }
        telemetry::counter_of("astrotalk_kyc_started_total", "KYC sessions that were started.").add();
        co_await create(s, id, phone, legal_name_of(s.keys, who.id, person->legal_name_sealed),
                        who.request_id);
        const auto row = co_await s.pg.write_one<session_row>(sql::read_own_kyc, id, who.id);
        auto shown = view_of(s, *row, phone);
        if (is_end(shown.state)) co_return refusal{error::unavailable};
        co_return shown;
    }
    throw pg::unavailable();
}

task<outcome<session_view>> renew_token(service& s, caller who, uuid id) {
    const auto person = co_await s.pg.write_one<person_row>(sql::read_kyc_person, who.id, "");
    auto row = co_await s.pg.write_one<session_row>(sql::read_own_kyc, id, who.id);
    if (!person || !row) co_return refusal{error::session_not_found};
    if (row->state != "open" || !row->kid || clock::now() >= row->expires_at)
        co_return refusal{error::not_open};
    const auto phone = phone_of(s.keys, who.id, person->phone_sealed);
    if (!co_await s.pg.write_one<uuid>(sql::ask_kyc_token, id)) co_return view_of(s, *row, phone);
    const auto fresh = co_await s.digio.renew_token(*row->kid, phone);
    if (!fresh) co_return refusal{error::unavailable};
    row->token_sealed = s.keys.seal(token_purpose, fresh->id.reveal(), place_of(token_purpose, id));
    const auto kept = co_await s.pg.write_one<instant>(sql::keep_kyc_token, id, *row->token_sealed);
    if (!kept) co_return refusal{error::not_open};
    co_return view_of(s, *row, phone);
}

task<outcome<session_view>> come_back(service& s, caller who, uuid id, std::string said) {
    const auto row = co_await s.pg.write_one<session_row>(sql::read_own_kyc, id, who.id);
    if (!row) co_return refusal{error::session_not_found};
    const auto address = origin_hash_of(s.keys, "kyc-address", who.from.address);
    co_await s.pg.execute(sql::return_from_kyc, id, who.id, seal_origin(s.keys, return_purpose, id, who.from),
                          uuid::v7(), address.value_or(bytes()), said, who.request_id);
    co_return view_of(s, *row, {});
}

// Digio is asked first: what was handed in until now counts, whoever has heard of it.
task<outcome<session_view>> cancel(service& s, caller who, uuid id) {
    for (int tries = 0; tries < most_tries; ++tries) {
        const auto own = co_await s.pg.write_one<session_row>(sql::read_own_kyc, id, who.id);
        if (!own) co_return refusal{error::session_not_found};
        if (own->state == "cancelled") co_return view_of(s, *own, {});
        const auto row = co_await read_case(s, id);
        session before = session_of(*row);
        if (before.now >= state::in_review) co_return refusal{error::not_open};
        auto seen_now = co_await look_at(s, *row);
        const auto next = next_step(before, seen_now.said, seen_now.of_checks,
                                    {.approve_at_provider = s.by.approve_at_provider}, clock::now());
        if (next.to >= state::in_review) {
            co_await store(s, *row, next, std::move(seen_now.what), {});
            continue;
        }
        before.submitted = next.submitted;
        const bool dropped = seen_now.what.view && seen_now.what.view->call_dropped;
        auto end = ended(before, state::cancelled, dropped ? "call_dropped" : "cancelled");
        co_await store(s, *row, std::move(end), std::move(seen_now.what),
                       {who.id, "astrologer", "cancelled by the person", who.request_id,
                        address_mark_of(s.keys, who.from.address)});
    }
    throw pg::unavailable();
}

}  // namespace astrotalk::onboarding::kyc
