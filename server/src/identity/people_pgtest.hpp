// A user pool of its own for each test, and people who use it.
#pragma once

#include <gtest/gtest.h>

#include <map>

#include "identity/account.hpp"
#include "identity/administer.hpp"
#include "identity/identity.hpp"
#include "identity/tokens.hpp"
#include "jobs/jobs.hpp"
#include "pg/testing.hpp"

namespace astrotalk::identity {

// `value()` of a refusal, which in a test is a failure.
[[noreturn]] inline void throw_exception_from_error(error why, const boost::source_location&) {
    throw std::logic_error(fmt::format("refused: {}", static_cast<int>(why)));
}
[[noreturn]] inline void throw_exception_from_error(const send_refusal& why, const boost::source_location&) {
    throw std::logic_error(fmt::format("not sent for {} s", why.wait.count()));
}
[[noreturn]] inline void throw_exception_from_error(const account_refusal& why,
                                                    const boost::source_location&) {
    throw std::logic_error(fmt::format("refused: {}", static_cast<int>(why.why)));
}
[[noreturn]] inline void throw_exception_from_error(admin_error why, const boost::source_location&) {
    throw std::logic_error(fmt::format("refused: {}", static_cast<int>(why)));
}

// The use cases by way of our own apps' client, which most tests do not care about.
inline client_ref main_client(service& s) { return s.live.get()->find_client(s.pool.client_id); }
inline auto sign_up(service& s, sign_up_request r) { return sign_up(s, main_client(s), std::move(r)); }
inline auto send_code(service& s, phone_number phone, code_purpose purpose, origin from = {}) {
    return send_code(s, main_client(s), std::move(phone), purpose, std::move(from));
}
inline auto confirm_sign_up(service& s, confirmation c) {
    return confirm_sign_up(s, main_client(s), std::move(c));
}
// Of somebody without a second factor; of others it throws.
inline task<outcome<signed_in>> answer_code(service& s, phone_number phone, uuid challenge, secret code,
                                            std::string request_id) {
    auto done = co_await answer_code(s, main_client(s), std::move(phone), challenge, std::move(code),
                                     std::move(request_id));
    if (!done) co_return done.error();
    co_return std::get<signed_in>(std::move(*done));
}
inline auto redeem_confirmation(service& s, phone_number phone, uuid challenge, std::string request_id) {
    return redeem_confirmation(s, main_client(s), std::move(phone), challenge, std::move(request_id));
}
inline auto refresh(service& s, secret token, std::string request_id) {
    return refresh(s, main_client(s), std::move(token), std::move(request_id));
}
inline auto issue_tokens(service& s, signed_in to) { return issue_tokens(s, main_client(s), std::move(to)); }
inline auto revoke_token(service& s, secret token, std::string request_id) {
    return revoke_token(s, main_client(s), std::move(token), std::move(request_id));
}

}  // namespace astrotalk::identity

namespace astrotalk::identity::testing {

inline const crypto::keyring& keys() {
    static const crypto::keyring ring(bytes(32, 1));
    return ring;
}

// Of somebody who signed in as a user.
inline http::principal caller_of(const signed_in& in) {
    return {.id = in.who.id, .session = in.in.id, .client_id = "", .groups = {}, .user_type = "user"};
}

// RSA keys take long to make; every pool gets the same two.
inline pool_options options() {
    static const std::string access = crypto::rsa_key::generate().to_pem().reveal();
    static const std::string id = crypto::rsa_key::generate().to_pem().reveal();
    return {.region = "ap-south-1",
            .public_origin = "http://127.0.0.1:8080",
            .access_key_pem = access,
            .id_key_pem = id};
}

inline phone_number a_phone(int n = 0) {
    return *phone_number::parse(fmt::format("+9198{:08}", n), phone_plan::india());
}

struct sms_row {
    uuid id;
    bytes payload;
};
BOOST_DESCRIBE_STRUCT(sms_row, (), (id, payload))
inline constexpr pg::statement all_sms{"test.all_sms", "select id, payload from outbox order by id", 0};

// Everything that a test of the pool needs, alive for one run on one loop.
struct world {
    explicit world(pg::client& client, user_pool made, settings how = {})
        : pool(std::move(made)), people(client, keys(), signing, pool, live, how, ended, admins) {}

    user_pool pool;
    live_pool live;
    thread_pool signing{2, 1000};
    revocations ended{std::chrono::hours(1)};
    admin_credentials admins;
    service people;

    // The codes sent so far, oldest first.
    task<std::vector<secret>> codes() {
        std::vector<secret> found;
        for (const auto& row : co_await people.pg.read<sms_row>(all_sms)) {
            const auto json = jobs::open_payload(keys(), row.id, row.payload).value();
            found.emplace_back(json.substr(json.find("\"text\":\"") + 8, 6));
        }
        co_return found;
    }
    task<std::string> last_text() {
        const auto row = (co_await people.pg.read<sms_row>(all_sms)).back();
        const auto json = jobs::open_payload(keys(), row.id, row.payload).value();
        const auto from = json.find("\"text\":\"") + 8;
        co_return json.substr(from, json.rfind('"') - from);
    }
    task<secret> last_code() { co_return (co_await codes()).back(); }

    task<user_id> join(phone_number phone, user_kind kind = user_kind::user) {
        const sign_up_request asked{.phone = phone, .kind = kind, .name = {}, .request_id = "test"};
        const auto made = (co_await sign_up(people, asked)).value();
        const confirmation answer{phone, made.challenge, co_await last_code(), "test"};
        const auto confirmed = co_await confirm_sign_up(people, answer);
        confirmed.value();
        co_return made.id;
    }
    task<signed_in> sign_in(phone_number phone) {
        const auto challenge = (co_await send_code(people, phone, code_purpose::sign_in, {})).value();
        co_return (co_await answer_code(people, phone, challenge, co_await last_code(), "test")).value();
    }
};

// Runs `body(world&)` against a fresh database.
template <class F>
void in_a_world(const pg::testing::database& db, F body, settings how = {}) {
    pg::testing::run(db, [&](pg::client& client) -> task<void> {
        world w(client, co_await bootstrap(client, keys(), options()), how);
        co_await follow_pool(client, keys(), w.live);
        co_await body(w);
    });
}

// Starts `n` of what `make` gives and waits for all their results.
template <class T, class F>
task<std::vector<T>> in_parallel(int n, F make) {
    std::vector<T> results;
    int left = n;
    auto one = [](task<T> work, std::vector<T>& into, int& waiting) -> task<void> {
        into.push_back(co_await std::move(work));
        --waiting;
    };
    for (int i = 0; i < n; ++i) spawn(one(make(i), results, left));
    while (left > 0) co_await sleep_for(std::chrono::milliseconds(1));
    co_return results;
}

// Moves this process's clock, and with it SQL's, back at the end of the test.
struct moved_clock {
    explicit moved_clock(std::chrono::seconds by) : by(by) { clock::advance(by); }
    ~moved_clock() { clock::advance(-by); }
    std::chrono::seconds by;
};

}  // namespace astrotalk::identity::testing
