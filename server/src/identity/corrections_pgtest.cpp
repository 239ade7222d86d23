// Section 12 of the DPDP Act: a correction is proved by a certificate that says what, when and by whom, and
// holds no value.
#include "identity/account.hpp"
#include "identity/law_pgtest.hpp"

namespace astrotalk::identity {
namespace {

using namespace testing;

struct corrections : law_test {
    std::string issued() const {
        return value(
            "select coalesce(string_agg((content::json -> 'fields')::text, ' ' order by id), '') "
            "from certificate where content::json ->> 'kind' = 'correction'");
    }
};

TEST_F(corrections, section_12_what_was_corrected_is_certified_without_its_value) {
    run([&](world& w) -> task<void> {
        const auto in = co_await somebody(w);
        const auto id = caller_of(in).id;
        EXPECT_EQ(issued(), "") << "what is said first corrects nothing";
        const auto say = [&](const std::string& name, const std::string& language,
                             const std::string& city) -> task<void> {
            co_await save_profile(w.people.pg, keys(), id, {personal(name), language, personal(city), true},
                                  "r");
        };
        co_await say("Asha Rao", "hi", "Pune");
        EXPECT_EQ(issued(), "") << "nothing was changed";
        co_await say("Asha Devi Rao", "hi", "Nagpur");
        EXPECT_EQ(issued(), R"(["name","city"])");
        co_await say("Asha Devi Rao", "en", "Nagpur");
        co_await change_name(w.people, caller_of(in), personal("Asha Rao"), "r");
        co_await change_name(w.people, caller_of(in), personal("Asha Rao"), "r");
        EXPECT_EQ(issued(), R"(["name","city"] ["language"] ["name"])");
        EXPECT_EQ(value("select count(*) from certificate where content ~ 'Asha|Pune|Nagpur'"), "0");
        EXPECT_EQ(value("select string_agg(distinct (content::json ->> 'subject') || (content::json ->> "
                        "'dataClass') || (content::json ->> 'by'), ' ') from certificate"),
                  id.to_string() + "identity.accountuser");
        const auto one = uuid::parse(value("select id from certificate order by id limit 1")).value();
        const auto shown = co_await privacy::find_certificate(w.people.pg, keys(), one);
        EXPECT_TRUE(shown && shown->genuine);
    });
    EXPECT_EQ(value("select count(*) from audit_pending a join certificate c on a.detail::json ->> "
                    "'certificate' = c.id::text and a.detail::json ->> 'sha256' = "
                    "encode(sha256(convert_to(c.content, 'UTF8')), 'hex') where a.action = 'privacy.correct' "
                    "and a.actor_id = a.subject_id"),
              "3");
}

TEST_F(corrections, section_11_a_copy_lists_its_owners_certificates_only) {
    run([&](world& w) -> task<void> {
        const auto in = co_await somebody(w), other = co_await somebody(w, 2);
        co_await change_name(w.people, caller_of(in), personal("Asha Devi"), "r");
        co_await change_name(w.people, caller_of(other), personal("Ravi"), "r");
        privacy::request_service s{w.people.pg, keys()};
        const auto asked = co_await privacy::ask_export(s, caller_of(in), "r");
        co_await privacy::build_export(w.people.pg, keys(), known, asked->id);
        const auto made = co_await privacy::take_export(s, caller_of(in), asked->id, "r");
        const std::string document = made->document.value_or(personal()).reveal();
        const auto at = document.find("\"privacy.certificates\"");
        EXPECT_TRUE(holds(document.substr(at), R"("kind":"correction")")) << document;
        EXPECT_FALSE(holds(document, caller_of(other).id.to_string()));
    });
}

// Of two at once, each is certified by what it found: the second waits for the first.
TEST_F(corrections, of_two_at_once_the_second_certifies_what_it_changed) {
    run([&](world& w) -> task<void> {
        const auto in = co_await somebody(w);
        int left = 2;
        event done;
        const auto say = [](world& at, user_id id, int& open, event& over) -> task<void> {
            co_await save_profile(at.people.pg, keys(), id,
                                  {personal("Asha Devi"), "hi", personal("Pune"), true}, "r");
            if (--open == 0) over.set();
        };
        for (int i = 0; i < 2; ++i) spawn(say(w, caller_of(in).id, left, done));
        EXPECT_TRUE(co_await done.wait_for(std::chrono::seconds(60)));
    });
    EXPECT_EQ(issued(), R"(["name"])");
}

}  // namespace
}  // namespace astrotalk::identity
