// Digio itself: its requests, access tokens and people, and what it does by itself as time goes by (agents
// join calls, reviews end, requests expire). Everything is in memory and gone when the sandbox ends.
//
// Thread safety: none; it belongs to the sandbox's loop. Bounded: beyond `limit` requests the oldest is
// forgotten.
#pragma once

#include <boost/describe.hpp>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "agenda.hpp"
#include "digio/flow.hpp"
#include "digio/ids.hpp"
#include "digio/letters.hpp"
#include "faulty_calls.hpp"
#include "mishaps.hpp"

namespace sandbox::digio {

struct settings {
    std::uint64_t seed = 1;
    std::string client_id;
    astrotalk::secret client_secret;
    webhooks::target webhook;
};

// How Digio behaves when nothing goes wrong: PUT /control/digio/behaviour.
enum class reviewing { automatic, manual };
BOOST_DESCRIBE_ENUM(reviewing, automatic, manual)
enum class judging { by_answers, approve, reject };
BOOST_DESCRIBE_ENUM(judging, by_answers, approve, reject)
struct behaviour {
    reviewing review = reviewing::automatic;  // manual: waits for manage_approval or the control API
    std::int32_t review_seconds = 2;
    std::int32_t token_minutes = 20;
    std::int32_t agent_seconds = 3;  // until an agent joins a call
    judging agent = judging::by_answers;
    BOOST_DESCRIBE_CLASS(behaviour, (), (review, review_seconds, token_minutes, agent_seconds, agent), (), ())
};

// What somebody is sent: to a phone or an e-mail address, in the sandbox's inboxes.
using notifier = std::function<void(const std::string& to, const std::string& text)>;

class desk {
  public:
    static constexpr std::size_t limit = 150'000;
    static constexpr std::size_t call_limit = 5'000;
    static constexpr std::size_t picture_bytes = 64 << 20;  // of all that were ever uploaded
    static constexpr std::size_t people_limit = 50'000;

    desk(settings how, agenda& later, notifier notify);

    const settings& config() const { return config_; }
    const id_maker& ids() const { return ids_; }
    std::string code() { return ids_.digits(6); }

    // Takes a request that has its identifier, names and kinds of actions; gives it everything else.
    request& open(request asked, bool with_token);
    request* find(std::string_view id);
    std::vector<request*> newest(std::size_t most);
    // By the id of a file or of an execution.
    std::pair<request*, action*> find_file(std::string_view id);
    void notify(const std::string& to, const std::string& text) { notify_(to, text); }
    const token& add_token(request& r);
    enum class token_state { valid, expired, unknown };
    token_state check(const request& r, std::string_view token_id) const;

    const person& who_is(std::string_view identifier, std::string_view name = {});
    const person& change(const person_change& wanted);

    // Tells the client what happened, and goes on with what follows from it: the review.
    void announce(request& r, const flow::happenings& all);
    // The steps that something else follows from by itself.
    bool call_agent(request& r);
    bool answer_agent(request& r, bool answered);
    bool hang_up(request& r, std::string_view verdict, std::string_view reason);
    // The same without a browser, up to where it can go: see control.cpp.
    bool drive(request& r, std::string_view outcome, std::string_view reason);
    bool decide(request& r, bool approve, std::string_view auditor, std::string_view reason);
    bool reattempt(request& r);
    // Whether a picture of that size may still be kept.
    bool make_room(std::size_t bytes);

    // The record may still be completed by whoever made it.
    std::shared_ptr<recorded_call> record(recorded_call call);
    const std::deque<std::shared_ptr<recorded_call>>& calls() const { return calls_; }
    std::vector<rule> faults_of(call_kind call) { return take(now, call, random_); }
    std::vector<std::shared_ptr<delivery>> deliveries(std::string_view id, std::size_t most) const {
        return webhooks_.log(id, most);
    }
    // Begins anew, with another seed if one is given: no requests, people, faults or records.
    void reset(std::optional<std::uint64_t> seed);

    faults now;         // what goes wrong
    behaviour manners;  // what goes right

  private:
    // `body` later, unless the request is gone by then.
    void later(const request& r, astrotalk::instant when, std::function<void(request&)> body);
    void review(request& r);
    void finish_review(request& r, bool wait);
    void join(request& r, int number);
    void expire_in_time(const request& r);
    void drive_actions(request& r);
    bool drive_call(request& r);
    void forget_oldest();

    settings config_;
    agenda& later_;
    notifier notify_;
    id_maker ids_;
    std::mt19937_64 random_;
    webhooks webhooks_;
    std::unordered_map<std::string, std::unique_ptr<request>> requests_;
    std::deque<std::string> order_;
    std::unordered_map<std::string, std::string> files_;  // id of a file or execution → of its request
    std::map<std::string, person, std::less<>> people_;
    std::deque<std::shared_ptr<recorded_call>> calls_;
    std::size_t pictures_ = 0;
};

}  // namespace sandbox::digio
