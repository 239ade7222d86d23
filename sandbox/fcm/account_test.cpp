#include <gtest/gtest.h>
#include <sys/stat.h>

#include "crypto/crypto.hpp"
#include "fcm/routes.hpp"

namespace sandbox::fcm {
namespace {

namespace crypto = astrotalk::crypto;

class account_test : public testing::Test {
  protected:
    static std::filesystem::path new_folder() {
        char name[] = "/tmp/astrotalk-fcm-XXXXXX";
        return ::mkdtemp(name);
    }
    ~account_test() override { std::filesystem::remove_all(folder_); }
    std::filesystem::path file() const { return folder_ / "account.json"; }

    std::string assertion(const crypto::rsa_key& key, std::string_view claims,
                          std::string_view header = R"({"alg":"RS256","typ":"JWT"})") {
        const auto text = crypto::base64url_encode(header) + "." + crypto::base64url_encode(claims);
        return text + "." + crypto::base64url_encode(key.sign_rs256(text));
    }
    std::string claims(std::int64_t issued = 1000, std::int64_t ends = 4600,
                       std::string_view audience = "http://sandbox/token") {
        return fmt::format(R"({{"iss":"{}","aud":"{}","iat":{},"exp":{},)"
                           R"("scope":"https://www.googleapis.com/auth/firebase.messaging"}})",
                           owner_.client_email, audience, issued, ends);
    }
    std::string fault(std::string_view text) { return fault_of_assertion(owner_, text, now_); }

    std::filesystem::path folder_ = new_folder();
    const astrotalk::instant now_{std::chrono::seconds(1010)};
    account owner_ = open_account(file(), "http://sandbox/token");
};

TEST_F(account_test, is_written_once_for_its_owner_alone_and_read_again) {
    struct stat found{};
    ASSERT_EQ(::stat(file().c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 0777, 0600u);
    const auto again = open_account(file(), "http://sandbox/token");
    EXPECT_EQ(again.private_key_id, owner_.private_key_id);
    EXPECT_EQ(fault(assertion(again.key, claims())), "");
    const auto elsewhere = open_account(file(), "http://sandbox:2/token");
    EXPECT_NE(elsewhere.private_key_id, owner_.private_key_id);
}

TEST_F(account_test, accepts_what_its_own_key_signed_for_this_endpoint) {
    EXPECT_EQ(fault(assertion(owner_.key, claims())), "");
    EXPECT_EQ(fault(assertion(crypto::rsa_key::generate(), claims())), "Invalid JWT Signature.");
    EXPECT_EQ(fault(assertion(owner_.key, claims(1000, 4600, "https://oauth2.example/token"))),
              "Invalid JWT: Failed audience check.");
    auto other = assertion(owner_.key, claims());
    other[other.find('.') + 5] ^= 1;
    EXPECT_NE(fault(other), "");
    EXPECT_NE(fault(assertion(owner_.key, claims(), R"({"alg":"none"})")), "");
    EXPECT_NE(fault("a.b"), "");
}

TEST_F(account_test, wants_an_assertion_of_an_hour_at_most) {
    EXPECT_NE(fault(assertion(owner_.key, claims(1000, 4601))), "");
    EXPECT_NE(fault(assertion(owner_.key, claims(0, 1010))), "");     // over
    EXPECT_NE(fault(assertion(owner_.key, claims(2000, 4000))), "");  // of the future
    EXPECT_EQ(fault(assertion(owner_.key, claims(1500, 4000))), "");  // of a clock that is a little ahead
}

}  // namespace
}  // namespace sandbox::fcm
