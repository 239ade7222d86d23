#include "identity/user_agent.hpp"

#include <gtest/gtest.h>

namespace astrotalk::identity {
namespace {

TEST(user_agent, is_what_a_person_recognises) {
    const auto on_linux = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) ";
    const auto on_android = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) ";
    const auto on_iphone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 ";
    EXPECT_EQ(describe_agent(std::string(on_linux) + "Chrome/130.0.0.0 Safari/537.36"), "Chrome on Linux");
    EXPECT_EQ(describe_agent(std::string(on_linux) + "Chrome/130.0.0.0 Safari/537.36 Edg/130.0.0.0"),
              "Edge on Linux");
    EXPECT_EQ(describe_agent(std::string(on_android) + "Chrome/130.0.0.0 Mobile Safari/537.36"),
              "Chrome on Android");
    EXPECT_EQ(
        describe_agent(std::string(on_android) + "SamsungBrowser/27.0 Chrome/125.0 Mobile Safari/537.36"),
        "Samsung Internet on Android");
    EXPECT_EQ(describe_agent(std::string(on_iphone) + "Version/18.0 Mobile/15E148 Safari/604.1"),
              "Safari on iPhone");
    EXPECT_EQ(
        describe_agent("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:132.0) Gecko/20100101 Firefox/132.0"),
        "Firefox on Windows");
    EXPECT_EQ(describe_agent("aws-sdk-js/3.1169.0 ua/2.1 os/linux#6.1 lang/js md/nodejs#22.23.3"),
              "AWS SDK on Linux");
}

TEST(user_agent, repeats_nothing_that_it_does_not_know) {
    EXPECT_EQ(describe_agent(""), "unknown");
    EXPECT_EQ(describe_agent("<script>alert(1)</script>"), "unknown");
    EXPECT_EQ(describe_agent("Mozilla/5.0 (Linux)"), "Linux");
}

}  // namespace
}  // namespace astrotalk::identity
