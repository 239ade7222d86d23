#include "identity/web_session.hpp"

#include <gtest/gtest.h>

namespace astrotalk::identity {
namespace {

using headers = std::vector<std::pair<std::string_view, std::string_view>>;

http::request with(headers list) {
    http::request in;
    in.method = http::verb::post;
    in.headers = std::move(list);
    return in;
}

const web_settings plain{.behind_tls = false, .allowed_origins = {"http://localhost:3000"}};
const web_settings secure{.behind_tls = true, .allowed_origins = {"https://admin.example"}};

TEST(web_session, a_page_of_ours_is_known_by_its_origin) {
    const auto ours = [](std::string_view origin, const web_settings& how) {
        return sent_by_our_page(with({{"host", "app.example"}, {"origin", origin}}), how);
    };
    EXPECT_TRUE(ours("https://app.example", secure));
    EXPECT_TRUE(ours("https://admin.example", secure));
    EXPECT_TRUE(ours("http://app.example", plain));
    EXPECT_TRUE(ours("http://localhost:3000", plain));
    for (const auto* other :
         {"http://app.example", "https://app.example.evil", "https://app.example:8443",
          "https://evil.example", "https://xapp.example", "null", "https://", "app.example"})
        EXPECT_FALSE(ours(other, secure)) << other;
    EXPECT_FALSE(ours("http://localhost:3001", plain));
}

TEST(web_session, without_an_origin_the_browser_must_say_that_the_site_is_the_same) {
    EXPECT_TRUE(sent_by_our_page(with({{"host", "a"}, {"sec-fetch-site", "same-origin"}}), secure));
    for (const auto* site : {"cross-site", "same-site", "none", ""})
        EXPECT_FALSE(sent_by_our_page(with({{"host", "a"}, {"sec-fetch-site", site}}), secure)) << site;
    EXPECT_FALSE(sent_by_our_page(with({{"host", "a"}}), secure));
    // Where both are said, the origin counts: an allowed one is another site.
    EXPECT_TRUE(sent_by_our_page(
        with({{"host", "a"}, {"origin", "https://admin.example"}, {"sec-fetch-site", "cross-site"}}),
        secure));
    EXPECT_FALSE(sent_by_our_page(
        with({{"host", "a"}, {"origin", "https://evil.example"}, {"sec-fetch-site", "same-origin"}}),
        secure));
}

TEST(web_session, only_json_is_json) {
    for (const auto* type : {"application/json", "application/json; charset=utf-8", "application/json ;q=1"})
        EXPECT_TRUE(is_json(with({{"content-type", type}}))) << type;
    for (const auto* type :
         {"text/plain", "text/plain; application/json", "application/x-www-form-urlencoded",
          "multipart/form-data", "application/json-patch+json", ""})
        EXPECT_FALSE(is_json(with({{"content-type", type}}))) << type;
    EXPECT_FALSE(is_json(with({})));
}

TEST(web_session, the_cookie_is_out_of_reach_of_scripts_and_other_sites) {
    EXPECT_EQ(session_cookie(secret("token"), std::chrono::seconds(60), plain),
              "astrotalk_session=token; Path=/v1/session; Max-Age=60; HttpOnly; SameSite=Strict");
    EXPECT_EQ(session_cookie(secret("token"), std::chrono::seconds(60), secure),
              "__Host-astrotalk_session=token; Path=/; Secure; Max-Age=60; HttpOnly; SameSite=Strict");
    EXPECT_EQ(forget_session_cookie(secure),
              "__Host-astrotalk_session=; Path=/; Secure; Max-Age=0; HttpOnly; SameSite=Strict");
}

TEST(web_session, reads_its_own_cookie_among_others) {
    const auto read = [](std::string_view header, const web_settings& how) {
        return read_session_cookie(with({{"cookie", header}}), how).reveal();
    };
    EXPECT_EQ(read("astrotalk_session=abc", plain), "abc");
    EXPECT_EQ(read("a=1; astrotalk_session=abc; b=2", plain), "abc");
    EXPECT_EQ(read("a=1;astrotalk_session=abc=;b", plain), "abc=");
    EXPECT_EQ(read("__Host-astrotalk_session=abc", secure), "abc");
    for (const auto* none : {"", ";", "=", "astrotalk_session", "xastrotalk_session=abc",
                             "Astrotalk_session=abc", "a=astrotalk_session=abc"})
        EXPECT_EQ(read(none, plain), "") << none;
    // One that somebody set without TLS is not taken for it.
    EXPECT_EQ(read("astrotalk_session=abc", secure), "");
    EXPECT_EQ(read_session_cookie(with({}), plain).reveal(), "");
}

}  // namespace
}  // namespace astrotalk::identity
