#include "aws/chunked.hpp"

#include <date/date.h>
#include <gtest/gtest.h>

#include "crypto/crypto.hpp"

namespace astrotalk::aws {
namespace {

using header_list = std::vector<std::pair<std::string_view, std::string_view>>;

// The published examples of S3: "PUT /examplebucket/chunkObject.txt" of 65 KiB of 'a', in two chunks.
const secret key("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");

claim seeded(const std::string& signature) {
    return {"AKIAIOSFODNN7EXAMPLE",
            instant(date::sys_days(date::year(2013) / 5 / 24)),
            {"us-east-1", "s3"},
            "20130524",
            {},
            signature};
}

std::string chunk_of(std::size_t size, std::string_view signature) {
    return fmt::format("{:x};chunk-signature={}\r\n{}\r\n", size, signature, std::string(size, 'a'));
}

std::string last_chunk(std::string_view signature) {
    return fmt::format("0;chunk-signature={}\r\n", signature);
}

const std::string example_seed = "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9";
const std::string example =
    chunk_of(65536, "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648") +
    chunk_of(1024, "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497") +
    last_chunk("b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9") + "\r\n";

const std::string trailing_seed = "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e";
const std::string trailing =
    chunk_of(65536, "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2") +
    chunk_of(1024, "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7") +
    last_chunk("2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992") +
    "x-amz-checksum-crc32c:sOO8/Q==\r\n"
    "x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n";

result<void, chunk_fault> checked(const std::string& body, const std::string& seed, bool with_trailers) {
    const auto read = read_chunks(body, true);
    if (!read) return read.error();
    return verify_chunks(*read, seeded(seed), key, with_trailers);
}

TEST(chunked, the_published_examples_verify) {
    EXPECT_TRUE(checked(example, example_seed, false));
    EXPECT_TRUE(checked(trailing, trailing_seed, true));
    const auto read = read_chunks(trailing, true);
    EXPECT_EQ(read->size, 66560u);
    EXPECT_EQ(read->data(), std::string(66560, 'a'));
    EXPECT_EQ(read->trailer("x-amz-checksum-crc32c"), "sOO8/Q==");
    EXPECT_EQ(read->trailer("x-amz-checksum-crc32"), "");
}

TEST(chunked, the_published_seed_is_this_folders_signature) {
    const header_list headers{{"Host", "s3.amazonaws.com"},
                              {"x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"},
                              {"x-amz-storage-class", "REDUCED_REDUNDANCY"},
                              {"x-amz-decoded-content-length", "66560"},
                              {"Content-Encoding", "aws-chunked"},
                              {"Content-Length", "66824"}};
    const auto made =
        sign({"PUT", "/examplebucket/chunkObject.txt", "", headers, "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"},
             {"AKIAIOSFODNN7EXAMPLE", key, ""}, {"us-east-1", "s3"},
             instant(date::sys_days(date::year(2013) / 5 / 24)));
    EXPECT_TRUE(made.back().second.ends_with("Signature=" + example_seed)) << made.back().second;
    EXPECT_EQ(example.size(), 66824u);
}

TEST(chunked, whatever_is_changed_on_the_way_is_noticed) {
    auto flipped = example;
    flipped[200] = 'b';
    EXPECT_EQ(checked(flipped, example_seed, false).error(), chunk_fault::mismatch);
    // Without its second chunk, and with the first one twice.
    const auto first = example.substr(0, 65536 + 90), rest = example.substr(example.find("400;"));
    EXPECT_EQ(
        checked(first + example.substr(example.find("0;chunk-signature=b6c6")), example_seed, false).error(),
        chunk_fault::mismatch);
    EXPECT_EQ(checked(first + first + rest, example_seed, false).error(), chunk_fault::mismatch);
    EXPECT_EQ(checked(example, trailing_seed, false).error(), chunk_fault::mismatch);
    auto other_trailer = trailing;
    other_trailer.replace(other_trailer.find("sOO8"), 4, "tOO8");
    EXPECT_EQ(checked(other_trailer, trailing_seed, true).error(), chunk_fault::mismatch);
    auto no_signature = trailing.substr(0, trailing.find("x-amz-trailer-signature")) + "\r\n";
    EXPECT_EQ(checked(no_signature, trailing_seed, true).error(), chunk_fault::mismatch);
    EXPECT_EQ(checked(trailing, trailing_seed, false).error(), chunk_fault::malformed);
}

TEST(chunked, signed_chunks_have_a_least_size) {
    const std::string some(64, 'f');
    const auto body = chunk_of(8191, some) + chunk_of(8192, some) + last_chunk(some) + "\r\n";
    EXPECT_EQ(read_chunks(body, true).error(), chunk_fault::too_small);
    EXPECT_TRUE(read_chunks(chunk_of(8192, some) + chunk_of(1, some) + last_chunk(some) + "\r\n", true));
}

TEST(chunked, unsigned_chunks_of_any_size_are_one_body) {
    const auto read =
        read_chunks("3\r\nabc\r\nA\r\n0123456789\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n", false);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->data(), "abc0123456789");
    EXPECT_EQ(read->trailer("x-amz-checksum-crc32"), "AAAAAA==");
    EXPECT_EQ(read_chunks("0\r\n\r\n", false)->data(), "");
}

TEST(chunked, what_is_not_chunked_is_malformed) {
    for (const std::string body :
         {"", "abc", "3\r\nabc\r\n", "3\r\nab\r\n0\r\n\r\n", "3\r\nabcd\r\n0\r\n\r\n", "0\r\n", "0\r\n\r\nx",
          "-3\r\nabc\r\n0\r\n\r\n", "+3\r\nabc\r\n0\r\n\r\n", "0x3\r\nabc\r\n0\r\n\r\n",
          " 3\r\nabc\r\n0\r\n\r\n", "ffffffffffffffff\r\nabc\r\n0\r\n\r\n", "000000003\r\nabc\r\n0\r\n\r\n",
          "3;a=b\r\nabc\r\n0\r\n\r\n", "0\r\nno colon\r\n\r\n", "0\r\nX-Upper:1\r\n\r\n",
          "0\r\na:1\r\na:2\r\n\r\n", "0\r\nx-amz-trailer-signature:f\r\n\r\n"}) {
        const auto read = read_chunks(body, false);
        ASSERT_FALSE(read) << body;
        EXPECT_EQ(read.error(), chunk_fault::malformed) << body;
    }
    EXPECT_EQ(read_chunks("0\r\n\r\n", true).error(), chunk_fault::malformed);
    EXPECT_EQ(read_chunks("0;chunk-signature=ff\r\n\r\n", true).error(), chunk_fault::malformed);
}

}  // namespace
}  // namespace astrotalk::aws
