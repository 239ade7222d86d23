// Invented histories of people, Digio, the line between and a server that dies, played by the real use cases
// against a real database: webhooks shuffled, repeated, delayed and lost; Digio away, refusing, or its answer
// lost; the process ended between asking and storing; staff, cancelling and withdrawing, all at once.
//
// Twenty-five people share a ward: one database, and one server after another. Each ward is drawn from its
// seed, which a failure names; ASTROTALK_HISTORY_SEED plays that ward alone. What runs at the same time is
// ordered by PostgreSQL, so a seed repeats the story but not each interleaving.
#include <cstdlib>

#include "onboarding/kyc_history_testing.hpp"
#include "onboarding/kyc_staff.hpp"
#include "onboarding/queries.hpp"
#include "webhooks/webhooks.hpp"

namespace astrotalk::onboarding::kyc {
namespace {

using namespace std::chrono_literals;
using std::chrono::seconds;

constexpr int people_of_a_ward = 25;
constexpr int ticks = 40;

constexpr pg::statement withdraw_consent{
    "test.withdraw_consent",
    "with gone as (update consent set withdrawn_at = app_now(), withdrawn_channel = 'app' "
    "where user_id = $1 and withdrawn_at is null returning id) "
    "insert into outbox (id, kind, payload) select $2, 'consent.withdrawn', $3 from gone",
    3};
constexpr pg::statement consent_again{
    "test.consent_again",
    "insert into consent (id, user_id, purpose, notice_version, language, notice_hash, items, channel) "
    "values (gen_random_uuid(), $1, 'kyc', 1, 'en', sha256('{}'), '[]', 'app') on conflict do nothing",
    1};
// What waits for the worker now, or is in its hands.
constexpr pg::statement count_work{
    "test.count_work",
    "select count(*) from outbox where dead_at is null and kind <> 'kyc.decided' "
    "and (run_at <= app_now() or (attempts > 0 and last_error is null))",
    0};
constexpr pg::statement count_unfinished{
    "test.count_unfinished",
    "select (select count(*) from kyc_session where kyc_step(state) < 4) "
    "+ (select count(*) from outbox where kind <> 'kyc.decided')",
    0};

constexpr pg::statement owner_of{"test.owner_of", "select user_id from kyc_session where id = $1", 1};

struct letter {
    instant due;
    std::string event_id, body;
};

struct patient {
    user_id id;
    std::string pan;
    std::vector<uuid> sessions{};
};

class ward {
  public:
    explicit ward(unsigned seed) : seed_(seed), draw_(seed), line_(c_.digio, seed + 1) {
        c_.by.four_eyes = draw_.one_in(3);
        c_.by.approve_at_provider = !draw_.one_in(4);
        c_.digio.before_answer = [this](uuid session, std::string kid) -> task<void> {
            courses_.emplace(kid, draw_course(draw_));
            write_letters(kid);
            if (draw_.one_in(3)) co_await overtake(*serving_, session, kid);
            co_await yield();
        };
        for (int i = 0; i < people_of_a_ward; ++i)
            people_.push_back({c_.person(), fmt::format("ABCPK{:04}F", i)});
        for (int i = 0; i < 3; ++i) staff_.push_back(user_id::make());
    }
    ~ward() { clock::advance(-moved_); }
    ward(const ward&) = delete;

    // One server after another, until the story is told; then one that lives until all has ended.
    void play() {
        while (tick_ < ticks)
            live([this](service& s) -> task<void> {
                for (; tick_ < ticks && !line_.dead(); ++tick_) co_await one_tick(s);
            });
        line_.repair();
        c_.digio.down = false;
        for (auto& [kid, each] : courses_) each.ahead.clear();
        live([this](service& s) -> task<void> { co_await end_all(s); });
    }

    const clinic& place() const { return c_; }
    const line& wire() const { return line_; }
    const std::map<std::string, course>& courses() const { return courses_; }
    const std::set<user_id>& judged() const { return judged_; }  // by staff

  private:
    void live(std::function<task<void>(service&)> what);
    task<void> one_tick(service& s);
    task<void> end_all(service& s);
    task<void> work_off(service& s);
    task<void> guarded(task<void> what);
    task<void> one_action(service& s, patient& p);
    task<void> judge_one(service& s);
    task<void> withdraw_of(service& s, user_id who);
    task<void> deliver(service& s, letter what);
    task<void> overtake(service& s, uuid session, std::string kid);
    std::vector<letter> due_letters();
    void write_letters(const std::string& kid);
    task<void> move_digio(service& s);
    void pass(std::chrono::microseconds by) {
        clock::advance(by);
        moved_ += by;
    }

    unsigned seed_;
    chance draw_;
    clinic c_;
    line line_;
    std::vector<patient> people_;
    std::vector<user_id> staff_;
    std::map<std::string, course> courses_;
    std::vector<letter> mail_;
    std::set<user_id> judged_;
    service* serving_ = nullptr;
    jobs::outbox_worker* worker_ = nullptr;
    std::chrono::microseconds moved_{};
    int tick_ = 0, under_way_ = 0;
};

void ward::live(std::function<task<void>(service&)> what) {
    pass(31s);  // what the one before had in hand is nobody's now
    pg::testing::run(c_.db,
                     [&](pg::client& pg) -> task<void> {
                         service s{pg, c_.keys, line_, c_.by, nullptr, false};
                         jobs::outbox_worker worker(loop::current(), pg, c_.keys, {.poll = 20ms});
                         handle_jobs(worker, s, [&](uuid event) -> task<std::optional<std::string>> {
                             auto found = co_await webhooks::read_event(pg, c_.keys, event);
                             if (!found) co_return std::nullopt;
                             co_return std::move(found->body);
                         });
                         serving_ = &s;
                         worker_ = &worker;
                         bool died = false;
                         event buried;
                         line_.begin_life([&] {
                             died = true;
                             spawn([](pg::client& c, event& done) -> task<void> {
                                 co_await c.close();
                                 done.set();
                             }(pg, buried));
                         });
                         line_.meanwhile = [this, &s](std::string kid) -> task<void> {
                             const auto session = *uuid::parse(c_.digio.requests.at(kid).transaction_id);
                             co_await withdraw_of(s, *co_await s.pg.read_one<user_id>(owner_of, session));
                         };
                         event stopped;
                         spawn([](jobs::outbox_worker& w, event& done) -> task<void> {
                             co_await w.run();
                             done.set();
                         }(worker, stopped));
                         ++under_way_;
                         co_await guarded(what(s));
                         worker.stop();
                         EXPECT_TRUE(co_await stopped.wait_for(60s));
                         EXPECT_TRUE(!died || co_await buried.wait_for(60s));
                     },
                     {.read_connections = 1, .write_connections = 4});
}

// What a dead process throws is nobody's to catch; what a living one throws is a fault.
task<void> ward::guarded(task<void> what) {
    try {
        co_await std::move(what);
    } catch (const std::exception& e) {
        EXPECT_TRUE(line_.dead()) << "seed " << seed_ << ": " << e.what();
    }
    --under_way_;
}

// Several things happen: one after another, or all at once.
task<void> ward::one_tick(service& s) {
    const int kind = draw_.below(20);
    pass(kind < 13 ? seconds(5 + draw_.below(55)) : kind < 19 ? seconds(60 + draw_.below(600)) : 2h);
    if (draw_.one_in(12)) c_.digio.down = !c_.digio.down;
    co_await move_digio(s);
    std::vector<task<void>> todo;
    for (auto& each : due_letters()) todo.push_back(deliver(s, std::move(each)));
    for (auto& each : people_)
        if (draw_.one_in(3)) todo.push_back(one_action(s, each));
    if (draw_.one_in(2)) todo.push_back(judge_one(s));
    if (!draw_.one_in(4)) todo.push_back([](service& of) -> task<void> { co_await poll(of); }(s));
    draw_.shuffle(todo);
    const bool at_once = draw_.one_in(2);
    for (auto& each : todo) {
        ++under_way_;
        if (at_once)
            spawn(guarded(std::move(each)));
        else
            co_await guarded(std::move(each));
    }
    while (under_way_ > 1) co_await sleep_for(1ms);  // but the one that tells the story
    if (!draw_.one_in(3)) co_await work_off(s);
}

task<void> ward::work_off(service& s) {
    worker_->wake();
    while (!line_.dead() && *co_await s.pg.write_one<std::int64_t>(count_work) > 0) co_await sleep_for(1ms);
}

task<void> ward::one_action(service& s, patient& p) {
    const auto last = p.sessions.empty() ? uuid() : p.sessions.back();
    switch (draw_.below(12)) {
        case 0: co_await cancel(s, by_person(p.id), last); break;
        case 1: co_await come_back(s, by_person(p.id), last, "success"); break;
        case 2: co_await renew_token(s, by_person(p.id), last); break;
        case 3: co_await settle(s, last); break;
        case 4:
            if (draw_.one_in(3)) co_await withdraw_of(s, p.id);
            break;
        case 5:
            judged_.insert(p.id);
            if (draw_.one_in(6)) co_await accept_papers(s, {staff_[0], "admin", "passport seen", "r"}, p.id);
            break;
        default: {
            co_await s.pg.execute(consent_again, p.id);
            const auto begun = co_await start(s, by_person(p.id), new_key());
            if (begun) p.sessions.push_back(begun->id);
        }
    }
}

task<void> ward::judge_one(service& s) {
    const auto queue = co_await read_queue(s, uuid(), 50);
    if (queue.empty()) co_return;
    const auto& item = queue[static_cast<std::size_t>(draw_.below(static_cast<int>(queue.size())))];
    judged_.insert(item.user_id);
    const staff_member who{staff_[static_cast<std::size_t>(draw_.below(3))], "admin", "looked at it", "r"};
    if (draw_.one_in(2))
        co_await approve(s, who, item.id);
    else
        co_await reject(s, who, item.id, static_cast<reject_code>(draw_.below(6)));
}

// As privacy's own statement: the withdrawal and the news of it at once.
task<void> ward::withdraw_of(service& s, user_id who) {
    const auto id = uuid::v7();
    const auto payload =
        jobs::seal_payload(s.keys, id, fmt::format(R"({{"userId":"{}","purpose":"kyc"}})", who.to_string()));
    co_await s.pg.execute(withdraw_consent, who, id, payload);
}

task<void> ward::deliver(service& s, letter what) {
    webhooks::service hooks{s.pg, s.keys, {}};
    webhooks::envelope envelope{what.event_id, crypto::sha256(what.body), std::nullopt};
    co_await webhooks::receive_event(hooks, webhooks::digio, std::move(envelope), std::move(what.body));
}

// A webhook is worked on before the answer to the creation is here; the person may have withdrawn by then.
task<void> ward::overtake(service& s, uuid session, std::string kid) {
    co_await s.pg.write_one<uuid>(sql::hint_kyc, session, kid);
    if (draw_.one_in(3)) co_await withdraw_of(s, *co_await s.pg.read_one<user_id>(owner_of, session));
    co_await settle(s, session);
}

std::vector<letter> ward::due_letters() {
    std::vector<letter> due;
    std::erase_if(mail_, [&](letter& each) {
        if (each.due > clock::now()) return false;
        due.push_back(std::move(each));
        return true;
    });
    return due;
}

// None, one, or two of the same; now or in an hour and a half. One in ten tells of what never was.
void ward::write_letters(const std::string& kid) {
    const auto& request = c_.digio.requests.at(kid);
    const auto event = fmt::format("WHN{:029}", draw_.below(1'000'000'000));
    const auto status = draw_.one_in(10) ? provider_status::approved : request.status;
    const auto body = fmt::format(R"({{"id":"{}","event":"kyc.request.{}",)"
                                  R"("payload":{{"kyc_request":{{"id":"{}","transaction_id":"{}"}}}}}})",
                                  event, name_of(status), kid, request.transaction_id);
    const int copies = draw_.below(4);
    for (int i = 0; i < (copies == 3 ? 1 : copies); ++i)
        mail_.push_back({clock::now() + seconds(draw_.one_in(2) ? 0 : draw_.below(5400)), event, body});
}

task<void> ward::move_digio(service& s) {
    for (auto& [kid, each] : courses_) {
        if (each.ahead.empty() || !draw_.one_in(3)) continue;
        auto& request = c_.digio.requests.at(kid);
        const auto next = each.ahead.front();
        each.ahead.erase(each.ahead.begin());
        if (is_provider_end(request.status)) continue;  // our approval was faster
        const auto owner = co_await s.pg.read_one<user_id>(owner_of, *uuid::parse(request.transaction_id));
        const auto who = std::ranges::find(people_, *owner, &patient::id);
        const auto& other = who == people_.begin() ? people_.back() : *std::prev(who);
        each.late = each.late || clock::now() > each.made + session_lasts;
        if (next.status != provider_status::requested && !request.done_at) request.done_at = clock::now();
        request.status = next.status;
        request.submitted = request.submitted || next.submitted;
        request.call_dropped = next.dropped;
        request.seen = papers_of(each.papers, who->pan, other.pan);
        write_letters(kid);
    }
}

// A good line, a server that lives, staff that come to work, and as many hours as it takes.
task<void> ward::end_all(service& s) {
    for (int hours = 0; hours < 200; ++hours) {
        pass(1h);
        if (!c_.by.approve_at_provider)
            for (auto& [kid, each] : c_.digio.requests) co_await c_.digio.approve(kid);
        for (auto& each : due_letters()) co_await deliver(s, std::move(each));
        co_await work_off(s);
        while (co_await poll(s) > 0) {
        }
        co_await judge_one(s);
        if (mail_.empty() && *co_await s.pg.write_one<std::int64_t>(count_unfinished) == 0) co_return;
    }
}

// Of 25 people each: as many as it takes to tell of everything. The ten thousands are played without a
// database, by kyc_history_test.
constexpr int few = 12, many = 100;
int wards_to_play() { return std::getenv("ASTROTALK_LONG_TESTS") != nullptr ? many : few; }

TEST(kyc_history, ends_once_in_the_database_too_and_is_told_once) {
    std::map<std::string, int> seen;
    int deaths = 0;
    const char* only = std::getenv("ASTROTALK_HISTORY_SEED");
    for (int i = 0; i < (only ? 1 : wards_to_play()) && !HasFailure(); ++i) {
        const unsigned seed = only ? static_cast<unsigned>(std::atoi(only)) : 20261123U + 1000U * i;
        SCOPED_TRACE(fmt::format("ASTROTALK_HISTORY_SEED={}", seed));
        ward all(seed);
        all.play();
        deaths += all.wire().deaths;
        const auto& c = all.place();
        const auto ended = read_ends(c);
        check_ends(ended, seen);
        check_truth(ended, c.digio, all.courses(), all.judged());
        check_news(c, ended);
    }
    if (only) return;
    EXPECT_GT(deaths, 3);
    for (const auto* end :
         {"approved ", "rejected provider_rejected", "failed provider_failed", "failed call_dropped",
          "expired out_of_time", "cancelled cancelled", "abandoned consent_withdrawn",
          "abandoned create_unanswered", "abandoned provider_unavailable", "abandoned provider_refused",
          "known again by its webhook"})
        EXPECT_GT(seen[end], 0) << end << " is not told of";
    if (wards_to_play() < many) return;
    for (const auto* rare : {"rejected pan_in_use", "rejected under_age", "rejected suspected_fraud",
                             "rejected papers_unclear", "expired review_lapsed"})
        EXPECT_GT(seen[rare], 0) << rare << " is not told of";
}

}  // namespace
}  // namespace astrotalk::onboarding::kyc
