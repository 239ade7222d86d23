// People with an e-mail address, and what tests ask of them.
#pragma once

#include "identity/people_pgtest.hpp"

namespace astrotalk::identity {}  // namespace astrotalk::identity

namespace astrotalk::identity::testing {

inline email::address at(std::string_view text) { return *email::address::parse(text); }

inline task<signed_in> newcomer(world& w, int n) {
    co_await w.join(a_phone(n));
    co_return co_await w.sign_in(a_phone(n));
}
inline task<account_outcome<void>> ask_for(world& w, const signed_in& in, std::string_view address) {
    return change_email(w.people, caller_of(in), at(address));
}
inline task<account_outcome<void>> answer(world& w, const signed_in& in, secret code) {
    return verify_email(w.people, caller_of(in), std::move(code), "r");
}
inline task<person> known(world& w, const signed_in& in) {
    co_return *co_await find_person(w.people, in.who.id, in.in.id);
}
// "asha@example.in true", or nothing.
inline task<std::string> email_of(world& w, const signed_in& in) {
    const auto who = co_await known(w, in);
    co_return who.email ? fmt::format("{} {}", who.email->reveal(), who.email_verified) : "";
}
// Whom the last message is to.
inline task<std::string> last_receiver(world& w) {
    const auto row = (co_await w.people.pg.read<sms_row>(all_sms)).back();
    const auto json = jobs::open_payload(keys(), row.id, row.payload).value();
    const auto from = json.find("\"to\":\"") + 6;
    co_return json.substr(from, json.find('"', from) - from);
}
inline task<void> prove(world& w, const signed_in& in, std::string_view address) {
    (co_await ask_for(w, in, address)).value();
    (co_await answer(w, in, co_await w.last_code())).value();
}
inline secret other_than(const secret& code) {
    return secret(code.reveal() == "000000" ? "000001" : "000000");
}

inline long count_of(const auto& results, account_error why) {
    return std::ranges::count_if(results, [&](auto& r) { return !r && r.error() == why; });
}
inline long successes(const auto& results) {
    return std::ranges::count_if(results, [](auto& r) { return r.has_value(); });
}

}  // namespace astrotalk::identity::testing
