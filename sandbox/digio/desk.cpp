#include "digio/desk.hpp"

#include <algorithm>
#include <array>

#include "digio/questions.hpp"
#include "digio/wire.hpp"

namespace sandbox::digio {
namespace {

using astrotalk::clock::now;
using namespace std::chrono_literals;

constexpr std::size_t most_tokens = 5, most_history = 200, most_sent = 3;
constexpr int least_confidence = 40;
constexpr std::array<std::string_view, 4> agents{"Asha Menon", "Rohan Gupta", "Farah Khan", "Joseph Dsouza"};

std::string payload_of(const request& r, const flow::happening& what) {
    if (what.event == "documents.pulled.successfully")
        return fmt::format(R"({{"digilocker_request":{{"kyc_request_id":"{}","state":"COMPLETED",)"
                           R"("customer_identifier":"{}"}}}})",
                           r.id, r.identifier);
    const auto whole = to_json(r, false);
    for (const auto& each : r.actions)
        if (each.id == what.action_id)
            return fmt::format(R"({{"kyc_request":{},"kyc_action":{}}})", whole, action_to_json(r, each));
    return fmt::format(R"({{"kyc_request":{}}})", whole);
}

action* video_of(request& r) {
    const auto found = std::ranges::find(r.actions, kind::two_way_video, &action::type);
    return found == r.actions.end() ? nullptr : &*found;
}

}  // namespace

desk::desk(settings how, agenda& later, notifier notify)
    : config_(std::move(how)),
      later_(later),
      notify_(std::move(notify)),
      ids_(config_.seed),
      random_(config_.seed + 1),
      webhooks_(config_.webhook, manner_of(ids_), later, random_, now) {}

request& desk::open(request asked, bool with_token) {
    const auto at = digio::now();
    while (requests_.size() >= limit) forget_oldest();
    auto made = std::make_unique<request>(std::move(asked));
    made->id = ids_.make("KID", at);
    made->created = made->updated = at;
    made->expires = at + std::chrono::days(made->expire_in_days);
    made->who = who_is(made->identifier, made->name);
    for (auto& each : made->actions) {
        each.id = ids_.make("KIA", at);
        each.execution_id = ids_.make("EXE", at);
        each.file_id = ids_.make("FIL", at);
        if (!each.geo_id.empty()) each.geo_id = ids_.make("KSA", at);
        files_[each.file_id] = files_[each.execution_id] = made->id;
    }
    auto& r = *made;
    order_.push_back(r.id);
    requests_.emplace(r.id, std::move(made));
    if (with_token) add_token(r);
    expire_in_time(r);
    flow::happenings all;
    flow::begin(r, all);
    announce(r, all);
    return r;
}

void desk::expire_in_time(const request& r) {
    later(r, r.expires, [this](request& due) {
        if (digio::now() < due.expires) return;  // asked again meanwhile, which gave it more time
        flow::happenings all;
        if (flow::expire(due, digio::now(), all)) announce(due, all);
    });
}

std::pair<request*, action*> desk::find_file(std::string_view id) {
    const auto known = files_.find(std::string(id));
    auto* r = known == files_.end() ? nullptr : find(known->second);
    if (!r) return {};
    const auto found = std::ranges::find_if(
        r->actions, [&](const action& a) { return a.file_id == id || a.execution_id == id; });
    return found == r->actions.end() ? std::pair<request*, action*>{} : std::pair{r, &*found};
}

request* desk::find(std::string_view id) {
    const auto found = requests_.find(std::string(id));
    return found == requests_.end() ? nullptr : found->second.get();
}

std::vector<request*> desk::newest(std::size_t most) {
    std::vector<request*> all;
    for (auto id = order_.rbegin(); id != order_.rend() && all.size() < most; ++id)
        if (auto* r = find(*id)) all.push_back(r);
    return all;
}

const token& desk::add_token(request& r) {
    const auto at = digio::now();
    if (r.tokens.size() == most_tokens) r.tokens.erase(r.tokens.begin());
    r.tokens.push_back({ids_.make("GWT", at), at, at + std::chrono::minutes(manners.token_minutes)});
    return r.tokens.back();
}

desk::token_state desk::check(const request& r, std::string_view token_id) const {
    const auto found = std::ranges::find(r.tokens, token_id, &token::id);
    if (found == r.tokens.end()) return token_state::unknown;
    return digio::now() < found->valid_till ? token_state::valid : token_state::expired;
}

const person& desk::who_is(std::string_view identifier, std::string_view name) {
    const auto known = people_.find(identifier);
    if (known != people_.end()) return known->second;
    if (people_.size() >= people_limit) people_.erase(people_.begin());
    return people_.emplace(std::string(identifier), invent(config_.seed, identifier, name)).first->second;
}

const person& desk::change(const person_change& wanted) {
    who_is(wanted.identifier);
    auto& known = people_.find(wanted.identifier)->second;
    apply(wanted, known);
    return known;
}

void desk::later(const request& r, astrotalk::instant when, std::function<void(request&)> body) {
    later_.at(when, [this, id = r.id, body = std::move(body)] {
        if (auto* found = find(id)) body(*found);
    });
}

void desk::announce(request& r, const flow::happenings& all) {
    for (const auto& each : all) {
        if (r.history.size() == most_history) r.history.erase(r.history.begin());
        r.history.push_back({digio::now(), std::string(each.event)});
        const auto payload = payload_of(r, each);
        webhooks_.tell(r.id, each.event, payload, r.sent.empty() ? nullptr : &r.sent.front());
        if (r.sent.size() < most_sent) r.sent.emplace_back(each.event, payload);
    }
    if (flow::happenings more; flow::complete(r, digio::now(), more)) {
        announce(r, more);
        review(r);
    }
}

void desk::review(request& r) {
    auto wait = std::chrono::milliseconds(std::chrono::seconds(manners.review_seconds));
    for (const auto& each : faults_of(call_kind::review))
        if (each.fault == mishap::slow_review)
            wait += std::chrono::milliseconds(each.delay_ms.value_or(60'000));
    later(r, digio::now() + wait, [this, number = r.review](request& due) {
        if (due.review == number) finish_review(due, manners.review == reviewing::manual);
    });
}

void desk::finish_review(request& r, bool wait) {
    const auto* video = video_of(r);
    flow::happenings all;
    if ((video || wait) && flow::ready_for_review(r, all)) announce(r, all);
    if (wait) return;
    if (video) {
        const bool approve = video->call.verdict != "reject";
        decide(r, approve, video->call.agent, video->call.reason);
        return;
    }
    bool alike = true;
    for (const auto& each : r.actions) alike = alike && each.confidence.value_or(100) >= least_confidence;
    decide(r, alike, "", "The face does not match the document");
}

bool desk::decide(request& r, bool approve, std::string_view auditor, std::string_view reason) {
    flow::happenings all;
    if (!flow::decide(r, approve, auditor, reason, digio::now(), all)) return false;
    announce(r, all);
    return true;
}

bool desk::call_agent(request& r) {
    const auto at = digio::now();
    const auto chosen = ids_.number();
    if (!flow::ask_call(r, at, at + std::chrono::seconds(manners.agent_seconds),
                        std::string(agents[chosen % agents.size()]),
                        fmt::format("agent{}@digio.sandbox", 1 + chosen % agents.size()),
                        pick_questions(chosen >> 8)))
        return false;
    const auto* video = video_of(r);
    later(r, video->call.joins, [this, number = video->call.number](request& due) { join(due, number); });
    return true;
}

void desk::join(request& r, int number) {
    auto* video = video_of(r);
    if (!video || video->call.number != number) return;
    const auto at = digio::now();
    auto end = at + flow::longest_call;
    for (const auto& each : faults_of(call_kind::video))
        if (each.fault == mishap::drop_call) end = at + std::chrono::minutes(each.minute.value_or(0));
    if (!flow::join_call(r, at, end)) return;
    later(r, end, [this, number](request& due) {
        flow::happenings all;
        if (const auto* a = video_of(due); !a || a->call.number != number) return;
        if (flow::drop_call(due, digio::now(), all)) announce(due, all);
    });
}

bool desk::answer_agent(request& r, bool answered) {
    if (!flow::answer(r, answered, digio::now())) return false;
    const auto& call = video_of(r)->call;
    if (call.answered < call.questions.size()) return true;
    const bool reject =
        manners.agent == judging::reject || (manners.agent == judging::by_answers && call.refused_one);
    return hang_up(r, reject ? "reject" : "approve", reject ? "Not every question was answered" : "");
}

bool desk::hang_up(request& r, std::string_view verdict, std::string_view reason) {
    flow::happenings all;
    const bool done = verdict == "drop" ? flow::drop_call(r, digio::now(), all)
                                        : flow::end_call(r, verdict, reason, digio::now(), all);
    if (done) announce(r, all);
    return done;
}

void desk::drive_actions(request& r) {
    const auto at = digio::now();
    for (auto* a = flow::at_hand(r); a && r.now == state::requested && a->type != kind::two_way_video;
         a = flow::at_hand(r)) {
        flow::happenings all;
        if (a->type == kind::digilocker) {
            const auto sent = code();
            flow::give_pan(r, r.who.pan, at);
            flow::send_code(r, r.who.aadhaar_last4, sent, at, all);
            flow::enter_code(r, sent, at, all);
        } else {
            flow::take_selfie(r, "", 0, place{r.who.latitude, r.who.longitude, r.who.district}, at, all);
        }
        // The last action completes the request: its review is ended here, not by the clock.
        announce(r, all);
    }
}

bool desk::drive_call(request& r) {
    auto* a = flow::at_hand(r);
    if (r.now != state::requested || !a || a->type != kind::two_way_video) return false;
    if (a->call.phase == call_phase::talking) return true;
    if (a->call.phase != call_phase::waiting && !call_agent(r)) return false;
    a->call.joins = digio::now();
    return flow::join_call(r, digio::now(), std::nullopt);
}

bool desk::drive(request& r, std::string_view outcome, std::string_view reason) {
    flow::happenings all;
    const auto at = digio::now();
    if (outcome == "expire" || outcome == "cancel" || outcome == "fail") {
        const bool done =
            outcome == "expire"
                ? flow::expire(r, at, all)
                : flow::terminate(r, reason.empty() ? "Ended by the customer" : reason, at, all);
        announce(r, all);
        return done;
    }
    if (r.now == state::requested) drive_actions(r);
    if (outcome == "drop_call") return drive_call(r) && hang_up(r, "drop", "");
    if (drive_call(r)) hang_up(r, outcome == "reject" ? "reject" : "approve", reason);
    if (r.now != state::approval_pending) return false;
    ++r.review;  // not by the clock any more
    if (outcome == "complete") return true;
    if (flow::ready_for_review(r, all)) announce(r, all);
    return decide(r, outcome == "approve", "Sandbox", reason.empty() ? "Refused by the sandbox" : reason);
}

bool desk::make_room(std::size_t bytes) {
    if (pictures_ + bytes > picture_bytes) return false;
    pictures_ += bytes;
    return true;
}

bool desk::reattempt(request& r) {
    if (!flow::reattempt(r, digio::now())) return false;
    expire_in_time(r);
    return true;
}

std::shared_ptr<recorded_call> desk::record(recorded_call call) {
    if (calls_.size() == call_limit) calls_.pop_front();
    return calls_.emplace_back(std::make_shared<recorded_call>(std::move(call)));
}

void desk::forget_oldest() {
    if (const auto* oldest = find(order_.front()))
        for (const auto& each : oldest->actions) {
            files_.erase(each.file_id);
            files_.erase(each.execution_id);
        }
    requests_.erase(order_.front());
    order_.pop_front();
}

void desk::reset(std::optional<std::uint64_t> seed) {
    if (seed) config_.seed = *seed;
    ids_ = id_maker(config_.seed);
    random_ = std::mt19937_64(config_.seed + 1);
    later_.clear();
    webhooks_.clear();
    requests_.clear();
    order_.clear();
    files_.clear();
    people_.clear();
    calls_.clear();
    pictures_ = 0;
    now = {};
    manners = {};
}

}  // namespace sandbox::digio
