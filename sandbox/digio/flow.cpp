#include "digio/flow.hpp"

namespace sandbox::digio {

std::string_view name_of(state s) { return boost::describe::enum_to_string(s, "unknown"); }
std::string_view name_of(kind k) { return boost::describe::enum_to_string(k, "unknown"); }

namespace flow {
namespace {

// The action at hand, if it is of that kind and the request still runs.
action* pending(request& r, kind wanted) {
    auto* found = r.now == state::requested ? at_hand(r) : nullptr;
    return found && found->type == wanted ? found : nullptr;
}

void succeed(request& r, action& a, instant now, happenings& out) {
    a.now = state::success;
    a.completed = now;
    r.updated = now;
    out.push_back({"kyc.action.completed", a.id});
}

void fail(request& r, action& a, std::string_view reason, instant now, happenings& out) {
    a.now = state::failed;
    a.reason = reason;
    a.completed = now;
    out.push_back({"kyc.action.rejected", a.id});
    terminate(r, reason, now, out);
}

}  // namespace

void begin(request& r, happenings& out) {
    out.push_back({"kyc.request.created"});
    for (const auto& each : r.actions) out.push_back({"kyc.action.created", each.id});
}

action* at_hand(request& r) {
    for (auto& each : r.actions)
        if (each.now == state::requested) return &each;
    return nullptr;
}

bool give_pan(request& r, std::string_view pan, instant now) {
    auto* a = pending(r, kind::digilocker);
    if (!a || !is_pan(pan)) return false;
    r.who.pan = pan;
    a->papers.pan_given = true;
    r.updated = now;
    return true;
}

bool send_code(request& r, std::string_view last4, std::string code, instant now, happenings& out) {
    auto* a = pending(r, kind::digilocker);
    if (!a || !a->papers.pan_given || !is_four_digits(last4)) return false;
    if (a->papers.codes == most_codes) {
        fail(r, *a, "Too many codes were asked for", now, out);
        return false;
    }
    r.who.aadhaar_last4 = last4;
    a->papers.code = std::move(code);
    a->papers.code_sent = now;
    a->papers.wrong = 0;
    ++a->papers.codes;
    r.updated = now;
    return true;
}

code_check enter_code(request& r, std::string_view code, instant now, happenings& out) {
    auto* a = pending(r, kind::digilocker);
    if (!a || a->papers.code.empty() || now - a->papers.code_sent > code_life) return code_check::none;
    if (code != a->papers.code) {
        if (++a->papers.wrong < most_wrong) return code_check::wrong;
        a->papers.code.clear();
        if (a->papers.codes < most_codes) return code_check::refused;
        fail(r, *a, "Too many wrong codes", now, out);
        return code_check::refused;
    }
    a->papers.code.clear();
    out.push_back({"documents.pulled.successfully", a->id});
    succeed(r, *a, now, out);
    return code_check::right;
}

bool take_selfie(request& r, std::string picture, int drawn, std::optional<place> where, instant now,
                 happenings& out) {
    auto* a = pending(r, kind::selfie);
    if (!a) return false;
    a->picture = std::move(picture);
    a->drawn = drawn;
    a->where = std::move(where);
    a->confidence = drawn == 1 ? 17 : r.who.face_match;
    succeed(r, *a, now, out);
    return true;
}

bool ask_call(request& r, instant now, instant joins, std::string agent, std::string agent_id,
              std::vector<int> questions) {
    auto* a = pending(r, kind::two_way_video);
    if (!a || a->call.phase == call_phase::waiting || a->call.phase == call_phase::talking) return false;
    const int number = a->call.number + 1;
    a->call = {.phase = call_phase::waiting,
               .asked = now,
               .joins = joins,
               .agent = std::move(agent),
               .agent_id = std::move(agent_id),
               .questions = std::move(questions),
               .number = number};
    r.updated = now;
    return true;
}

bool join_call(request& r, instant now, std::optional<instant> drops) {
    auto* a = pending(r, kind::two_way_video);
    if (!a || a->call.phase != call_phase::waiting || now < a->call.joins) return false;
    a->call.phase = call_phase::talking;
    a->call.joins = now;
    a->call.drops = drops;
    r.updated = now;
    return true;
}

bool answer(request& r, bool answered, instant now) {
    auto* a = pending(r, kind::two_way_video);
    if (!a || a->call.phase != call_phase::talking || a->call.answered == a->call.questions.size())
        return false;
    ++a->call.answered;
    a->call.refused_one = a->call.refused_one || !answered;
    r.updated = now;
    return true;
}

bool end_call(request& r, std::string_view verdict, std::string_view reason, instant now, happenings& out) {
    auto* a = pending(r, kind::two_way_video);
    if (!a || a->call.phase != call_phase::talking) return false;
    a->call.phase = call_phase::ended;
    a->call.ended = now;
    a->call.verdict = verdict;
    a->call.reason = reason;
    succeed(r, *a, now, out);
    return true;
}

bool drop_call(request& r, instant now, happenings& out) {
    auto* a = pending(r, kind::two_way_video);
    if (!a || (a->call.phase != call_phase::talking && a->call.phase != call_phase::waiting)) return false;
    a->call.phase = call_phase::dropped;
    a->call.ended = now;
    ++a->retries;
    r.updated = now;
    out.push_back({"kyc.action.call.terminated", a->id});
    return true;
}

bool skip(request& r, instant now, happenings& out) {
    auto* a = r.now == state::requested ? at_hand(r) : nullptr;
    if (!a || !a->optional) return false;
    a->now = state::skipped;
    a->completed = now;
    r.updated = now;
    out.push_back({"kyc.action.completed", a->id});
    return true;
}

bool all_done(const request& r) {
    for (const auto& each : r.actions)
        if (each.now != state::success && each.now != state::skipped) return false;
    return true;
}

bool complete(request& r, instant now, happenings& out) {
    if (r.now != state::requested || !all_done(r)) return false;
    r.now = state::approval_pending;
    r.updated = now;
    ++r.review;
    out.push_back({"kyc.request.completed"});
    return true;
}

bool ready_for_review(request& r, happenings& out) {
    if (r.now != state::approval_pending) return false;
    out.push_back({"kyc.request.review.ready"});
    return true;
}

bool decide(request& r, bool approve, std::string_view auditor, std::string_view reason, instant now,
            happenings& out) {
    if (r.now != state::approval_pending) return false;
    r.now = approve ? state::approved : state::rejected;
    r.updated = now;
    r.auto_approved = approve && auditor.empty();
    r.auditor = auditor;
    r.auditor_id = auditor.empty() ? "" : "auditor@digio.sandbox";
    if (!approve) r.error = reason;
    for (auto& each : r.actions) {
        if (each.now != state::success) continue;
        const bool blamed = !approve && (each.type == kind::two_way_video || !has_video(r));
        each.now = approve ? state::approved : blamed ? state::rejected : state::success;
        if (each.now == state::rejected) out.push_back({"kyc.action.rejected", each.id});
    }
    out.push_back({approve ? "kyc.request.approved" : "kyc.request.rejected"});
    return true;
}

bool terminate(request& r, std::string_view reason, instant now, happenings& out) {
    if (is_final(r.now)) return false;
    r.now = state::failed;
    r.error = reason;
    r.updated = now;
    out.push_back({"kyc.request.terminated"});
    return true;
}

bool expire(request& r, instant now, happenings& out) {
    if (r.now != state::requested) return false;
    r.now = state::expired;
    r.updated = now;
    for (auto& each : r.actions)
        if (each.now == state::requested) each.now = state::expired;
    out.push_back({"kyc.request.expired"});
    return true;
}

bool reattempt(request& r, instant now) {
    if (r.now != state::approval_pending && r.now != state::rejected && r.now != state::failed) return false;
    bool blamed = false;
    for (const auto& each : r.actions)
        blamed = blamed || each.now == state::rejected || each.now == state::failed;
    for (auto& each : r.actions) {
        if (blamed && each.now != state::rejected && each.now != state::failed) continue;
        each.now = state::requested;
        each.completed.reset();
        each.reason.clear();
        each.papers = {};
        each.call.phase = call_phase::none;
        ++each.retries;
    }
    r.now = state::requested;
    r.expires = now + std::chrono::days(r.expire_in_days);
    r.error.clear();
    r.auditor.clear();
    r.auditor_id.clear();
    r.auto_approved = false;
    r.updated = now;
    return true;
}

}  // namespace flow
}  // namespace sandbox::digio
