// What the sweep takes of an account that has ended.
#include "onboarding/kyc_testing.hpp"
#include "onboarding/queries.hpp"
#include "onboarding/uploads.hpp"

namespace astrotalk::onboarding::uploads {
namespace {

std::string next_to_sweep(const pg::testing::database& db) {
    return pg::testing::run(db, [&](pg::client& pg) -> task<std::string> {
        std::string kinds;
        for (const auto& each : co_await pg.write<stored>(sql::list_unswept_uploads, 10))
            kinds += each.kind + " ";
        co_return kinds;
    });
}

// Rule 8(3) of the DPDP Rules: papers for a year, like everything of the account. The public photo is
// everybody's to see until it is gone.
TEST(uploads, papers_of_an_ended_account_wait_for_its_tombstone_and_the_photo_does_not) {
    kyc::clinic c;
    const auto who = "'" + c.person().to_string() + "'";
    for (const auto* kind : {"photo", "identity"})
        c.db.execute(
            "insert into upload (id, user_id, kind, state, content_type, size, expires_at) values "
            "('" +
            uuid::v7().to_string() + "', " + who + ", '" + kind + "', 'removed', 'image/png', 9, app_now())");
    EXPECT_EQ(next_to_sweep(c.db), "photo identity ");
    c.db.execute(
        "insert into erasure (id, user_id, cause, restricted_at, erase_after, tombstone_sealed, certificate, "
        "certificate_mac) select gen_random_uuid(), " +
        who +
        ", 'request', t, t + interval '365 days', 'x', '{}', 'x' from (select app_now() - interval "
        "'366 days' as t) then_");
    EXPECT_EQ(next_to_sweep(c.db), "photo ");
    c.db.execute("insert into legal_hold (id, subject_id, reason, set_by) values (gen_random_uuid(), " + who +
                 ", 'a court', " + who + ")");
    c.db.execute("update erasure set erased_at = app_now(), tombstone_sealed = null");
    EXPECT_EQ(next_to_sweep(c.db), "photo ");
    c.db.execute("update legal_hold set lifted_at = app_now(), lifted_by = set_by, lift_reason = 'over'");
    EXPECT_EQ(next_to_sweep(c.db), "photo identity ");
}

}  // namespace
}  // namespace astrotalk::onboarding::uploads
