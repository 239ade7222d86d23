#include "core/config.hpp"

#include <gtest/gtest.h>

namespace astrotalk {
namespace {

TEST(environment_test, gives_defaults_and_values) {
    environment e({{"PORT", "9000"}, {"ASTROTALK_ENV", "production"}, {"EMPTY", ""}});
    EXPECT_EQ(e.integer("PORT", 8080, 1, 65535), 9000);
    EXPECT_EQ(e.text("EMPTY", "fallback"), "fallback");
    EXPECT_EQ(e.choice("ASTROTALK_ENV", {"development", "production"}), "production");
    EXPECT_EQ(e.list("ORIGINS", "a,,b"), (std::vector<std::string>{"a", "b"}));
    EXPECT_TRUE(e.faults().empty());
}

TEST(environment_test, lists_every_fault_and_every_unknown_name) {
    environment e({{"PORT", "80a"}, {"ASTROTALK_FLAG", "yes"}, {"ASTROTALK_TYPO", "1"}, {"OTHER", "x"}});
    e.integer("PORT", 8080, 1, 65535);
    e.flag("ASTROTALK_FLAG", false);
    const std::vector<std::string> expected{"PORT: expected a whole number from 1 to 65535",
                                            "ASTROTALK_FLAG: expected on or off",
                                            "ASTROTALK_TYPO: no such setting"};
    EXPECT_EQ(e.faults(), expected);
}

TEST(environment_test, masks_secrets_when_shown) {
    environment e({{"DATABASE_URL", "postgres://u:pw@h/d"}});
    EXPECT_EQ(e.text("DATABASE_URL", "", visibility::redacted), "postgres://u:pw@h/d");
    EXPECT_EQ(e.entries().at(0).value, "(redacted)");
}

}  // namespace
}  // namespace astrotalk
