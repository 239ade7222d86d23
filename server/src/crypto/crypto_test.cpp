#include "crypto/crypto.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "crypto/keyring.hpp"
#include "crypto/rsa.hpp"

namespace astrotalk::crypto {
namespace {

bytes from_hex(std::string_view text) { return unhex(text).value(); }

TEST(sha256, known_answers) {
    EXPECT_EQ(hex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(hmac_sha256, rfc_4231) {
    EXPECT_EQ(hex(hmac_sha256(bytes(20, 0x0b), "Hi There")),
              "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    EXPECT_EQ(hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    EXPECT_EQ(hex(hmac_sha256(bytes(20, 0xaa), bytes(50, 0xdd))),
              "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
    EXPECT_EQ(hex(hmac_sha256(bytes(131, 0xaa), "Test Using Larger Than Block-Size Key - Hash Key First")),
              "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(hmac_sha256, an_empty_key_is_not_the_previous_one) {
    hmac_sha256("previous", "data");
    EXPECT_EQ(hex(hmac_sha256("", "")), "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST(hmac_sha1, rfc_2202) {
    EXPECT_EQ(hex(hmac_sha1(bytes(20, 0x0b), "Hi There")), "b617318655057264e28bc0b6fb378c8ef146be00");
    EXPECT_EQ(hex(hmac_sha1("Jefe", "what do ya want for nothing?")),
              "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
    EXPECT_EQ(hex(hmac_sha256("Jefe", "what do ya want for nothing?")).substr(0, 16), "5bdcc146bf60754e");
}

TEST(hkdf_sha256, rfc_5869) {
    EXPECT_EQ(hex(hkdf_sha256(bytes(22, 0x0b), from_hex("000102030405060708090a0b0c"),
                              from_hex("f0f1f2f3f4f5f6f7f8f9"), 42)),
              "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
    EXPECT_EQ(hex(hkdf_sha256(bytes(22, 0x0b), "", "", 42)),
              "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
}

// McGrew and Viega's test case 16, as NIST publishes it.
TEST(gcm, nist) {
    const bytes key = from_hex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308");
    const bytes nonce = from_hex("cafebabefacedbaddecaf888");
    const bytes aad = from_hex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
    const bytes plain = from_hex(
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16a"
        "edf5aa0d"
        "e657ba637b39");
    const bytes sealed = gcm_encrypt(key, nonce, plain, aad);
    EXPECT_EQ(hex(sealed),
              "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b10568288"
              "38c5f61e6393ba"
              "7a0abcc9f662"
              "76fc6ece0f4e1768cddf8853bb2d551b");
    EXPECT_EQ(gcm_decrypt(key, nonce, sealed, aad), plain);
}

TEST(gcm, empty_plaintext) {
    const bytes key(32), nonce(12);
    EXPECT_EQ(hex(gcm_encrypt(key, nonce, "", "")), "530f8afbc74536b9a963b4f1c4cb738b");
    EXPECT_EQ(gcm_decrypt(key, nonce, from_hex("530f8afbc74536b9a963b4f1c4cb738b"), ""), bytes());
}

TEST(gcm, any_changed_bit_is_refused) {
    const bytes key(32, 7), nonce(12, 9);
    const bytes sealed = gcm_encrypt(key, nonce, "a phone number", "place");
    for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
        bytes changed = sealed;
        changed[bit / 8] = static_cast<unsigned char>(changed[bit / 8] ^ 1 << bit % 8);
        EXPECT_FALSE(gcm_decrypt(key, nonce, changed, "place")) << bit;
    }
    EXPECT_FALSE(gcm_decrypt(key, nonce, sealed, "elsewhere"));
    EXPECT_FALSE(gcm_decrypt(key, nonce, "short", "place"));
}

TEST(base64, rfc_4648) {
    const std::pair<std::string_view, std::string_view> vectors[] = {{"", ""},
                                                                     {"f", "Zg=="},
                                                                     {"fo", "Zm8="},
                                                                     {"foo", "Zm9v"},
                                                                     {"foob", "Zm9vYg=="},
                                                                     {"fooba", "Zm9vYmE="},
                                                                     {"foobar", "Zm9vYmFy"}};
    for (const auto& [plain, encoded] : vectors) {
        EXPECT_EQ(base64_encode(plain), encoded);
        EXPECT_EQ(base64_decode(encoded), bytes(plain.begin(), plain.end()));
        const std::string bare(encoded.substr(0, encoded.find('=')));
        EXPECT_EQ(base64url_encode(plain), bare);
        EXPECT_EQ(base64url_decode(bare), bytes(plain.begin(), plain.end()));
    }
    EXPECT_EQ(base64url_encode(from_hex("fbff")), "-_8");
}

TEST(base32, rfc_4648) {
    const std::pair<std::string_view, std::string_view> known[] = {{"", ""},
                                                                   {"f", "MY"},
                                                                   {"fo", "MZXQ"},
                                                                   {"foo", "MZXW6"},
                                                                   {"foob", "MZXW6YQ"},
                                                                   {"fooba", "MZXW6YTB"},
                                                                   {"foobar", "MZXW6YTBOI"}};
    for (const auto& [plain, encoded] : known) {
        EXPECT_EQ(base32_encode(plain), encoded);
        EXPECT_EQ(base32_decode(encoded), bytes(plain.begin(), plain.end()));
    }
    for (const char* bad : {"M", "MZX", "MZXW6Y", "my", "MY======", "M1", "MZ"})
        EXPECT_FALSE(base32_decode(bad)) << bad;
}

TEST(base64, strict) {
    for (const char* bad :
         {"Zg", "Zg=", "Zg===", "Z", "Zh==", "Zm9=", "Zm 9", "Zm9v\n", "=", "====", "Z===", "-_8="})
        EXPECT_FALSE(base64_decode(bad)) << bad;
    for (const char* bad : {"Z", "Zh", "Zm9", "Zg==", "+/8", "Zm9v "})
        EXPECT_FALSE(base64url_decode(bad)) << bad;
}

TEST(hex, both_ways) {
    EXPECT_EQ(hex(from_hex("00FFa5")), "00ffa5");
    EXPECT_FALSE(unhex("0"));
    EXPECT_FALSE(unhex("0g"));
}

TEST(random_below, covers_the_range_and_nothing_else) {
    std::set<std::uint64_t> seen;
    for (int i = 0; i < 1000; ++i) seen.insert(random_below(10));
    EXPECT_EQ(seen.size(), 10U);
    EXPECT_EQ(*seen.rbegin(), 9U);
}

TEST(keyring, seals_for_one_purpose_and_place) {
    const keyring keys(bytes(32, 1)), others(bytes(32, 2));
    const bytes sealed = keys.seal("outbox", "text", "outbox.payload:1");
    EXPECT_EQ(sealed.size(), 1U + 4 + 12 + 4 + 16);
    EXPECT_EQ(keys.open("outbox", sealed, "outbox.payload:1"), "text");
    EXPECT_FALSE(keys.open("outbox", sealed, "outbox.payload:2"));
    EXPECT_FALSE(keys.open("inbox", sealed, "outbox.payload:1"));
    EXPECT_FALSE(others.open("outbox", sealed, "outbox.payload:1"));
    EXPECT_NE(keys.seal("outbox", "text", ""), keys.seal("outbox", "text", ""));
    for (std::size_t i = 0; i < sealed.size(); ++i) {
        bytes changed = sealed;
        changed[i] ^= 1;
        EXPECT_FALSE(keys.open("outbox", changed, "outbox.payload:1")) << i;
    }
    for (std::size_t size = 0; size < sealed.size(); ++size)
        EXPECT_FALSE(keys.open("outbox", bytes(sealed.begin(), sealed.begin() + static_cast<long>(size)),
                               "outbox.payload:1"));
}

TEST(keyring, data_keys_take_turns_and_open_what_they_sealed) {
    keyring keys(bytes(32, 1)), elsewhere(bytes(32, 1)), others(bytes(32, 2));
    const bytes before = keys.seal("p", "old", "place");
    const bytes mac = keys.mac("p", "x");
    const auto made = keys.make_data_key();
    EXPECT_FALSE(others.learn(made)) << "another master key does not unwrap it";
    EXPECT_TRUE(keys.learn(made));
    EXPECT_TRUE(keys.learn(made)) << "again is no fault";
    EXPECT_NE(keys.current_key(), made.id);
    keys.seal_with(made.id);
    EXPECT_EQ(keys.current_key(), made.id);
    const bytes after = keys.seal("p", "new", "place");
    EXPECT_EQ(keys.open("p", before, "place"), "old");
    EXPECT_EQ(keys.open("p", after, "place"), "new");
    EXPECT_EQ(keys.open("p", after, "elsewhere"), std::nullopt);
    EXPECT_EQ(elsewhere.open("p", after, "place"), std::nullopt) << "not learned there";
    EXPECT_TRUE(elsewhere.learn(made));
    EXPECT_EQ(elsewhere.open("p", after, "place"), "new");
    EXPECT_EQ(keys.mac("p", "x"), mac) << "what is found by a MAC stays findable";
    auto forged = made;
    forged.id[0] ^= 1;
    EXPECT_FALSE(keyring(bytes(32, 1)).learn(forged)) << "an id belongs to its key";
}

TEST(keyring, macs_differ_by_purpose) {
    const keyring keys(bytes(32, 1));
    EXPECT_EQ(keys.mac("a", "x"), keys.mac("a", "x"));
    EXPECT_NE(keys.mac("a", "x"), keys.mac("b", "x"));
}

TEST(keyring, the_file_is_private_and_stays) {
    const auto file = std::filesystem::temp_directory_path() / ("astrotalk-key-" + hex(random_bytes(8)));
    const bytes first = keyring::open_or_create(file).mac("p", "x");
    EXPECT_EQ(keyring::open_or_create(file).mac("p", "x"), first);
    struct stat facts{};
    ASSERT_EQ(stat(file.c_str(), &facts), 0);
    EXPECT_EQ(facts.st_mode & 0777, 0600U);
    EXPECT_EQ(facts.st_size, 32);
    chmod(file.c_str(), 0644);
    EXPECT_THROW(keyring::open_or_create(file), std::runtime_error);
    chmod(file.c_str(), 0600);
    std::ofstream(file, std::ios::app) << "x";
    EXPECT_THROW(keyring::open_or_create(file), std::runtime_error);
    std::filesystem::remove(file);
}

TEST(rsa, signs_and_survives_pem_and_jwk) {
    const rsa_key key = rsa_key::generate();
    const bytes signature = key.sign_rs256("header.payload");
    EXPECT_EQ(signature.size(), 256U);
    const rsa_public_key verifying = key.public_key();
    EXPECT_TRUE(verifying.verify_rs256("header.payload", signature));
    EXPECT_FALSE(verifying.verify_rs256("header.payloae", signature));
    EXPECT_TRUE(verifying.verify_rs256("header.payload", signature));
    bytes changed = signature;
    changed[100] ^= 1;
    EXPECT_FALSE(verifying.verify_rs256("header.payload", changed));
    EXPECT_FALSE(verifying.verify_rs256("header.payload", ""));

    const auto again = rsa_key::from_pem(key.to_pem().reveal());
    ASSERT_TRUE(again);
    EXPECT_EQ(again->sign_rs256("header.payload"), signature);
    const auto published = rsa_public_key::from_jwk(verifying.n(), verifying.e());
    ASSERT_TRUE(published);
    EXPECT_TRUE(rsa_public_key(*published).verify_rs256("header.payload", signature));
    EXPECT_EQ(verifying.e(), "AQAB");
    EXPECT_FALSE(rsa_key::generate().public_key().verify_rs256("header.payload", signature));
}

TEST(rsa, refuses_what_is_not_a_strong_rsa_key) {
    EXPECT_FALSE(rsa_key::from_pem("not a key"));
    EXPECT_FALSE(rsa_public_key::from_jwk("AQAB", "AQAB"));
    EXPECT_FALSE(rsa_public_key::from_jwk("!", "AQAB"));
}

}  // namespace
}  // namespace astrotalk::crypto
