#include "aws/sigv4.hpp"

#include <date/date.h>
#include <gtest/gtest.h>

#include "crypto/crypto.hpp"

namespace astrotalk::aws {
namespace {

using namespace std::chrono_literals;
using header_list = std::vector<std::pair<std::string_view, std::string_view>>;

// The published example key, date and scope of Signature Version 4.
const credentials example{"AKIDEXAMPLE", secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"), ""};
const instant example_time = instant(date::sys_days(date::year(2015) / 8 / 30)) + 12h + 36min;
const scope service{"us-east-1", "service"};
const std::string empty_body = crypto::hex(crypto::sha256(""));

std::string signature(const std::vector<std::pair<std::string, std::string>>& added) {
    const auto& text = added.back().second;
    return text.substr(text.find("Signature=") + 10);
}

TEST(sigv4, signs_the_published_examples) {
    const header_list host{{"Host", "example.amazonaws.com"}};
    const auto of = [&](const char* method, const char* query) {
        return signature(sign({method, "/", query, host, empty_body}, example, service, example_time));
    };
    EXPECT_EQ(of("GET", ""), "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
    EXPECT_EQ(of("POST", ""), "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b");
    EXPECT_EQ(of("GET", "Param2=value2&Param1=value1"),
              "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500");
    const header_list iam{{"host", "iam.amazonaws.com"},
                          {"content-type", "application/x-www-form-urlencoded; charset=utf-8"}};
    EXPECT_EQ(signature(sign({"GET", "/", "Action=ListUsers&Version=2010-05-08", iam, empty_body}, example,
                             {"us-east-1", "iam"}, example_time)),
              "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7");
}

// S3's published examples: docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
const credentials s3_example{"AKIAIOSFODNN7EXAMPLE", secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"), ""};
const instant s3_example_time = instant(date::sys_days(date::year(2013) / 5 / 24));
const scope s3{"us-east-1", "s3"};

TEST(sigv4, signs_s3s_published_examples) {
    const auto of = [&](const char* method, const char* path, const char* query, header_list headers,
                        const std::string& digest) {
        headers.emplace_back("host", "examplebucket.s3.amazonaws.com");
        headers.emplace_back("x-amz-content-sha256", digest);
        return signature(sign({method, path, query, headers, digest}, s3_example, s3, s3_example_time));
    };
    EXPECT_EQ(of("GET", "/test.txt", "", {{"range", "bytes=0-9"}}, empty_body),
              "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
    EXPECT_EQ(of("PUT", "/test%24file.text", "",
                 {{"date", "Fri, 24 May 2013 00:00:00 GMT"}, {"x-amz-storage-class", "REDUCED_REDUNDANCY"}},
                 crypto::hex(crypto::sha256("Welcome to Amazon S3."))),
              "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
    EXPECT_EQ(of("GET", "/", "lifecycle", {}, empty_body),
              "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
    EXPECT_EQ(of("GET", "/", "max-keys=2&prefix=J", {}, empty_body),
              "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}

constexpr std::string_view unsigned_body = "UNSIGNED-PAYLOAD";

TEST(sigv4, makes_s3s_published_link) {
    const header_list host{{"host", "examplebucket.s3.amazonaws.com"}};
    const auto query =
        presign({"GET", "/test.txt", "", host, unsigned_body}, s3_example, s3, s3_example_time, 86400s);
    EXPECT_EQ(query,
              "X-Amz-Algorithm=AWS4-HMAC-SHA256"
              "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
              "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
              "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
}

// A link for an upload of ten bytes of text, and how it is used.
struct link {
    credentials who = s3_example;
    std::string path = "/b/a%20key", query, length = "10", type = "text/plain";
    header_list more{};

    header_list headers() const {
        header_list all{{"host", "h"}, {"content-length", length}, {"content-type", type}};
        all.insert(all.end(), more.begin(), more.end());
        return all;
    }
    void make(std::string_view own = "x-id=PutObject") {
        query = presign({"PUT", path, own, headers(), unsigned_body}, who, s3, s3_example_time, 600s);
    }
    result<void, signature_fault> checked(std::chrono::seconds later = 0s) const {
        const auto seen = headers();
        const request_view used{"PUT", path, query, seen, unsigned_body};
        const auto made = read_link(used);
        if (!made) return made.error();
        EXPECT_EQ(made->session_token, who.session_token);
        return verify(*made, used, who.secret_access_key, s3, s3_example_time + later, s3_skew);
    }
    void replace(const std::string& from, const std::string& to) {
        query.replace(query.find(from), from.size(), to);
    }
};

link made_link() {
    link made;
    made.make();
    return made;
}

TEST(sigv4, a_link_is_good_for_what_it_says_until_it_expires) {
    EXPECT_TRUE(made_link().checked());
    EXPECT_TRUE(made_link().checked(600s));
    EXPECT_EQ(made_link().checked(601s).error(), signature_fault::expired);
    EXPECT_TRUE(made_link().checked(-15min));
    EXPECT_EQ(made_link().checked(-15min - 1s).error(), signature_fault::skewed);
    const std::pair<const char*, std::function<void(link&)>> changes[] = {
        {"length", [](link& l) { l.length = "11"; }},
        {"type", [](link& l) { l.type = "text/html"; }},
        {"path", [](link& l) { l.path = "/b/another"; }},
        {"query", [](link& l) { l.query += "&versionId=1"; }},
        {"lifetime", [](link& l) { l.replace("Expires=600", "Expires=601"); }},
        {"signed headers", [](link& l) { l.replace("content-length%3B", ""); }},
        {"signature", [](link& l) { l.query.back() = l.query.back() == '0' ? '1' : '0'; }},
    };
    for (const auto& [what, change] : changes) {
        auto changed = made_link();
        change(changed);
        const auto checked = changed.checked();
        ASSERT_FALSE(checked) << what;
        EXPECT_EQ(checked.error(), signature_fault::mismatch) << what;
    }
}

TEST(sigv4, a_link_of_temporary_credentials_signs_their_token) {
    link l;
    l.who.session_token = "a/token==";
    l.make("");
    EXPECT_TRUE(l.checked());
    l.who.session_token = "another";
    l.replace("a%2Ftoken%3D%3D", "another");
    EXPECT_EQ(l.checked().error(), signature_fault::mismatch);
}

TEST(sigv4, a_link_without_a_part_or_with_one_twice_is_incomplete) {
    link plain;
    plain.query = "list-type=2";
    EXPECT_EQ(plain.checked().error(), signature_fault::missing);
    for (const char* change :
         {"Algorithm=AWS4-HMAC-SHA256", "Credential=AKIAIOSFODNN7EXAMPLE", "Date=20130524T000000Z",
          "Expires=600", "SignedHeaders=content-length%3Bcontent-type%3Bhost", "Signature="}) {
        auto l = made_link();
        l.replace(change, "Nothing=");
        EXPECT_EQ(l.checked().error(), signature_fault::incomplete) << change;
    }
    for (const char* lifetime : {"0", "-1", "604801", "x", "99999999999"}) {
        auto l = made_link();
        l.replace("Expires=600", std::string("Expires=") + lifetime);
        EXPECT_EQ(l.checked().error(), signature_fault::incomplete) << lifetime;
    }
    auto twice = made_link();
    twice.query += "&X-Amz-Expires=600";
    EXPECT_EQ(twice.checked().error(), signature_fault::incomplete);
    auto smuggled = made_link();
    smuggled.more.emplace_back("x-amz-meta-a", "b");
    EXPECT_EQ(smuggled.checked().error(), signature_fault::incomplete);
}

// A signed POST, kept whole so that a test can change one thing.
struct sent {
    std::string path = "/cognito/", query, body = "{}", digest;
    std::vector<std::pair<std::string, std::string>> headers{
        {"host", "127.0.0.1:8080"}, {"x-amz-target", "Service.ListUsers"}, {"content-type", "text/plain"}};
    credentials who = example;

    header_list views() const {
        header_list made;
        for (const auto& [name, value] : headers) made.emplace_back(name, value);
        return made;
    }
    void sign_it() {
        digest = crypto::hex(crypto::sha256(body));
        const auto seen = views();
        for (auto& each : sign({"POST", path, query, seen, digest}, who, service, example_time))
            headers.push_back(std::move(each));
    }
    result<void, signature_fault> checked(instant now = example_time, scope expected = service,
                                          secret key = example.secret_access_key) {
        digest = crypto::hex(crypto::sha256(body));
        const auto seen = views();
        const request_view request{"POST", path, query, seen, digest};
        const auto made = read_claim(request);
        if (!made) return made.error();
        EXPECT_EQ(made->access_key_id, "AKIDEXAMPLE");
        return verify(*made, request, key, expected, now);
    }
    std::string& header(std::string_view name) {
        for (auto& [key, value] : headers)
            if (key == name) return value;
        return headers.emplace_back(std::string(name), "").second;
    }
};

sent signed_post() {
    sent made;
    made.sign_it();
    return made;
}

TEST(sigv4, what_was_signed_verifies_until_anything_signed_changes) {
    EXPECT_TRUE(signed_post().checked());
    const std::pair<const char*, std::function<void(sent&)>> changes[] = {
        {"path", [](sent& s) { s.path = "/cognito/x"; }},
        {"query", [](sent& s) { s.query = "a=b"; }},
        {"body", [](sent& s) { s.body = "{ }"; }},
        {"target", [](sent& s) { s.header("x-amz-target") = "Service.AdminDeleteUser"; }},
        {"host", [](sent& s) { s.header("host") = "elsewhere"; }},
        {"second target", [](sent& s) { s.headers.emplace_back("X-Amz-Target", "Service.AdminDeleteUser"); }},
    };
    for (const auto& [what, change] : changes) {
        auto changed = signed_post();
        change(changed);
        const auto checked = changed.checked();
        ASSERT_FALSE(checked) << what;
        EXPECT_EQ(checked.error(), signature_fault::mismatch) << what;
    }
    EXPECT_EQ(signed_post().checked(example_time, service, secret("another")).error(),
              signature_fault::mismatch);
}

TEST(sigv4, headers_may_change_their_case_and_blanks_on_the_way) {
    auto s = signed_post();
    s.headers[1] = {"X-AMZ-Target", "  Service.ListUsers "};
    EXPECT_TRUE(s.checked());
}

TEST(sigv4, an_old_date_and_another_scope_are_refused) {
    for (const auto skew : {-301s, 301s})
        EXPECT_EQ(signed_post().checked(example_time + skew).error(), signature_fault::skewed);
    for (const auto skew : {-300s, 300s}) EXPECT_TRUE(signed_post().checked(example_time + skew));
    EXPECT_EQ(signed_post().checked(example_time, {"eu-west-1", "service"}).error(),
              signature_fault::wrong_scope);
    EXPECT_EQ(signed_post().checked(example_time, {"us-east-1", "s3"}).error(), signature_fault::wrong_scope);
}

TEST(sigv4, an_amz_header_that_is_not_signed_is_refused) {
    auto s = signed_post();
    s.headers.emplace_back("x-amz-security-token", "smuggled");
    EXPECT_EQ(s.checked().error(), signature_fault::incomplete);
    auto agent = signed_post();
    agent.headers.emplace_back("x-amz-user-agent", "a browser's");
    EXPECT_TRUE(agent.checked());
}

TEST(sigv4, temporary_credentials_sign_their_token) {
    sent s;
    s.who.session_token = "session/token==";
    s.sign_it();
    EXPECT_TRUE(s.checked());
    s.header("x-amz-security-token") = "another";
    EXPECT_EQ(s.checked().error(), signature_fault::mismatch);
}

TEST(sigv4, malformed_headers_are_incomplete) {
    EXPECT_EQ(sent().checked().error(), signature_fault::missing);
    const auto right = signed_post().header("authorization");
    const auto replaced = [&](const std::string& from, const std::string& to) {
        auto text = right;
        return text.replace(text.find(from), from.size(), to);
    };
    const std::string broken[] = {
        "",
        "Bearer x",
        "AWS4-HMAC-SHA256",
        replaced("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA1"),
        replaced("Credential=AKIDEXAMPLE/", "Credential="),
        replaced("aws4_request", "aws5_request"),
        replaced("/20150830/", "/20150831/"),
        replaced("SignedHeaders=content-type;host", "SignedHeaders=host"),
        replaced("SignedHeaders=content-type;host;", "SignedHeaders=host;content-type;"),
        replaced("host;", ""),
        replaced(", Signature=", ", S=")};
    for (const auto& text : broken) {
        auto s = signed_post();
        s.header("authorization") = text;
        const auto checked = s.checked();
        ASSERT_FALSE(checked) << text;
        EXPECT_TRUE(checked.error() == signature_fault::incomplete ||
                    // Fewer signed headers are well formed, but not what was signed.
                    (text.find("SignedHeaders=host;x") != std::string::npos &&
                     checked.error() == signature_fault::mismatch))
            << text;
    }
    for (const char* time :
         {"", "20150830T123600", "20151330T123600Z", "20150830T126000Z", "2015-08-30T12:3Z"}) {
        auto s = signed_post();
        s.header("x-amz-date") = time;
        EXPECT_EQ(s.checked().error(), signature_fault::incomplete) << time;
    }
}

}  // namespace
}  // namespace astrotalk::aws
