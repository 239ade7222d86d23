// Authenticators, and people who sign in with them.
#pragma once

#include "identity/people_pgtest.hpp"
#include "identity/second_factor.hpp"
#include "identity/totp.hpp"

namespace astrotalk::identity {

[[noreturn]] inline void throw_exception_from_error(factor_error why, const boost::source_location&) {
    throw std::logic_error(fmt::format("refused: {}", static_cast<int>(why)));
}

}  // namespace astrotalk::identity

namespace astrotalk::identity::testing {

// A database of its own, and a clock that is put back.
struct second_factor_world : ::testing::Test {
    pg::testing::database db;
    const std::chrono::microseconds before = clock::offset();
    const administrator by{"AKIATESTTESTTESTTEST", "request"};
    ~second_factor_world() override { clock::advance(before - clock::offset()); }

    std::string count(const std::string& what) { return db.execute("select count(*) from " + what); }
};

inline user_name named(const phone_number& phone) { return {.id = {}, .phone = phone}; }

inline secret code_of(const std::string& shown, std::int64_t away = 0) {
    return totp::code_at(*totp::read_key(shown), totp::step_at(clock::now()) + away);
}
inline secret wrong_code_of(const std::string& shown) {
    for (char last = '0';; ++last) {
        std::string code = code_of(shown).reveal();
        code.back() = last;
        if (!totp::step_of(*totp::read_key(shown), code, clock::now())) return secret(code);
    }
}
// Past the steps whose codes were used: the one before and after now are good too.
inline void wait_for_fresh_codes() { clock::advance(std::chrono::seconds(60)); }

inline task<enrolling> open_sign_in(world& w, signed_in in) {
    const auto tokens = co_await issue_tokens(w.people, std::move(in));
    co_return enrolling{*w.people.tokens.check(tokens.access), {}};
}

inline task<std::string> verified(world& w, enrolling by) {
    const auto shown = (co_await associate_token(w.people, by)).value().reveal();
    (co_await verify_token(w.people, {by, code_of(shown), personal("Phone of Asha"), "r"})).value();
    co_return shown;
}

// A user whose sign-in asks for the code of the authenticator with that secret.
inline task<std::string> with_factor(world& w, phone_number phone) {
    co_await w.join(phone);
    const auto by = co_await open_sign_in(w, co_await w.sign_in(phone));
    const auto shown = co_await verified(w, by);
    (co_await set_factor(w.people, *by.caller, {true, true}, "r")).value();
    clock::advance(std::chrono::minutes(16));  // three more SMS codes can be sent
    co_return shown;
}

// As far as a right SMS code leads somebody who has or needs a second factor.
inline task<factor_challenge> half_way(world& w, phone_number phone) {
    const auto challenge = (co_await send_code(w.people, phone, code_purpose::sign_in)).value();
    const auto client = main_client(w.people);
    auto done = co_await answer_code(w.people, client, phone, challenge, co_await w.last_code(), "r");
    co_return std::get<factor_challenge>(done.value());
}

inline auto answer(world& w, const phone_number& phone, uuid challenge, secret code) {
    return answer_factor(w.people, main_client(w.people), named(phone), challenge, std::move(code), "r");
}

inline task<signed_in> sign_in_with(world& w, phone_number phone, std::string shown) {
    const auto asked = co_await half_way(w, phone);
    co_return (co_await answer(w, phone, asked.id, code_of(shown))).value();
}

inline task<void> make_admin(world& w, phone_number phone) {
    co_await create_admin(w.people.pg, keys(), phone_plan::india(), phone.reveal(), "Root");
}

}  // namespace astrotalk::identity::testing
