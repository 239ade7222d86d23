#include <gtest/gtest.h>

#include "jobs/jobs.hpp"

namespace astrotalk::jobs {
namespace {

TEST(backoff, doubles_up_to_its_cap_with_full_jitter) {
    const worker_options how;
    for (int attempt = 1; attempt <= 40; ++attempt) {
        const std::int64_t most = attempt < 10 ? 1000LL << (attempt - 1) : 300'000;
        std::int64_t low = most, high = 0;
        for (int i = 0; i < 400; ++i) {
            const auto wait = backoff_after(attempt, how).count();
            low = std::min<std::int64_t>(low, wait);
            high = std::max<std::int64_t>(high, wait);
        }
        const auto cap = std::min<std::int64_t>(most, 300'000);
        EXPECT_GE(low, 0);
        EXPECT_LE(high, cap);
        EXPECT_LT(low, cap / 4) << attempt;
        EXPECT_GT(high, cap * 3 / 4) << attempt;
    }
}

TEST(payload, opens_only_in_its_own_row) {
    const crypto::keyring keys(bytes(32, 7));
    const auto here = uuid::v7(), elsewhere = uuid::v7();
    const auto sealed = seal_payload(keys, here, R"({"to":"x"})");
    EXPECT_EQ(open_payload(keys, here, sealed), R"({"to":"x"})");
    EXPECT_FALSE(open_payload(keys, elsewhere, sealed));
    EXPECT_FALSE(open_payload(crypto::keyring(bytes(32, 8)), here, sealed));
}

}  // namespace
}  // namespace astrotalk::jobs
