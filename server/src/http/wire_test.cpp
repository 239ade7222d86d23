#include "http/wire.hpp"

#include <gtest/gtest.h>

namespace astrotalk::http {
namespace {

TEST(wire, dates_are_imf_fixdates) { EXPECT_EQ(http_date(784111777), "Sun, 06 Nov 1994 08:49:37 GMT"); }

TEST(wire, the_path_of_a_target_in_either_form) {
    for (const auto& [target, path] :
         {std::pair{"/a/b?c=/d", "/a/b"}, std::pair{"http://h/a?x", "/a"}, std::pair{"https://h?x", "/"},
          std::pair{"/?http://h/a", "/"}, std::pair{"*", "*"}})
        EXPECT_EQ(path_of(target), path);
}

TEST(wire, forwarded_headers_are_one_list_in_their_order) {
    request in;
    in.headers = {{"x-forwarded-for", "1.1.1.1"}, {"host", "h"}, {"x-forwarded-for", "2.2.2.2, 3.3.3.3"}};
    EXPECT_EQ(forwarded_for(in), "1.1.1.1,2.2.2.2, 3.3.3.3");
}

TEST(wire, a_response_without_a_body_may_say_the_length_of_the_one_it_stands_for) {
    response r;
    r.headers = {{"content-length", "77"}};
    std::string out;
    append_head(out, r, {true, false, false, "now"});
    EXPECT_NE(out.find("content-length: 77\r\n"), std::string::npos);
    EXPECT_EQ(out.find("content-length: 0"), std::string::npos);
}

TEST(wire, a_name_may_end_in_the_value) {
    response r;
    r.headers = {{"x-amz-meta-*", "colour: re\r\nd"}};
    std::string out;
    append_head(out, r, {true, false, false, "now"});
    EXPECT_NE(out.find("\r\nx-amz-meta-colour: red\r\n"), std::string::npos);
}

TEST(wire, a_response_may_set_its_own_policy) {
    response r;
    r.headers = {{"cache-control", "max-age=60"}, {"Content-Security-Policy", "default-src 'self'"}};
    std::string out;
    append_head(out, r, {true, false, true, "now"});
    EXPECT_EQ(out.find("no-store"), std::string::npos);
    EXPECT_EQ(out.find("'none'"), std::string::npos);
    EXPECT_NE(out.find("strict-transport-security"), std::string::npos);
}

}  // namespace
}  // namespace astrotalk::http
