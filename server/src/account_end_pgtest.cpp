// What waits while an account ends stores nothing about its person afterwards, whichever feature it is of.
#include "account_end_testing.hpp"
#include "notification/queries.hpp"
#include "onboarding/queries.hpp"
#include "privacy/queries.hpp"

namespace astrotalk {
namespace {

using namespace testing;

constexpr pg::statement add_outbox{
    "test.add_outbox", "insert into outbox (id, kind, payload, attempts) values ($1, 'test', '', 1)", 1};

constexpr pg::statement add_notice{
    "test.add_notice",
    "insert into consent_notice (purpose, version, language, hash, content, items) "
    "values ('kyc', $1, 'en', sha256(convert_to('{}', 'UTF8')), '{}', '[]')",
    1};

TEST_F(account_end, refuses_a_number_that_waits_for_its_code) {
    EXPECT_EQ(ends.meanwhile([](pg::client& pg, const person& who) {
        return pg.execute(identity::sql::await_change, who.id, bytes(32, 1), bytes(8, 1));
    }),
              "refused");
    EXPECT_EQ(ends.rows("phone_change"), "0");
}

TEST_F(account_end, refuses_an_authenticator) {
    EXPECT_EQ(ends.meanwhile([](pg::client& pg, const person& who) {
        return pg.execute(identity::sql::associate_token, who.id, bytes(8, 1));
    }),
              "refused");
    EXPECT_EQ(ends.rows("software_token"), "0");
}

task<std::int64_t> give(pg::client& pg, const person& who, int version) {
    const std::string content = "{}";
    co_await pg.execute(add_notice, version);
    const auto hash = co_await pg.read_one<bytes>(
        pg::statement{"test.notice_hash", "select hash from consent_notice limit 1", 0});
    co_return co_await pg.execute(privacy::sql::give_consent, uuid::v7(), who.id, "kyc", version, "en", *hash,
                                  "app", bytes(8, 1), uuid::v7(), "r");
}

TEST_F(account_end, refuses_a_consent) {
    EXPECT_EQ(ends.meanwhile([](pg::client& pg, const person& who) { return give(pg, who, 1); }), "refused");
    EXPECT_EQ(ends.rows("consent"), "0");
}

TEST_F(account_end, refuses_an_identity_check_by_papers) {
    EXPECT_EQ(ends.meanwhile([](pg::client& pg, const person& who) {
        return pg.execute(onboarding::sql::accept_papers, who.id, uuid::v7(), false, uuid::v7(), "seen",
                          uuid::v7(), "r", "192.0.2.1");
    }),
              "refused");
    EXPECT_EQ(ends.rows("kyc_session"), "0");
}

TEST_F(account_end, refuses_a_device) {
    EXPECT_EQ(ends.meanwhile([](pg::client& pg, const person& who) {
        return pg.execute(notification::sql::register_device, uuid::v7(), who.id, bytes(32, 1), bytes(8, 1),
                          "web");
    }),
              "refused");
    EXPECT_EQ(ends.rows("device"), "0");
}

TEST_F(account_end, leaves_news_out_and_the_job_done) {
    const auto job = uuid::v7();
    EXPECT_NE(ends.meanwhile([&](pg::client& pg, const person& who) -> task<std::int64_t> {
        co_await pg.execute(add_outbox, job);
        co_return co_await pg.execute(notification::sql::tell_person, job, 1, uuid::v7(), who.id, "test",
                                      "{}", std::vector<uuid>{}, std::vector<std::string>{},
                                      std::vector<bytes>{});
    }),
              "refused");
    EXPECT_EQ(ends.rows("notification"), "0");
    EXPECT_EQ(ends.rows("outbox where kind = 'test'"), "0");
}

TEST_F(account_end, refuses_an_upload) {
    EXPECT_EQ(ends.meanwhile([](pg::client& pg, const person& who) {
        return pg.execute(onboarding::sql::ask_upload, uuid::v7(), who.id, "photo", "image/png",
                          std::int64_t{100}, 60, 30);
    }),
              "refused");
    EXPECT_EQ(ends.rows("upload"), "0");
}

TEST_F(account_end, refuses_a_payout_account) {
    EXPECT_EQ(ends.meanwhile([](pg::client& pg, const person& who) {
        return pg.execute(onboarding::sql::first_payout_account, who.id, bytes(8, 1), "SBIN0000001",
                          uuid::v7(), "r");
    }),
              "refused");
    EXPECT_EQ(ends.rows("payout_account"), "0");
}

TEST_F(account_end, refuses_a_copy_of_the_data) {
    EXPECT_EQ(ends.meanwhile([](pg::client& pg, const person& who) {
        return pg.execute(privacy::sql::ask_export, who.id, who.family, uuid::v7(), uuid::v7(), bytes(8, 1),
                          uuid::v7(), "r");
    }),
              "refused");
    EXPECT_EQ(ends.rows("data_export"), "0");
}

const auto save_profile = [](pg::client& pg, const person& who) {
    const std::vector<std::string> some{"hi"};
    return pg.execute(onboarding::sql::save_profile, who.id, "Again", "bio", some, some, 3, "Pune",
                      uuid::v7(), "r");
};

TEST_F(account_end, refuses_a_changed_profile) {
    EXPECT_EQ(ends.meanwhile(save_profile), "refused");
    EXPECT_EQ(ends.rows("astrologer where bio <> ''"), "0");
}

TEST_F(account_end, refuses_a_first_profile) {
    EXPECT_EQ(ends.meanwhile(save_profile, false), "refused");
    EXPECT_EQ(ends.rows("astrologer"), "0");
}

TEST_F(account_end, refuses_a_legal_name) {
    EXPECT_EQ(ends.meanwhile([](pg::client& pg, const person& who) {
        return pg.execute(onboarding::sql::set_legal_name, who.id, bytes(8, 1), uuid::v7(), "r");
    }),
              "refused");
    EXPECT_EQ(ends.rows("astrologer where legal_name_sealed is not null"), "0");
}

TEST_F(account_end, refuses_prices) {
    EXPECT_EQ(ends.meanwhile([](pg::client& pg, const person& who) {
        return pg.execute(onboarding::sql::set_prices, who.id, std::int64_t{1000}, std::int64_t{1000},
                          std::int64_t{1000}, uuid::v7(), "r");
    }),
              "refused");
}

TEST_F(account_end, leaves_no_address_by_a_refresh) {
    EXPECT_EQ(ends.meanwhile([](pg::client& pg, const person& who) {
        return pg.execute(identity::sql::refresh_session, who.token, "c", bytes(32, 8), 60, uuid::v7(), "r",
                          bytes(8, 1));
    }),
              "nothing");
    EXPECT_EQ(ends.rows("refresh_token where seen_sealed is not null"), "0");
}

TEST_F(account_end, leaves_no_address_by_a_token_that_does_not_rotate) {
    ends.meanwhile([](pg::client& pg, const person& who) {
        return pg.execute(identity::sql::find_refreshable, who.token, "c", bytes(8, 1));
    });
    EXPECT_EQ(ends.rows("refresh_token where seen_sealed is not null"), "0");
}

// A table of people that is new here has to say why nothing comes into it after an account's end.
TEST_F(account_end, every_table_of_people_asks_whether_the_account_goes_on) {
    EXPECT_EQ(ends.db.execute(R"(
        select string_agg(distinct c.conrelid::regclass::text, ' ' order by c.conrelid::regclass::text)
        from pg_constraint c
        where c.contype = 'f' and c.confrelid in ('pool_user'::regclass, 'astrologer'::regclass)
          and not exists (select from pg_trigger t where t.tgrelid = c.conrelid and t.tgname = 'goes_on')
          and c.conrelid::regclass::text not in (
              -- its statements lock the person first
              'birth_profile', 'booking', 'challenge', 'email_change', 'phone_recovery', 'refresh_family',
              -- made with the account
              'phone_prefix', 'wallet', 'listing',
              -- holds of a few minutes, without a word of anybody
              'occupancy',
              -- what the end itself writes, and what is kept of a session
              'erasure', 'party_gone', 'past_session'))"),
              "");
}

}  // namespace
}  // namespace astrotalk
