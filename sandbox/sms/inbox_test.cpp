#include "sms/inbox.hpp"

#include <gtest/gtest.h>

namespace sandbox::sms {
namespace {

message text(std::string to, std::string words) {
    return {.to = std::move(to), .text = std::move(words), .at = {}};
}

TEST(inbox_test, shows_a_number_its_messages_newest_first) {
    inbox box;
    box.receive(text("+911", "first"), "");
    box.receive(text("+912", "other"), "");
    box.receive(text("+911", "second"), "");
    const auto mine = box.of("+911");
    ASSERT_EQ(mine.size(), 2u);
    EXPECT_EQ(mine[0].text, "second");
    EXPECT_EQ(mine[1].text, "first");
    EXPECT_TRUE(box.of("+919").empty());
    const auto all = box.newest(2);
    EXPECT_EQ(all[0].text, "second");
    EXPECT_EQ(all[1].text, "other");
}

TEST(inbox_test, delivers_one_idempotency_id_once) {
    inbox box;
    EXPECT_TRUE(box.receive(text("+911", "code"), "a"));
    EXPECT_FALSE(box.receive(text("+911", "code"), "a"));
    EXPECT_TRUE(box.receive(text("+911", "code"), "b"));
    EXPECT_EQ(box.of("+911").size(), 2u);
}

TEST(inbox_test, forgets_the_oldest_at_its_bound) {
    inbox box;
    for (std::size_t i = 0; i <= inbox::limit; ++i)
        box.receive(text("+91" + std::to_string(i), "x"), std::to_string(i));
    EXPECT_TRUE(box.of("+910").empty());
    EXPECT_EQ(box.of("+911").size(), 1u);
    EXPECT_EQ(box.newest(inbox::limit + 10).size(), inbox::limit);
}

}  // namespace
}  // namespace sandbox::sms
