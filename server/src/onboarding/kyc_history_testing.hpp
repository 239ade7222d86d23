// For kyc_history_pgtest.cpp: what happens at Digio whoever hears of it, the line to it, which loses answers
// and at which the server dies, and what must be so when all has ended.
#pragma once

#include <random>
#include <set>

#include "http/json.hpp"
#include "onboarding/kyc_testing.hpp"

namespace astrotalk::onboarding::kyc {

// The draws of one history. Small, so that a failure is read from its seed.
class chance {
  public:
    explicit chance(unsigned seed) : engine_(seed) {}
    int below(int n) { return static_cast<int>(engine_() % static_cast<unsigned>(n)); }
    bool one_in(int n) { return below(n) == 0; }
    template <class T>
    void shuffle(T& what) {
        std::ranges::shuffle(what, engine_);
    }

  private:
    std::mt19937 engine_;
};

// What is thrown where the process would have ended: nobody stores anything after it.
struct power_cut : std::exception {
    const char* what() const noexcept override { return "the power is cut"; }
};

// Between the service and Digio.
class line final : public provider {
  public:
    line(model_digio& far, unsigned seed) : far_(far), draw_(seed) {}

    // A new process; `dying` is called once, when it ends.
    void begin_life(std::function<void()> dying) {
        dead_ = false;
        dying_ = std::move(dying);
    }
    bool dead() const { return dead_; }
    // From then on it is a good line.
    void repair() { repaired_ = true; }

    task<result<created_request, create_fault>> create(std::string transaction, personal identifier,
                                                       personal name) override {
        may_die();
        EXPECT_TRUE(asked_.insert(transaction).second) << "the same request is sent twice";
        using enum model_digio::creation;
        static constexpr model_digio::creation outcomes[] = {loses_answer, loses_request, refuses, away};
        far_.next = fails(3) ? outcomes[draw_.below(4)] : answers;
        auto made = co_await far_.create(std::move(transaction), std::move(identifier), std::move(name));
        co_await yield();
        may_die();
        co_return made;
    }
    task<provider_answer> read(std::string kid) override {
        may_die();
        static constexpr silence silences[] = {silence::unavailable, silence::not_found, silence::refused};
        if (fails(8)) co_return silences[draw_.below(3)];
        auto said = co_await far_.read(kid);
        if (fails(30)) co_await meanwhile(kid);
        co_await yield();
        may_die();
        co_return said;
    }
    task<bool> approve(std::string kid) override {
        may_die();
        if (fails(6)) co_return false;
        const bool done = co_await far_.approve(std::move(kid));
        co_await yield();
        may_die();
        co_return done && !fails(6);
    }
    task<std::optional<page_token>> renew_token(std::string kid, personal identifier) override {
        may_die();
        auto fresh = co_await far_.renew_token(std::move(kid), std::move(identifier));
        may_die();
        co_return fresh;
    }
    secret page_url(const std::string& kid, const personal& identifier,
                    const page_token& with) const override {
        return far_.page_url(kid, identifier, with);
    }
    const std::string& template_name() const override { return far_.template_name(); }

    // What happens while an answer is on its way, now and then.
    std::function<task<void>(std::string kid)> meanwhile;
    int deaths = 0;

  private:
    bool fails(int one_in) { return !repaired_ && draw_.one_in(one_in); }
    // Before Digio hears of it, or before its answer is stored. Who is at it at the same time dies, too.
    void may_die() {
        if (!dead_ && fails(60)) {
            dead_ = true;
            ++deaths;
            dying_();
        }
        if (dead_) throw power_cut();
    }

    model_digio& far_;
    chance draw_;
    std::function<void()> dying_;
    bool dead_ = false, repaired_ = false;
    std::set<std::string> asked_;
};

enum class papers_kind : std::uint8_t { good, other_name, under_age, of_another };

// What becomes of one request at Digio, a step at a time.
struct course {
    struct step {
        provider_status status;
        bool submitted = false, dropped = false;
    };
    std::vector<step> ahead{};
    papers_kind papers = papers_kind::good;
    instant made{};
    bool late = false;  // Digio's word changed when the half hour was over: it may have been too late
};

inline course draw_course(chance& draw) {
    using enum provider_status;
    static const std::vector<std::vector<course::step>> all = {
        {},
        {{requested, true}},
        {{requested, true}, {requested, true, true}},
        {{requested, true}, {approval_pending, true}},
        {{requested, true}, {approval_pending, true}},
        {{requested, true}, {approval_pending, true}, {approved, true}},
        {{approved, true}},
        {{requested, true}, {requested, true, true}, {requested, true}, {approved, true}},
        {{requested, true}, {approval_pending, true}, {rejected, true}},
        {{rejected, true}},
        {{requested, true}, {failed, true}},
        {{requested, true, true}, {failed, true, true}},
        {{skipped}},
        {{expired}},
        {{approval_pending, true}, {expired, true}},
    };
    course made{.ahead = all[static_cast<std::size_t>(draw.below(static_cast<int>(all.size())))],
                .made = clock::now()};
    if (draw.one_in(3)) made.papers = static_cast<papers_kind>(std::min(3, 1 + draw.below(5)));
    return made;
}

inline bool is_provider_end(provider_status s) {
    return s != provider_status::requested && s != provider_status::approval_pending;
}

inline evidence papers_of(papers_kind kind, const std::string& pan, const std::string& pan_of_another) {
    auto seen = good_papers(kind == papers_kind::of_another ? pan_of_another : pan);
    if (kind == papers_kind::other_name) seen.pan_name = seen.aadhaar_name = "VIKRAM SINGH";
    if (kind == papers_kind::under_age) seen.pan_birth_date = seen.aadhaar_birth_date = "2015-01-01";
    return seen;
}

// --- When all has ended.

struct ended_row {
    uuid id;
    astrotalk::user_id user_id;
    std::string state, cause, method;
    std::optional<std::string> kid;
    bool withdrawn = false;   // its consent, before it ended
    bool pan_passed = false;  // another account has passed with its PAN
    // Audit rows of what happens at most once.
    std::int64_t begun = 0, unknown = 0, opened = 0, ends = 0;
    std::int64_t to_delete = 0, deletions = 0;

    std::string end() const { return state + " " + cause; }
    bool tells() const { return state != "cancelled" && cause != "consent_withdrawn"; }
};
BOOST_DESCRIBE_STRUCT(ended_row, (),
                      (id, user_id, state, cause, method, kid, withdrawn, pan_passed, begun, unknown, opened,
                       ends, to_delete, deletions))
constexpr pg::statement list_ends{
    "test.list_ends",
    "select s.id, s.user_id, s.state, coalesce(s.cause, '') as cause, s.method, s.kid, "
    "coalesce(c.withdrawn_at < s.ended_at, false) as withdrawn, "
    "exists (select from kyc_session o where o.pan_hash = s.pan_hash and o.user_id <> s.user_id "
    "and o.state = 'approved') as pan_passed, "
    "(select count(*) from audit_pending a where a.subject_id = s.id "
    "and a.action in ('kyc.start', 'kyc.accept_papers')) as begun, "
    "(select count(*) from audit_pending a where a.subject_id = s.id and a.action = 'kyc.unknown') as "
    "unknown, "
    "(select count(*) from audit_pending a where a.subject_id = s.id and a.action = 'kyc.open') as opened, "
    "(select count(*) from audit_pending a where a.subject_id = s.id and a.action in ('kyc.approve', "
    "'kyc.reject', 'kyc.fail', 'kyc.expire', 'kyc.cancel', 'kyc.abandon')) as ends, "
    "(s.kid is not null and c.withdrawn_at is not null)::int::bigint as to_delete, "
    "(select count(*) from kyc_deletion d where d.session_id = s.id) as deletions "
    "from kyc_session s left join consent c on c.id = s.consent_id order by s.id",
    0};

template <class Row>
std::vector<Row> read_all(const clinic& c, const pg::statement& by) {
    return pg::testing::run(
        c.db, [&](pg::client& pg) -> task<std::vector<Row>> { co_return co_await pg.read<Row>(by); });
}
inline std::vector<ended_row> read_ends(const clinic& c) { return read_all<ended_row>(c, list_ends); }

// One end of each session, and its way in the audit trail.
inline void check_ends(const std::vector<ended_row>& ended, std::map<std::string, int>& seen) {
    for (const auto& each : ended) {
        ++seen[each.end()];
        EXPECT_TRUE(is_end(*parse_state(each.state))) << each.id.to_string() << " rests at " << each.state;
        EXPECT_EQ(each.begun, 1) << each.id.to_string();
        EXPECT_EQ(each.ends, 1) << each.id.to_string();
        EXPECT_LE(each.unknown, 1) << each.id.to_string();
        EXPECT_LE(each.opened, 1) << each.id.to_string();
        if (each.unknown > 0 && each.opened > 0) ++seen["known again by its webhook"];
        EXPECT_EQ(each.deletions, each.to_delete) << each.id.to_string();
        EXPECT_FALSE(each.state == "approved" && each.withdrawn) << each.id.to_string();
    }
}

// What Digio's last word makes of a session that neither its person, nor staff, nor the hour has decided.
inline std::set<std::string> ends_by(const provider_view& truth, papers_kind papers) {
    const std::string of_time = truth.call_dropped ? "failed call_dropped" : "expired out_of_time";
    std::set<std::string> ends;
    switch (truth.status) {
        case provider_status::approval_pending:
        case provider_status::approved: ends = {"approved "}; break;
        case provider_status::rejected: ends = {"rejected provider_rejected"}; break;
        case provider_status::failed:
            return {truth.call_dropped ? "failed call_dropped" : "failed provider_failed"};
        case provider_status::skipped: return {"failed provider_skipped"};
        case provider_status::expired: ends = {"expired out_of_time", "expired review_lapsed"}; break;
        case provider_status::requested:
        case provider_status::unheard_of: return {of_time};
    }
    if (papers == papers_kind::under_age && truth.status != provider_status::expired) ends.clear();
    if (papers == papers_kind::under_age) ends.insert("rejected under_age");
    return ends;
}

inline void check_truth(const std::vector<ended_row>& ended, const model_digio& digio,
                        const std::map<std::string, course>& courses, const std::set<user_id>& judged) {
    for (const auto& each : ended) {
        const auto found = digio.by_transaction.find(each.id.to_string());
        if (each.state == "approved" && each.method == "digio") {
            ASSERT_NE(found, digio.by_transaction.end());
            EXPECT_EQ(digio.requests.at(found->second).status, provider_status::approved);
        }
        if (each.cause == "pan_in_use") EXPECT_TRUE(each.pan_passed) << each.id.to_string();
        if (found == digio.by_transaction.end() || each.state == "cancelled" || each.state == "abandoned" ||
            each.cause == "pan_in_use" || judged.contains(each.user_id))
            continue;
        const auto& course = courses.at(found->second);
        if (course.late) continue;
        const auto due = ends_by(digio.requests.at(found->second), course.papers);
        EXPECT_TRUE(due.contains(each.end())) << each.id.to_string() << " " << each.end();
    }
}

struct told_row {
    uuid id;
    bytes payload;
};
BOOST_DESCRIBE_STRUCT(told_row, (), (id, payload))
struct told_news {
    astrotalk::user_id user_id;
    uuid session_id;
    std::string outcome;
};
BOOST_DESCRIBE_STRUCT(told_news, (), (user_id, session_id, outcome))
constexpr pg::statement list_told{"test.list_told",
                                  "select id, payload from outbox where kind = 'kyc.decided' order by id", 0};

struct standing_row {
    astrotalk::user_id id;
    std::string kyc_status, profile_status, profile;
    bool listed = false;
    std::int64_t sessions = 0, used = 0, passed = 0;
};
BOOST_DESCRIBE_STRUCT(standing_row, (),
                      (id, kyc_status, profile_status, profile, listed, sessions, used, passed))
constexpr pg::statement list_standings{
    "test.list_standings",
    "select u.id, u.kyc_status, u.profile_status, a.status as profile, "
    "'astrologer' = any(u.groups) as listed, "
    "(select count(*) from kyc_session s where s.user_id = u.id) as sessions, "
    "(select count(*) from kyc_session s where s.user_id = u.id and not s.spared "
    "and s.method = 'digio') as used, "
    "(select count(*) from kyc_session s where s.user_id = u.id and s.state = 'approved') as passed "
    "from pool_user u join astrologer a on a.id = u.id",
    0};

// Each outcome that tells is told once, to its person, as it is; and their standing is what they were told.
inline void check_news(const clinic& c, const std::vector<ended_row>& ended) {
    std::map<uuid, std::vector<told_news>> told;
    std::set<user_id> refused;
    for (const auto& each : read_all<told_row>(c, list_told)) {
        const auto news = http::from_json<told_news>(*jobs::open_payload(c.keys, each.id, each.payload));
        told[news->session_id].push_back(*news);
        if (news->outcome == "rejected") refused.insert(news->user_id);
    }
    for (const auto& each : ended) {
        ASSERT_EQ(told[each.id].size(), each.tells() ? 1U : 0U) << each.id.to_string() << " " << each.end();
        if (!each.tells()) continue;
        const auto& news = told[each.id].front();
        EXPECT_EQ(news.user_id, each.user_id);
        EXPECT_EQ(news.outcome == "approved", each.state == "approved");
        EXPECT_TRUE(news.outcome != "rejected" || each.state == "rejected") << each.end();
    }
    for (const auto& each : read_all<standing_row>(c, list_standings)) {
        const std::string who = each.id.to_string();
        EXPECT_LE(each.used, most_attempts) << who;
        EXPECT_EQ(each.kyc_status, each.passed > 0             ? "completed"
                                   : refused.contains(each.id) ? "rejected"
                                   : each.sessions > 0         ? "failed"
                                                               : "not_started")
            << who;
        EXPECT_EQ(each.profile_status, each.passed > 0 ? "approved" : "pending") << who;
        EXPECT_EQ(each.profile, each.profile_status) << who;
        EXPECT_EQ(each.listed, each.passed > 0) << who;
    }
}

}  // namespace astrotalk::onboarding::kyc
