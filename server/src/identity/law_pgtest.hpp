// People with rights to their data, and the register by which an account ends.
#pragma once

#include "identity/end_account.hpp"
#include "identity/people_pgtest.hpp"
#include "identity/personal_data.hpp"
#include "privacy/privacy.hpp"

namespace astrotalk::identity::testing {

// Of this folder and of privacy/; the others have tests of their own.
inline privacy::data_register everything() {
    privacy::data_register known;
    for (const auto& folder : {personal_data(), privacy::personal_data()})
        known.classes.insert(known.classes.end(), folder.classes.begin(), folder.classes.end());
    known.contact = "grievance@astrotalk.example";
    known.recipients.push_back({"Amazon Web Services (SNS)", "Your number.", "आपका नंबर।"});
    return known;
}

struct law_test : ::testing::Test {
    pg::testing::database db;
    const privacy::data_register known = everything();

    template <class F>
    void run(F body) {
        privacy::use_register(known);
        in_a_world(db, std::move(body));
    }
    // Somebody with a profile, just signed in.
    static task<signed_in> somebody(world& w, int n = 1) {
        const auto id = co_await w.join(a_phone(n));
        auto in = co_await w.sign_in(a_phone(n));
        const profile_draft told{personal("Asha Rao"), "hi", personal("Pune"), true};
        co_await save_profile(w.people.pg, keys(), id, told, "r");
        co_return in;
    }
    std::string value(const std::string& sql) const { return db.execute(sql); }
};

inline bool holds(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace astrotalk::identity::testing
