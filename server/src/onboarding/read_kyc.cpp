#include "http/json.hpp"
#include "onboarding/domain.hpp"
#include "onboarding/kyc_steps.hpp"
#include "onboarding/queries.hpp"
#include "privacy/privacy.hpp"

namespace astrotalk::onboarding::kyc {
namespace {

todo next_step_of(const person_row& person, const std::optional<session_view>& last, std::int32_t left) {
    const auto now = standing_of(person);
    if (now == standing::completed)
        return person.profile_status == "approved"  ? todo::nothing
               : person.profile_status == "pending" ? todo::wait
                                                    : todo::complete_profile;
    if (now == standing::rejected) return todo::contact_support;
    if (last && !is_end(last->state)) return last->state == state::open ? todo::continue_session : todo::wait;
    if (left == 0) return todo::contact_support;
    if (!person.legal_name_sealed) return todo::add_legal_name;
    return person.consented ? todo::start : todo::give_consent;
}

}  // namespace

task<overview> read_overview(service& s, user_id who) {
    // In this order: where a session has ended, what followed from it is there too.
    const auto last = co_await s.pg.read_one<session_row>(sql::read_last_kyc, who);
    const auto person = co_await s.pg.read_one<person_row>(sql::read_kyc_person, who, "");
    overview shown;
    if (!person) co_return shown;
    const auto phone = phone_of(s.keys, who, person->phone_sealed);
    shown.status = standing_of(*person);
    shown.attempts_left = std::max(0, most_attempts - person->used);
    if (last) {
        shown.session = view_of(s, *last, phone);
        shown.reasons = last->reasons;
    }
    shown.next_step = next_step_of(*person, shown.session, shown.attempts_left);
    if (person->legal_name_sealed) shown.legal_name = legal_name_of(s.keys, who, person->legal_name_sealed);
    co_return shown;
}

task<outcome<void>> set_legal_name(service& s, caller who, personal name) {
    const auto sealed =
        s.keys.seal(legal_name_purpose, name.reveal(), place_of(legal_name_purpose, who.id.value));
    std::optional<uuid> changed;
    auto body = [&](pg::transaction& t) -> task<void> {
        co_await t.query<user_id>(sql::lock_astrologer, who.id);
        const auto before = co_await t.query_one<person_row>(sql::read_kyc_person, who.id, "");
        changed = co_await t.query_one<uuid>(sql::set_legal_name, who.id, sealed, uuid::v7(), who.request_id);
        if (!changed || !before || !before->legal_name_sealed) co_return;
        if (legal_name_of(s.keys, who.id, before->legal_name_sealed).reveal() == name.reveal()) co_return;
        co_await privacy::certify_correction(t, s.keys,
                                             {.subject = who.id,
                                              .data_class = "onboarding.profile",
                                              .fields = {"legalName"},
                                              .by = who.id,
                                              .role = "astrologer",
                                              .request_id = who.request_id});
    };
    co_await s.pg.transact(body);
    if (changed) co_return outcome<void>();
    const auto person = co_await s.pg.write_one<person_row>(sql::read_kyc_person, who.id, "");
    const auto now = person ? standing_of(*person) : standing::not_started;
    if (now == standing::completed) co_return refusal{error::already_verified};
    if (now == standing::rejected) co_return refusal{error::rejected};
    if (now == standing::in_progress) co_return refusal{error::in_progress};
    co_return refusal{error::profile_required};
}

}  // namespace astrotalk::onboarding::kyc
