#include "core/log.hpp"
#include "http/json.hpp"
#include "onboarding/kyc_steps.hpp"
#include "onboarding/queries.hpp"
#include "telemetry/metrics.hpp"

namespace astrotalk::onboarding::kyc {
namespace {

constexpr int most_tries = 16;

struct relations_row {
    bool pan_in_use = false, rejected_before = false;
    std::int32_t accounts_on_address = 0, accounts_on_device = 0;
};
BOOST_DESCRIBE_STRUCT(relations_row, (),
                      (pan_in_use, rejected_before, accounts_on_address, accounts_on_device))

// Of an Aadhaar number four digits, and nothing but what `evidence` has.
bytes seal_evidence(service& s, uuid row, const evidence& seen) {
    return s.keys.seal(evidence_purpose, http::to_json(seen), place_of(evidence_purpose, row));
}

std::string country_of(service& s, const origin& from) {
    return s.atlas && !from.address.empty() ? s.atlas->find(from.address).country : std::string();
}

// A person who ended it, or withdrew, knows.
bool tells(const step& next) {
    return is_end(next.to) && next.cause != "cancelled" && next.cause != "consent_withdrawn" &&
           next.to != state::cancelled;
}

// What it means for the person: passed, refused for good, or that they may try again.
std::string_view outcome_of(const step& end) {
    if (end.person == standing::completed) return "approved";
    return end.person == standing::rejected ? "rejected" : "failed";
}

struct news {
    uuid id;
    std::string user_id, session_id, outcome;
};
std::string json_of(const news& what) {
    return fmt::format(R"({{"userId":"{}","sessionId":"{}","outcome":"{}"}})", what.user_id, what.session_id,
                       what.outcome);
}

// An open session that stays so has had something handed in.
std::string_view action_of(const case_row& before, state to) {
    if (to == state::open && before.state == name_of(to)) return "kyc.submit";
    switch (to) {
        case state::creating:
        case state::unknown: return "kyc.unknown";
        case state::open: return "kyc.open";
        case state::in_review: return "kyc.review";
        case state::approved: return "kyc.approve";
        case state::rejected: return "kyc.reject";
        case state::failed: return "kyc.fail";
        case state::expired: return "kyc.expire";
        case state::cancelled: return "kyc.cancel";
        case state::abandoned: return "kyc.abandon";
    }
    return "kyc.unknown";
}

void count(const step& next, const std::vector<finding>& findings) {
    if (!is_end(next.to)) return;
    telemetry::counter_of("astrotalk_kyc_ended_total", "KYC sessions that ended, by how and why.",
                          {{"state", name_of(next.to)}, {"cause", next.cause}})
        .add();
    for (const auto& each : findings)
        telemetry::counter_of("astrotalk_kyc_findings_total", "Findings of KYC sessions that ended.",
                              {{"finding", name_of(each.code)}, {"says", name_of(each.says)}})
            .add();
}

std::string reason_of(const step& next, const actor& by) {
    if (!by.reason.empty()) return by.reason;
    if (!next.cause.empty()) return next.cause;
    if (next.to == state::approved) return "the identity check has passed";
    if (next.to < state::open) return "Digio has not answered";
    return next.needs_staff ? "staff are to look at it" : "Digio says so";
}

std::optional<std::int32_t> seconds_to_next(const case_row& row, const step& next, instant now) {
    session after = session_of(row);
    const bool same = after.now == next.to;
    after.now = next.to;
    after.needs_staff = next.needs_staff;
    const double jitter = static_cast<double>(crypto::random_below(1000)) / 1000;
    const auto wait = next_check(after, same ? row.checks + 1 : 0, now, jitter);
    if (!wait) return std::nullopt;
    return static_cast<std::int32_t>(wait->count());
}

step passed_by_papers(const session& s) {
    return {.to = state::approved,
            .submitted = s.submitted,
            .needs_staff = s.needs_staff,
            .person = standing::completed};
}

std::optional<std::string> status_of(const seen& what) {
    if (!what.view) return std::nullopt;
    return std::string(name_of(what.view->status));
}

}  // namespace

task<stored> store(service& s, case_row row, step next, seen what, actor by) {
    const news told{uuid::v7(), row.user_id.to_string(), row.id.to_string(), std::string(outcome_of(next))};
    std::optional<bytes> letter, sealed, pan_hash;
    if (tells(next)) letter = jobs::seal_payload(s.keys, told.id, json_of(told));
    std::optional<std::string> findings, kid, person;
    if (what.judged) {
        sealed = seal_evidence(s, row.id, what.view->seen);
        findings = http::to_json(what.findings);
        if (!what.view->seen.pan.empty()) pan_hash = pan_hash_of(s.keys, what.view->seen.pan);
    }
    if (what.view && next.to >= state::open) kid = what.view->kid;
    if (next.person) person = name_of(*next.person);
    const auto wait = seconds_to_next(row, next, clock::now());
    const auto done = co_await s.pg.try_write<uuid>(
        sql::settle_kyc, row.id, row.version, name_of(next.to),
        next.cause.empty() ? std::optional<std::string>() : std::optional(next.cause), next.reasons,
        next.spared, next.submitted, next.needs_staff, status_of(what), kid, sealed, pan_hash, findings, wait,
        next.answered ? 0 : row.silent + 1, s.quality_review, by.id, by.role, reason_of(next, by), person,
        uuid::v7(), action_of(row, next.to), by.address_hash, by.request_id, uuid::v7(), told.id, letter);
    if (!done) {
        if (done.error().constraint == "kyc_session_pan") co_return stored::pan_taken;
        if (done.error().constraint == "kyc_session_kid") co_return stored::lost;
        throw std::logic_error("KYC broke " + done.error().constraint);
    }
    if (done->empty()) co_return stored::lost;
    count(next, what.findings);
    co_return stored::done;
}

task<look> look_at(service& s, case_row row) {
    look seen_now{.said = silence::unavailable};
    const auto kid = row.kid ? row.kid : row.kid_hint;
    if (!kid || !row.consented || row.method != "digio") co_return seen_now;
    seen_now.said = co_await s.digio.read(*kid);
    auto* view = std::get_if<provider_view>(&seen_now.said);
    if (!view || view->transaction_id != row.id.to_string()) co_return seen_now;
    seen_now.what.view = *view;
    if (view->status != provider_status::approval_pending && view->status != provider_status::approved &&
        view->status != provider_status::rejected)
        co_return seen_now;
    const auto pan =
        view->seen.pan.empty() ? std::optional<bytes>() : std::optional(pan_hash_of(s.keys, view->seen.pan));
    const auto others = co_await s.pg.write_one<relations_row>(sql::read_kyc_relations, row.user_id, pan,
                                                               row.address_hash, row.device_hash);
    known about{
        .legal_name = legal_name_of(s.keys, row.user_id, row.legal_name_sealed).reveal(),
        .others = {others->pan_in_use, others->rejected_before, others->accounts_on_address,
                   others->accounts_on_device},
        .country_at_start = country_of(s, open_origin(s.keys, origin_purpose, row.id, row.origin_sealed)),
        .country_at_return = country_of(s, open_origin(s.keys, return_purpose, row.id, row.return_sealed)),
        .today = day_in_india(clock::now())};
    seen_now.what.findings = find(view->seen, about, s.by);
    seen_now.what.judged = true;
    seen_now.of_checks = judge(seen_now.what.findings);
    co_return seen_now;
}

// Whoever comes here, however often and in whatever order, ends at what Digio says.
task<void> settle(service& s, uuid id) {
    bool asked_approval = false;
    for (int tries = 0; tries < most_tries; ++tries) {
        const auto row = co_await read_case(s, id);
        if (!row) co_return;
        const session before = session_of(*row);
        if (is_end(before.now)) co_return;
        actor by;
        if (before.staff_approved)
            by = {row->seconded_by ? row->seconded_by : row->approved_by,
                  "admin",
                  row->staff_reason.value_or(""),
                  {},
                  {}};
        if (row->method == "papers") {
            if (!before.staff_approved ||
                co_await store(s, *row, passed_by_papers(before), {}, by) == stored::done)
                co_return;
            continue;
        }
        const auto seen_now = co_await look_at(s, *row);
        const step next = next_step(before, seen_now.said, seen_now.of_checks,
                                    {.approve_at_provider = s.by.approve_at_provider}, clock::now());
        if (next.changes(before)) {
            const auto done =
                co_await store(s, *row, next, seen_now.what, next.to == state::approved ? by : actor());
            if (done != stored::done) continue;  // decide again, from what there is now
        } else {
            co_await s.pg.execute(sql::note_kyc_check, row->id, row->version,
                                  next.answered ? 0 : row->silent + 1, status_of(seen_now.what),
                                  seconds_to_next(*row, next, clock::now()));
        }
        if (!next.approve_at_provider || asked_approval) co_return;
        asked_approval = true;
        if (!co_await s.digio.approve(seen_now.what.view->kid)) co_return;
    }
    throw std::runtime_error("a KYC session changed too often while it was looked at");
}

}  // namespace astrotalk::onboarding::kyc
