// People who have lost a number, and staff who decide.
#pragma once

#include "http/page.hpp"
#include "identity/recovery.hpp"
#include "identity/second_factor_pgtest.hpp"

namespace astrotalk::identity {

[[noreturn]] inline void throw_exception_from_error(proof_error why, const boost::source_location&) {
    throw std::logic_error(fmt::format("not proved: {}", static_cast<int>(why)));
}
[[noreturn]] inline void throw_exception_from_error(decision_error why, const boost::source_location&) {
    throw std::logic_error(fmt::format("not decided: {}", static_cast<int>(why)));
}

}  // namespace astrotalk::identity

namespace astrotalk::identity::testing {

struct recovery_world : second_factor_world {
    const user_id admin = user_id::make();

    std::string state_of(uuid recovery) {
        return db.execute("select state from phone_recovery where id = '" + recovery.to_string() + "'");
    }
    std::string actions() {
        return db.execute(
            "select string_agg(action, ' ' order by id) from audit_pending where action like 'recovery.%'");
    }
    recovery_decision decision(uuid which, recovery_verdict what) const {
        return {.which = which, .what = what, .by = admin, .reason = "spoke to them", .request_id = "r"};
    }
    task<void> approve(world& w, uuid which) const {
        (co_await decide_recovery(w.people.pg, decision(which, recovery_verdict::approve))).value();
    }
};

inline task<uuid> ask(world& w, phone_number lost, phone_number to) {
    recovery_request asked{.lost = lost, .to = to, .from = {}, .request_id = "r"};
    co_return (co_await ask_recovery(w.people, main_client(w.people), std::move(asked))).value();
}
inline auto prove(world& w, uuid which, secret code) {
    return prove_recovery(w.people, which, std::move(code), "r");
}
// From nobody to a request that waits.
inline task<proved_recovery> open(world& w, phone_number lost, phone_number to) {
    const auto which = co_await ask(w, lost, to);
    auto proved = co_await prove(w, which, co_await w.last_code());
    co_return std::move(proved.value());
}
inline task<recovery_state> seen(world& w, const proved_recovery& by) {
    const auto view = co_await find_recovery(w.people, by.now.id, by.token);
    co_return view.value().state;
}
inline task<void> move_due(world& w) { return move_numbers(w.people.pg, keys(), w.people.how.registered); }

inline task<bool> can_sign_in(world& w, phone_number phone) {
    const auto before = (co_await w.codes()).size();
    const auto asked = co_await send_code(w.people, phone, code_purpose::sign_in);
    if (!asked || (co_await w.codes()).size() == before) co_return false;
    co_return (co_await answer_code(w.people, phone, *asked, co_await w.last_code(), "r")).has_value();
}

}  // namespace astrotalk::identity::testing
