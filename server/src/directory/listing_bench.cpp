// What a page and the counts cost by random filters, with 500, 5 000 and 50 000 listed: time of this thread
// on a processor, so that whatever else the machine does is not in it.
#include <time.h>

#include <cstdio>

#include "directory/listing_index_testing.hpp"

namespace {

using namespace astrotalk;
using namespace astrotalk::directory;

double micros_now() {
    timespec used{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    return static_cast<double>(used.tv_sec) * 1e6 + static_cast<double>(used.tv_nsec) / 1e3;
}
double micros_since(double from) { return micros_now() - from; }

void say(const char* what, std::vector<double> took) {
    std::ranges::sort(took);
    std::printf("  %-8s p50 %8.1f µs   p99 %8.1f µs   p99.9 %8.1f µs\n", what, took[took.size() / 2],
                took[took.size() * 99 / 100], took[took.size() * 999 / 1000]);
}

void measure(int people) {
    testing::inventor random(1);
    std::vector<listed_row> rows;
    for (int i = 0; i < people; ++i) rows.push_back(random.row(user_id::make()));
    const auto ids = rows;
    listing_index index;
    auto from = micros_now();
    index.apply(std::move(rows));
    std::printf("%d listed; built in %.1f ms\n", people, micros_since(from) / 1000);
    std::vector<double> pages, counts, changes;
    for (int i = 0; i < 20'000; ++i) {
        const auto who = random.question();
        const auto in = random.some_order();
        from = micros_now();
        const auto hits = index.find(who, in, {}, 21);
        pages.push_back(micros_since(from));
        if (i % 10 == 0) {
            from = micros_now();
            const auto counted = index.count(who);
            counts.push_back(micros_since(from));
            std::vector<listed_row> one{random.row(ids[random.random() % ids.size()].id)};
            from = micros_now();
            index.apply(std::move(one));
            changes.push_back(micros_since(from));
        }
    }
    say("page", pages);
    say("counts", counts);
    say("change", changes);
}

}  // namespace

int main() {
    measure(500);
    measure(5'000);
    measure(50'000);
}
