#include "agenda.hpp"

#include <gtest/gtest.h>

#include <string>

namespace sandbox {
namespace {

using namespace std::chrono_literals;

TEST(agenda_test, does_what_is_due_in_the_order_of_its_time) {
    agenda later;
    std::string done;
    const auto now = astrotalk::clock::now();
    later.at(now + 2h, [&] { done += 'c'; });
    later.at(now + 1h, [&] {
        done += 'a';
        later.at(now + 90min, [&] { done += 'b'; });
    });
    later.at(now + 5h, [&] { done += 'd'; });
    later.run_due();
    EXPECT_EQ(done, "");
    astrotalk::clock::advance(3h);
    later.run_due();
    EXPECT_EQ(done, "abc");
    EXPECT_EQ(later.next(), now + 5h);
    later.clear();
    EXPECT_EQ(later.size(), 0u);
}

}  // namespace
}  // namespace sandbox
