#include "core/log.hpp"
#include "http/json.hpp"
#include "onboarding/kyc_staff.hpp"
#include "onboarding/kyc_steps.hpp"
#include "onboarding/queries.hpp"

namespace astrotalk::onboarding::kyc {
namespace {

constexpr int most_tries = 8;

struct queue_row {
    uuid id;
    astrotalk::user_id user_id;
    std::string state, method;
    std::int32_t attempt = 0;
    std::optional<std::string> provider_status;
    std::vector<std::string> reasons;
    std::string findings;
    bool four_eyes = false;
    std::optional<astrotalk::user_id> approved_by;
    instant started_at;
    std::optional<instant> submitted_at;
    bool needs_staff = false;
};
BOOST_DESCRIBE_STRUCT(queue_row, (),
                      (id, user_id, state, method, attempt, provider_status, reasons, findings, four_eyes,
                       approved_by, started_at, submitted_at, needs_staff))

struct detail_row {
    uuid id;
    astrotalk::user_id user_id;
    std::string state, method;
    std::int32_t attempt = 0;
    std::optional<std::string> provider_status, cause;
    std::vector<std::string> reasons;
    std::string findings;
    bool four_eyes = false;
    std::optional<astrotalk::user_id> approved_by, seconded_by;
    instant started_at;
    std::optional<instant> submitted_at, ended_at;
    bool needs_staff = false;
    std::optional<bytes> evidence_sealed, legal_name_sealed, origin_sealed, return_sealed;
};
BOOST_DESCRIBE_STRUCT(detail_row, (),
                      (id, user_id, state, method, attempt, provider_status, cause, reasons, findings,
                       four_eyes, approved_by, seconded_by, started_at, submitted_at, ended_at, needs_staff,
                       evidence_sealed, legal_name_sealed, origin_sealed, return_sealed))

template <class Row>
queue_item item_of(const Row& row) {
    queue_item item{.id = row.id,
                    .user_id = row.user_id,
                    .state = row.state,
                    .method = row.method,
                    .attempt = row.attempt,
                    .provider_status = row.provider_status,
                    .reasons = row.reasons,
                    .findings = {},
                    .four_eyes = row.four_eyes,
                    .approved_by = row.approved_by,
                    .started_at = row.started_at,
                    .submitted_at = row.submitted_at};
    if (auto read = http::from_json<std::vector<finding>>(row.findings)) item.findings = std::move(*read);
    return item;
}

// "A*** R***": how many words, and how each begins.
std::string masked_name(const std::string& name) {
    std::string out;
    bool begins = true;
    for (std::size_t i = 0; i < name.size(); ++i) {
        const auto c = static_cast<unsigned char>(name[i]);
        if (c == ' ') {
            out += ' ';
            begins = true;
        } else if (begins) {
            // The first code point, whole.
            std::size_t n = 1;
            while (i + n < name.size() && (static_cast<unsigned char>(name[i + n]) & 0xc0) == 0x80) ++n;
            out += name.substr(i, n) + "***";
            begins = false;
        }
    }
    return out;
}

papers papers_of(const evidence& seen, const personal& legal_name, bool reveal) {
    const auto name = [&](const std::string& n) { return personal(reveal ? n : masked_name(n)); };
    const auto date = [&](const std::string& d) { return personal(reveal ? d : d.substr(0, 4)); };
    return {.legal_name = name(legal_name.reveal()),
            .pan = personal(reveal ? seen.pan : masked_pan(seen.pan)),
            .pan_name = name(seen.pan_name),
            .pan_birth_date = date(seen.pan_birth_date),
            .aadhaar = personal(masked_aadhaar(seen.aadhaar_last4)),
            .aadhaar_name = name(seen.aadhaar_name),
            .aadhaar_birth_date = date(seen.aadhaar_birth_date),
            .face_match = seen.face_match};
}

std::string place_name(service& s, std::string_view purpose, uuid row, const std::optional<bytes>& sealed) {
    const auto from = open_origin(s.keys, purpose, row, sealed);
    if (!s.atlas || from.address.empty()) return {};
    const auto at = s.atlas->find(from.address);
    return at.city.empty() ? at.country : at.city + ", " + at.country;
}

evidence open_evidence(service& s, const detail_row& row) {
    if (!row.evidence_sealed) return {};
    const auto text = s.keys.open(evidence_purpose, *row.evidence_sealed, place_of(evidence_purpose, row.id));
    if (!text) {
        log::error("kyc.evidence_does_not_open", {{"session", row.id}});
        return {};
    }
    auto read = http::from_json<evidence>(*text);
    return read ? std::move(*read) : evidence();
}

bool is_final(reject_code why) { return why >= reject_code::other_person; }

}  // namespace

task<std::vector<queue_item>> read_queue(service& s, uuid after, std::int32_t most) {
    std::vector<queue_item> items;
    for (const auto& row : co_await s.pg.read<queue_row>(sql::read_kyc_queue, after, most))
        items.push_back(item_of(row));
    co_return items;
}

task<std::optional<case_detail>> read_detail(service& s, staff_member who, uuid session, bool reveal) {
    const auto row = co_await s.pg.write_one<detail_row>(sql::read_kyc_for_staff, session, uuid::v7(), who.id,
                                                         who.role, reveal ? "kyc.reveal" : "admin.read_kyc",
                                                         who.reason, who.request_id);
    if (!row) co_return std::nullopt;
    const auto legal_name = legal_name_of(s.keys, row->user_id, row->legal_name_sealed);
    co_return case_detail{.session = item_of(*row),
                          .cause = row->cause,
                          .ended_at = row->ended_at,
                          .seen = papers_of(open_evidence(s, *row), legal_name, reveal),
                          .started_from = place_name(s, origin_purpose, row->id, row->origin_sealed),
                          .returned_from = place_name(s, return_purpose, row->id, row->return_sealed)};
}

task<outcome<void>> approve(service& s, staff_member who, uuid id) {
    const auto decided = co_await s.pg.write_one<bool>(sql::approve_kyc, id, who.id, who.reason, uuid::v7(),
                                                       who.request_id, address_mark_of(s.keys, who.address));
    if (!decided) {
        const auto row = co_await read_case(s, id);
        if (!row) co_return refusal{error::session_not_found};
        const bool again = row->approved_by == who.id && row->four_eyes && !row->seconded_by;
        co_return refusal{again ? error::second_admin_needed : error::not_reviewable};
    }
    if (*decided) co_await settle(s, id);
    co_return outcome<void>();
}

task<outcome<void>> reject(service& s, staff_member who, uuid id, reject_code why) {
    for (int tries = 0; tries < most_tries; ++tries) {
        const auto row = co_await read_case(s, id);
        if (!row) co_return refusal{error::session_not_found};
        const session before = session_of(*row);
        if (before.now != state::in_review || !before.needs_staff || row->user_id == who.id)
            co_return refusal{error::not_reviewable};
        const std::string code(boost::describe::enum_to_string(why, ""));
        auto end = ended(before, state::rejected, code);
        end.reasons = {code};
        if (is_final(why)) end.person = standing::rejected;
        if (co_await store(s, *row, std::move(end), {},
                           {who.id, "admin", who.reason, who.request_id,
                            address_mark_of(s.keys, who.address)}) == stored::done)
            co_return outcome<void>();
    }
    throw pg::unavailable();
}

task<outcome<void>> accept_papers(service& s, staff_member who, user_id astrologer) {
    const auto made = co_await s.pg.try_write<started_row>(
        sql::accept_papers, astrologer, uuid::v7(), s.by.four_eyes, who.id, who.reason, uuid::v7(),
        who.request_id, address_mark_of(s.keys, who.address));
    if (made && !made->empty()) {
        co_await settle(s, made->front().id);
        co_return outcome<void>();
    }
    const auto person = co_await s.pg.write_one<person_row>(sql::read_kyc_person, astrologer, "");
    const auto now = person ? standing_of(*person) : standing::not_started;
    if (now == standing::completed) co_return refusal{error::already_verified};
    if (now == standing::rejected) co_return refusal{error::rejected};
    if (now == standing::in_progress) co_return refusal{error::in_progress};
    co_return refusal{error::session_not_found};
}

task<std::vector<deletion>> read_deletions(service& s, uuid after, std::int32_t most) {
    co_return co_await s.pg.read<deletion>(sql::list_kyc_deletions, after, most);
}

task<bool> finish_deletion(service& s, staff_member who, uuid session) {
    const auto done = co_await s.pg.write_one<uuid>(sql::finish_kyc_deletion, session, who.id, uuid::v7(),
                                                    who.reason, who.request_id);
    co_return done.has_value();
}

}  // namespace astrotalk::onboarding::kyc
