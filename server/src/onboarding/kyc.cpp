#include "onboarding/kyc.hpp"

#include <boost/describe/enum_from_string.hpp>
#include <boost/describe/enum_to_string.hpp>

namespace astrotalk::onboarding::kyc {
namespace {

using namespace std::chrono_literals;

// How long an attempt to create may take us; then whoever made it is gone.
constexpr auto creating_lasts = 1min;
// How long a webhook may name a session that was perhaps created; then it is given up.
constexpr auto unknown_lasts = 10min;
// How long Digio may be silent after a session's time is over.
constexpr auto silence_borne = 6h;
// Clocks differ, and Digio's times are whole seconds. What is taken as in time is also waited for.
constexpr auto late_by = 1min;

step stay(const session& s) { return {.to = s.now, .submitted = s.submitted, .needs_staff = s.needs_staff}; }

step without_answer(const session& s, instant now) {
    if (s.now < state::open) {
        if (s.now == state::creating && now < s.started_at + creating_lasts) return stay(s);
        if (now < s.started_at + unknown_lasts) {
            step next = stay(s);
            next.to = state::unknown;
            return next;
        }
        return ended(s, state::abandoned, "create_unanswered");
    }
    if (s.now == state::open && now >= s.expires_at + silence_borne)
        return ended(s, state::abandoned, "provider_unavailable");
    step next = stay(s);
    next.answered = false;
    return next;
}

// Handed in after its time was over. Where Digio does not say when, it is believed to be in time.
bool is_late(const session& s, const provider_view& said) {
    return s.now < state::in_review && said.done_at && *said.done_at > s.expires_at + late_by;
}

step by_checks(const session& s, const provider_view& said, const judgement& of_checks, const rules& how) {
    if (is_late(s, said)) return ended(s, state::expired, "out_of_time");
    step next = stay(s);
    next.to = state::in_review;
    next.reasons = of_checks.reasons;
    if (of_checks.what == verdict::reject) {
        next = ended(s, state::rejected, of_checks.reasons.empty() ? "checks" : of_checks.reasons.front());
        next.reasons = of_checks.reasons;
        next.person = standing::rejected;  // for good: another attempt would find the same
        return next;
    }
    if (of_checks.what == verdict::review && !s.staff_approved) {
        next.needs_staff = true;
        return next;
    }
    next.needs_staff = s.needs_staff;
    if (said.status != provider_status::approved) {
        next.approve_at_provider = how.approve_at_provider || s.staff_approved;
        return next;
    }
    next.to = state::approved;
    next.person = standing::completed;
    return next;
}

step by_provider(const session& s, const provider_view& said, const judgement& of_checks, const rules& how,
                 instant now) {
    switch (said.status) {
        case provider_status::approval_pending:
        case provider_status::approved: return by_checks(s, said, of_checks, how);
        case provider_status::rejected:
            // What is refused for good is so whether or not Digio was faster with its own refusal.
            if (of_checks.what == verdict::reject) return by_checks(s, said, of_checks, how);
            return ended(s, state::rejected, "provider_rejected");
        case provider_status::failed:
            return ended(s, state::failed, said.call_dropped ? "call_dropped" : "provider_failed");
        case provider_status::skipped: return ended(s, state::failed, "provider_skipped");
        case provider_status::expired:
            return s.now == state::in_review ? ended(s, state::expired, "review_lapsed")
                                             : ended(s, state::expired, "out_of_time");
        case provider_status::requested:
        case provider_status::unheard_of: break;
    }
    // While there is time, a new call takes the place of one that broke off.
    if (s.now == state::open && now >= s.expires_at + late_by)
        return said.call_dropped ? ended(s, state::failed, "call_dropped")
                                 : ended(s, state::expired, "out_of_time");
    return stay(s);
}

}  // namespace

bool spares(state end, std::string_view cause, bool submitted) {
    if (end == state::approved || end == state::rejected) return false;
    if (cause == "call_dropped" || cause == "provider_unavailable" || cause == "provider_refused" ||
        cause == "create_unanswered" || cause == "review_lapsed")
        return true;
    return !submitted;
}

step ended(const session& s, state how, std::string cause) {
    const bool spared = spares(how, cause, s.submitted);
    return {.to = how,
            .cause = std::move(cause),
            .spared = spared,
            .submitted = s.submitted,
            .needs_staff = s.needs_staff,
            .person = standing::failed};
}

step next_step(const session& before, const provider_answer& said, const judgement& of_checks,
               const rules& how, instant now) {
    if (is_end(before.now)) return stay(before);
    const auto* view = std::get_if<provider_view>(&said);
    // Only a request that names this session is its own.
    const bool ours =
        view && view->transaction_id == before.id && (before.kid.empty() || before.kid == view->kid);
    session s = before;
    if (ours && view->submitted) s.submitted = true;
    if (!s.consented) return ended(s, state::abandoned, "consent_withdrawn");
    if (!ours) return without_answer(s, now);
    if (s.now < state::open) {
        s.now = state::open;
        s.kid = view->kid;
    }
    return by_provider(s, *view, of_checks, how, now);
}

std::optional<std::chrono::seconds> next_check(const session& after, std::int32_t checks, instant now,
                                               double jitter) {
    if (is_end(after.now)) return std::nullopt;
    if (after.now == state::in_review && after.needs_staff && !after.staff_approved) return std::nullopt;
    std::chrono::seconds base = 15s * (1 << std::min(checks, 11));
    if (after.now == state::in_review) {
        base = std::min<std::chrono::seconds>(base, 6h);
    } else {
        base = std::min<std::chrono::seconds>(base, 2min);
        // Its end is looked at when it comes.
        const auto left = std::chrono::ceil<std::chrono::seconds>(after.expires_at + late_by - now);
        if (left > 0s && left < base) return left + std::chrono::seconds(static_cast<int>(jitter * 5));
    }
    return std::chrono::seconds(
        static_cast<std::int64_t>(static_cast<double>(base.count()) * (0.5 + jitter)));
}

provider_status parse_provider_status(std::string_view text) {
    std::string lower(text);
    for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    if (lower == "completed" || lower == "success") return provider_status::approval_pending;
    provider_status parsed = provider_status::unheard_of;
    boost::describe::enum_from_string(lower.c_str(), parsed);
    return parsed;
}

std::string_view name_of(state s) { return boost::describe::enum_to_string(s, ""); }
std::string_view name_of(standing s) { return boost::describe::enum_to_string(s, ""); }
std::string_view name_of(provider_status s) { return boost::describe::enum_to_string(s, ""); }
std::optional<state> parse_state(std::string_view name) {
    state parsed{};
    if (!boost::describe::enum_from_string(std::string(name).c_str(), parsed)) return std::nullopt;
    return parsed;
}

}  // namespace astrotalk::onboarding::kyc
