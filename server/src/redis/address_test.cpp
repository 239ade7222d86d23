#include <gtest/gtest.h>

#include "redis/protocol.hpp"
#include "redis/redis.hpp"

namespace astrotalk::redis {
namespace {

TEST(address, says_where_as_whom_and_which_database) {
    const auto plain = address::parse("redis://cache.internal");
    ASSERT_TRUE(plain);
    EXPECT_EQ(plain->host, "cache.internal");
    EXPECT_EQ(plain->port, 6379);
    EXPECT_FALSE(plain->tls);
    EXPECT_EQ(plain->database, 0);
    const auto full = address::parse("rediss://app:p%40ss%2Fword@[2001:db8::1]:6380/12");
    ASSERT_TRUE(full);
    EXPECT_EQ(full->host, "2001:db8::1");
    EXPECT_EQ(full->port, 6380);
    EXPECT_TRUE(full->tls);
    EXPECT_EQ(full->user, "app");
    EXPECT_EQ(full->password.reveal(), "p@ss/word");
    EXPECT_EQ(full->database, 12);
    EXPECT_EQ(address::parse("redis://:secret@h/")->password.reveal(), "secret");
}

TEST(address, refuses_what_it_would_have_to_guess) {
    for (const char* text :
         {"", "localhost:6379", "http://h", "redis://", "redis:///1", "redis://h/x", "redis://h/1/2",
          "redis://h/-1", "redis://h:0", "redis://h:99999", "redis://user@h", "redis://h?db=1"})
        EXPECT_FALSE(address::parse(text)) << text;
}

TEST(protocol, reads_replies_in_any_pieces) {
    const std::string_view bytes = "*3\r\n:1\r\n$-1\r\n$2\r\nab\r\n-ERR no\r\n+OK\r\n";
    reply_reader reader;
    std::vector<reply> all;
    for (const char byte : bytes) {
        reader.feed({&byte, 1});
        while (auto next = reader.next()) all.push_back(std::move(*next));
    }
    ASSERT_EQ(all.size(), 3u);
    ASSERT_EQ(all[0].list.size(), 3u);
    EXPECT_EQ(all[0].list[0].integer, 1);
    EXPECT_EQ(all[0].list[1].is, reply::kind::nil);
    EXPECT_EQ(all[0].list[2].text, "ab");
    EXPECT_EQ(all[1].is, reply::kind::error);
    EXPECT_EQ(all[2].text, "OK");
    reader.feed("nonsense\r\n");
    EXPECT_THROW(reader.next(), std::runtime_error);
}

TEST(protocol, a_word_may_hold_anything) {
    std::string out;
    append_command(out, {"SET", std::string("a\r\n\0b", 5), ""});
    EXPECT_EQ(out, std::string("*3\r\n$3\r\nSET\r\n$5\r\na\r\n\0b\r\n$0\r\n\r\n", 30));
}

}  // namespace
}  // namespace astrotalk::redis
