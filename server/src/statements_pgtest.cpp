// Every statement of every feature, prepared against the migrated schema: a misspelt column cannot reach a
// request.
#include <gtest/gtest.h>

#include "administration/queries.hpp"
#include "booking/queries.hpp"
#include "directory/queries.hpp"
#include "identity/queries.hpp"
#include "intake/queries.hpp"
#include "jobs/queries.hpp"
#include "notification/queries.hpp"
#include "onboarding/queries.hpp"
#include "pg/testing.hpp"
#include "privacy/queries.hpp"
#include "recharge/queries.hpp"
#include "reviews/queries.hpp"
#include "social/queries.hpp"
#include "wallet/queries.hpp"
#include "webhooks/queries.hpp"

namespace astrotalk {
namespace {

TEST(statements_pgtest, all_of_them_fit_the_schema) {
    pg::testing::database db;
    const std::span<const pg::statement> features[] = {
        administration::sql::all, booking::sql::all,      directory::sql::all,  identity::sql::all,
        jobs::sql::all,           notification::sql::all, onboarding::sql::all, privacy::sql::all,
        wallet::sql::all,         webhooks::sql::all,     intake::sql::all,     reviews::sql::all,
        social::sql::all,         recharge::sql::all};
    std::size_t statements = 0;
    for (const auto feature : features) {
        for (const auto& fault : pg::testing::prepare_all(db, feature)) ADD_FAILURE() << fault;
        statements += feature.size();
    }
    EXPECT_GT(statements, 50u);
}

}  // namespace
}  // namespace astrotalk
