#include "intake/queries.hpp"
#include "intake/steps.hpp"

namespace astrotalk::intake {
namespace {

struct terms {
    std::string state;
    instant starts_at;
    std::optional<bytes> details_sealed;
};
BOOST_DESCRIBE_STRUCT(terms, (), (state, starts_at, details_sealed))

// Why nothing can be given for it, if so.
std::optional<error> refusal_of(const std::optional<terms>& found) {
    if (!found) return error::booking_not_found;
    switch (closed_for_changes(found->state, found->starts_at, clock::now())) {
        case closed::cancelled: return error::already_cancelled;
        case closed::started: return error::too_late;
        case closed::no: return std::nullopt;
    }
    __builtin_unreachable();
}

}  // namespace

task<outcome<given>> attach_intake(service& s, writer who, booking_id to, std::optional<uuid> profile,
                                   std::optional<personal> question) {
    const auto found = co_await s.pg.read_one<terms>(sql::read_intake_terms, to, who.id, profile);
    if (const auto why = refusal_of(found)) co_return *why;
    std::optional<bytes> birth_sealed, question_sealed;
    if (profile) {
        const auto copied = found->details_sealed
                                ? open_birth(s.keys, details_purpose, *profile, *found->details_sealed)
                                : std::nullopt;
        if (!copied) co_return error::profile_not_found;
        birth_sealed = seal_birth(s.keys, birth_purpose, to.value, *copied);
    }
    if (question)
        question_sealed = s.keys.seal(question_purpose, question->reveal(),
                                      fmt::format("{}:{}", question_purpose, to.to_string()));
    const auto saved = co_await s.pg.write_one<intake_row>(sql::attach_intake, to, who.id, birth_sealed,
                                                           question_sealed, uuid::v7(), who.request_id);
    if (saved) co_return opened(s.keys, *saved);
    // It was cancelled, moved or began in between.
    const auto now = co_await s.pg.write_one<terms>(sql::read_intake_terms, to, who.id, profile);
    co_return refusal_of(now).value_or(error::too_late);
}

}  // namespace astrotalk::intake
