// The browser's way in, by its routes.
#include <boost/json.hpp>

#include "identity/people_pgtest.hpp"

namespace astrotalk::identity {
namespace {

using namespace testing;
using std::chrono::seconds;

constexpr std::string_view our_page = "https://app.example";

struct web_session_test : ::testing::Test {
    pg::testing::database db;
};

template <class F>
void in_the_web(const pg::testing::database& db, F body) {
    in_a_world(db, body, settings{.web = {.behind_tls = true, .allowed_origins = {std::string(our_page)}}});
}

using headers = std::vector<std::pair<std::string_view, std::string_view>>;

task<http::response> send(world& w, std::string route, std::string body, headers list) {
    http::request in;
    in.method = http::verb::post;
    in.headers = std::move(list);
    in.body = body;
    http::exchange x{
        .in = in, .request_id = "request", .trace_parent = {}, .who = {}, .idempotency = {}, .route = {}};
    for (const auto& row : session_routes())
        if (row.pattern == "/v1/session/" + route) co_return co_await row.handle(w.people, x);
    throw std::logic_error("no such route");
}

// By one of our pages, with the cookie that the browser has.
task<http::response> post(world& w, std::string route, std::string body, std::string cookie = {}) {
    headers list{{"origin", our_page}, {"content-type", "application/json"}};
    if (!cookie.empty()) list.emplace_back("cookie", cookie);
    co_return co_await send(w, std::move(route), std::move(body), std::move(list));
}

std::string member(const http::response& r, std::string_view name) {
    if (r.body.empty()) return "";
    const auto json = boost::json::parse(r.body);
    const auto* found = json.as_object().if_contains(name);
    return found ? found->is_string() ? std::string(found->get_string()) : boost::json::serialize(*found)
                 : "";
}

std::string set_cookie(const http::response& r) {
    for (const auto& [name, value] : r.headers)
        if (name == "set-cookie") return value;
    return "";
}
// What the browser sends back; empty when it was told to forget.
std::string jar(const http::response& r) {
    const auto set = set_cookie(r);
    const auto pair = set.substr(0, set.find(';'));
    return pair.ends_with('=') ? "" : pair;
}
bool forgets(const http::response& r) { return !set_cookie(r).empty() && jar(r).empty(); }

std::string start_body(const phone_number& phone, std::string_view purpose, std::string_view more = {}) {
    return fmt::format(R"({{"phone":"{}","purpose":"{}"{}}})", phone.reveal(), purpose, more);
}
std::string verify_body(const phone_number& phone, std::string_view session, std::string_view code) {
    return fmt::format(R"({{"session":"{}","phone":"{}","code":"{}"}})", session, phone.reveal(), code);
}

// The body of a right answer.
task<std::string> right_answer(world& w, phone_number phone, std::string_view purpose = "sign_in") {
    const auto started = co_await post(w, "start", start_body(phone, purpose));
    EXPECT_EQ(started.status, 200) << started.body;
    co_return verify_body(phone, member(started, "session"), (co_await w.last_code()).reveal());
}
task<http::response> sign_in_by_page(world& w, phone_number phone) {
    co_return co_await post(w, "verify", co_await right_answer(w, phone));
}

task<bool> opens(world& w, std::string token) {
    co_return (co_await w.people.tokens.authenticate(w.people.pg, token)).has_value();
}

TEST_F(web_session_test, a_code_gives_tokens_to_the_page_and_the_refresh_token_to_the_cookie) {
    in_the_web(db, [](world& w) -> task<void> {
        co_await w.join(a_phone());
        const auto in = co_await sign_in_by_page(w, a_phone());
        EXPECT_EQ(in.status, 200);
        EXPECT_EQ(member(in, "outcome"), "signed_in");
        EXPECT_EQ(member(in, "expiresIn"), "3600");
        EXPECT_TRUE(co_await opens(w, member(in, "accessToken")));
        EXPECT_FALSE(member(in, "idToken").empty());
        const auto token = jar(in).substr(jar(in).find('=') + 1);
        EXPECT_TRUE(is_refresh_token(token));
        EXPECT_EQ(in.body.find(token), std::string::npos);
        EXPECT_NE(set_cookie(in).find("Max-Age=2592000;"), std::string::npos) << set_cookie(in);

        const moved_clock tomorrow(std::chrono::hours(24));
        const auto again = co_await post(w, "refresh", "", jar(in));
        EXPECT_EQ(again.status, 200);
        EXPECT_TRUE(co_await opens(w, member(again, "accessToken")));
        EXPECT_NE(jar(again), jar(in));
        EXPECT_NE(set_cookie(again).find("Max-Age=2505600;"), std::string::npos) << "thirty days in all";
    });
}

TEST_F(web_session_test, a_sign_up_signs_in_with_its_one_code) {
    in_the_web(db, [](world& w) -> task<void> {
        const auto started = co_await post(
            w, "start", start_body(a_phone(), "sign_up", R"(,"name":"Asha","userType":"astrologer")"));
        EXPECT_EQ(started.status, 200);
        EXPECT_EQ(member(started, "codeLength"), "6");
        EXPECT_EQ(member(started, "destination"), "+********0000");
        const auto code = (co_await w.last_code()).reveal();
        const auto body = verify_body(a_phone(), member(started, "session"), code);
        const auto in = co_await post(w, "verify", body);
        EXPECT_EQ(in.status, 200) << in.body;
        const auto who = w.people.tokens.check(member(in, "accessToken"));
        EXPECT_EQ(who->user_type, "astrologer");
        EXPECT_EQ((co_await w.codes()).size(), 1U);
        EXPECT_EQ(member(co_await post(w, "verify", body), "code"), "code_expired");
    });
    EXPECT_EQ(db.execute("select count(*) from refresh_family"), "1");
}

TEST_F(web_session_test, a_stranger_cannot_tell_who_has_an_account) {
    in_the_web(db, [](world& w) -> task<void> {
        co_await w.join(a_phone());
        const auto sent = (co_await w.codes()).size();
        for (const auto& [purpose, stranger] : {std::pair("sign_in", 1), std::pair("sign_up", 2)}) {
            const auto known = co_await post(w, "start", start_body(a_phone(), purpose));
            const auto unknown = co_await post(w, "start", start_body(a_phone(stranger), purpose));
            EXPECT_EQ(known.status, 200);
            EXPECT_EQ(unknown.status, 200);
            EXPECT_EQ(known.body.size(), unknown.body.size());
            const auto wrong = [&](const http::response& r, phone_number phone) {
                return post(w, "verify", verify_body(phone, member(r, "session"), "000000"));
            };
            const auto one = co_await wrong(known, a_phone());
            const auto other = co_await wrong(unknown, a_phone(stranger));
            EXPECT_EQ(one.body, other.body);
        }
        EXPECT_EQ((co_await w.codes()).size(), sent + 3) << "a code, a notice, and a code for the new one";
    });
}

TEST_F(web_session_test, of_parallel_right_answers_one_signs_in) {
    in_the_web(db, [](world& w) -> task<void> {
        co_await w.join(a_phone());
        for (const auto& [purpose, number] : {std::pair("sign_in", 0), std::pair("sign_up", 1)}) {
            const auto body = co_await right_answer(w, a_phone(number), purpose);
            const auto all =
                co_await in_parallel<http::response>(20, [&](int) { return post(w, "verify", body); });
            int won = 0;
            for (const auto& each : all) {
                if (each.status == 200 && !jar(each).empty())
                    ++won;
                else
                    EXPECT_EQ(each.status, 410) << each.body;
            }
            EXPECT_EQ(won, 1) << purpose;
        }
    });
    EXPECT_EQ(db.execute("select count(*) from refresh_family"), "2");
}

TEST_F(web_session_test, wrong_answers_are_counted_and_lock_the_phone) {
    in_the_web(db, [](world& w) -> task<void> {
        co_await w.join(a_phone());
        const auto right = co_await right_answer(w, a_phone());
        const auto session = std::string(boost::json::parse(right).at("session").as_string());
        for (int i = 0; i < 5; ++i) {
            const auto wrong = co_await post(w, "verify", verify_body(a_phone(), session, "x"));
            EXPECT_EQ(wrong.status, 409) << wrong.body;
            EXPECT_EQ(set_cookie(wrong), "");
        }
        const auto late = co_await post(w, "verify", right);
        EXPECT_EQ(late.status, 429);
        EXPECT_EQ(member(late, "code"), "locked_out");
        const auto more = co_await post(w, "start", start_body(a_phone(), "sign_in"));
        EXPECT_EQ(more.status, 429);
        EXPECT_EQ(member(more, "code"), "too_many_codes");
        EXPECT_EQ(member(more, "retryAfter"), "30");
    });
    EXPECT_EQ(db.execute("select count(*) from refresh_family"), "0");
}

TEST_F(web_session_test, a_session_is_for_its_phone_alone) {
    in_the_web(db, [](world& w) -> task<void> {
        co_await w.join(a_phone(1));
        co_await w.join(a_phone(2));
        const auto mine = co_await post(w, "start", start_body(a_phone(1), "sign_in"));
        const auto code = (co_await w.last_code()).reveal();
        for (const auto& session : {member(mine, "session"), std::string("x"), std::string()}) {
            const auto theirs = co_await post(w, "verify", verify_body(a_phone(2), session, code));
            EXPECT_EQ(theirs.status, 410);
        }
        EXPECT_EQ((co_await post(w, "verify", verify_body(a_phone(1), member(mine, "session"), code))).status,
                  200);
    });
}

TEST_F(web_session_test, parallel_refreshes_of_many_tabs_get_one_successor) {
    in_the_web(db, [](world& w) -> task<void> {
        co_await w.join(a_phone());
        const auto in = co_await sign_in_by_page(w, a_phone());
        const auto all =
            co_await in_parallel<http::response>(50, [&](int) { return post(w, "refresh", "", jar(in)); });
        for (const auto& each : all) {
            EXPECT_EQ(each.status, 200);
            EXPECT_EQ(jar(each), jar(all.front()));
            EXPECT_TRUE(co_await opens(w, member(each, "accessToken")));
        }
        EXPECT_NE(jar(all.front()), jar(in));
        const moved_clock within(seconds(25));
        EXPECT_EQ(jar(co_await post(w, "refresh", "", jar(in))), jar(all.front()));
        EXPECT_EQ((co_await post(w, "refresh", "", jar(all.front()))).status, 200);
    });
    EXPECT_EQ(db.execute("select count(*) from refresh_token"), "3");
}

TEST_F(web_session_test, a_copy_used_after_the_grace_ends_the_session_and_the_cookie_goes) {
    in_the_web(db, [](world& w) -> task<void> {
        co_await w.join(a_phone());
        const auto in = co_await sign_in_by_page(w, a_phone());
        const auto next = co_await post(w, "refresh", "", jar(in));
        const moved_clock later(seconds(31));
        const auto copy = co_await post(w, "refresh", "", jar(in));
        EXPECT_EQ(copy.status, 410);
        EXPECT_EQ(member(copy, "code"), "session_reused");
        EXPECT_TRUE(forgets(copy));
        const auto owner = co_await post(w, "refresh", "", jar(next));
        EXPECT_EQ(member(owner, "code"), "session_ended");
        EXPECT_TRUE(forgets(owner));
        co_await tail_revocations(w.people.pg, w.ended);
        EXPECT_FALSE(co_await opens(w, member(next, "accessToken")));
    });
}

TEST_F(web_session_test, ending_against_refreshing_leaves_nothing_that_opens) {
    in_the_web(db, [](world& w) -> task<void> {
        co_await w.join(a_phone());
        const auto elsewhere = co_await w.sign_in(a_phone());
        for (int round = 1; round <= 10; ++round) {
            co_await w.join(a_phone(round));
            const auto in = co_await sign_in_by_page(w, a_phone(round));
            const auto all = co_await in_parallel<http::response>(12, [&](int i) {
                return i % 3 == 1 ? post(w, "end", "", jar(in)) : post(w, "refresh", "", jar(in));
            });
            co_await tail_revocations(w.people.pg, w.ended);
            for (const auto& each : all) {
                EXPECT_TRUE(each.status == 200 || each.status == 204 || each.status == 410) << each.body;
                if (each.status != 200) continue;
                EXPECT_FALSE(co_await opens(w, member(each, "accessToken")));
                EXPECT_EQ((co_await post(w, "refresh", "", jar(each))).status, 410);
            }
        }
        EXPECT_TRUE(co_await refresh(w.people, elsewhere.refresh_token, "r"));
    });
}

TEST_F(web_session_test, ending_is_the_same_however_often_and_with_whatever_cookie) {
    in_the_web(db, [](world& w) -> task<void> {
        co_await w.join(a_phone());
        const auto in = co_await sign_in_by_page(w, a_phone());
        const auto next = co_await post(w, "refresh", "", jar(in));
        // The cookie of before the last refresh names the same session.
        for (const auto& cookie : {jar(in), jar(in), jar(next), std::string(), std::string("garbage"),
                                   std::string("__Host-astrotalk_session=garbage")}) {
            const auto ended = co_await post(w, "end", "", cookie);
            EXPECT_EQ(ended.status, 204);
            EXPECT_TRUE(ended.body.empty());
            EXPECT_TRUE(forgets(ended));
        }
        co_await tail_revocations(w.people.pg, w.ended);
        EXPECT_FALSE(co_await opens(w, member(next, "accessToken")));
    });
    EXPECT_EQ(db.execute("select count(*) from revocation"), "1");
    EXPECT_EQ(db.execute("select count(*) from audit_pending where action = 'session.end'"), "1");
}

TEST_F(web_session_test, without_a_session_there_is_nothing_to_refresh) {
    in_the_web(db, [](world& w) -> task<void> {
        for (const std::string cookie :
             {"", "a=b", "__Host-astrotalk_session=", "__Host-astrotalk_session=x"}) {
            const auto r = co_await post(w, "refresh", "", cookie);
            EXPECT_EQ(r.status, 410);
            EXPECT_EQ(member(r, "code"), "session_ended");
            EXPECT_TRUE(forgets(r));
        }
    });
}

TEST_F(web_session_test, the_disabled_neither_sign_in_nor_refresh) {
    in_the_web(db, [this](world& w) -> task<void> {
        co_await w.join(a_phone());
        const auto in = co_await sign_in_by_page(w, a_phone());
        const auto answer = co_await right_answer(w, a_phone());
        db.execute("update pool_user set enabled = false");
        const auto refused = co_await post(w, "verify", answer);
        EXPECT_EQ(refused.status, 403);
        EXPECT_EQ(member(refused, "code"), "user_disabled");
        EXPECT_EQ(set_cookie(refused), "");
        const auto kept_out = co_await post(w, "refresh", "", jar(in));
        EXPECT_EQ(kept_out.status, 403);
        EXPECT_TRUE(forgets(kept_out));
    });
}

TEST_F(web_session_test, what_another_site_has_a_browser_send_does_nothing) {
    in_the_web(db, [](world& w) -> task<void> {
        co_await w.join(a_phone());
        const auto in = co_await sign_in_by_page(w, a_phone());
        const auto answer = co_await right_answer(w, a_phone());
        const auto sent = (co_await w.codes()).size();
        const std::string cookie = jar(in);
        constexpr std::string_view json = "application/json", plain = "text/plain";
        const std::vector<std::pair<headers, int>> attacks = {
            {{{"origin", "https://evil.example"}, {"content-type", json}}, 403},
            {{{"origin", "null"}, {"content-type", json}}, 403},
            {{{"origin", "http://app.example"}, {"content-type", json}}, 403},
            {{{"sec-fetch-site", "cross-site"}, {"content-type", json}}, 403},
            {{{"sec-fetch-site", "same-site"}, {"content-type", json}}, 403},
            {{{"content-type", json}}, 403},
            {{{"origin", our_page}, {"content-type", plain}}, 415},
            {{{"origin", our_page}, {"content-type", "application/x-www-form-urlencoded"}}, 415},
            {{{"origin", our_page}}, 415}};
        const std::vector<std::pair<std::string, std::string>> calls = {
            {"start", start_body(a_phone(), "sign_in")}, {"verify", answer}, {"refresh", ""}, {"end", ""}};
        for (const auto& [list, status] : attacks)
            for (const auto& [route, body] : calls) {
                auto with_cookie = list;
                with_cookie.emplace_back("cookie", cookie);
                const auto r = co_await send(w, route, body, with_cookie);
                EXPECT_EQ(r.status, status) << route << " " << list.front().second;
                EXPECT_EQ(set_cookie(r), "");
            }
        EXPECT_EQ((co_await w.codes()).size(), sent);
        EXPECT_EQ((co_await post(w, "refresh", "", cookie)).status, 200);
        EXPECT_EQ((co_await post(w, "verify", answer)).status, 200) << "no attempt was counted";
    });
}

TEST_F(web_session_test, a_request_that_makes_no_sense_sends_nothing) {
    in_the_web(db, [](world& w) -> task<void> {
        for (const auto& body :
             {std::string("{}"), std::string(R"({"phone":"+919800000000","purpose":"change_phone"})"),
              std::string(R"({"phone":"9800000000","purpose":"sign_in"})"),
              start_body(a_phone(), "sign_in", R"(,"name":"Asha")"),
              start_body(a_phone(), "sign_in", R"(,"userType":"user")"),
              start_body(a_phone(), "sign_up", R"(,"name":"")"),
              start_body(a_phone(), "sign_up", R"(,"userType":"admin")"),
              start_body(a_phone(), "sign_up", R"(,"groups":["admin"])")}) {
            const auto r = co_await post(w, "start", body);
            EXPECT_EQ(r.status, 422) << body;
            EXPECT_EQ(member(r, "code"), "invalid_request");
        }
        EXPECT_EQ((co_await post(w, "start", "{")).status, 400);
        EXPECT_EQ((co_await w.codes()).size(), 0U);
    });
    EXPECT_EQ(db.execute("select count(*) from pool_user"), "0");
}

TEST_F(web_session_test, limits_of_codes_are_those_of_every_door) {
    in_the_web(db, [](world& w) -> task<void> {
        co_await w.join(a_phone());  // one code
        EXPECT_EQ((co_await post(w, "start", start_body(a_phone(), "sign_in"))).status, 200);
        co_await w.sign_in(a_phone());
        const auto fourth = co_await post(w, "start", start_body(a_phone(), "sign_in"));
        EXPECT_EQ(fourth.status, 429);
        EXPECT_EQ(member(fourth, "code"), "too_many_codes");
        const auto wait = std::stoi(member(fourth, "retryAfter"));
        EXPECT_TRUE(wait > 800 && wait <= 900) << wait;
        const moved_clock later(seconds{wait});
        EXPECT_EQ((co_await post(w, "start", start_body(a_phone(), "sign_in"))).status, 200);
    });
}

}  // namespace
}  // namespace astrotalk::identity
