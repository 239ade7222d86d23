#include "images/frame.hpp"

#include <gtest/gtest.h>

namespace astrotalk::images {
namespace {

std::string webp(std::size_t length = 40) { return "RIFF....WEBP" + std::string(length - 12, 'x'); }

outcome photo() {
    return std::vector<part>{{"thumb", "image/webp", 128, 128, webp()},
                             {"card", "image/webp", 512, 512, webp(50)},
                             {"full", "image/webp", 1280, 960, webp(60)}};
}

TEST(frame, goes_there_and_back) {
    const auto back = from_frame(to_frame(photo()), purpose::photo);
    ASSERT_TRUE(back && *back);
    ASSERT_EQ((*back)->size(), 3u);
    EXPECT_EQ((**back)[2].name, "full");
    EXPECT_EQ((**back)[2].height, 960);
    EXPECT_EQ((**back)[1].bytes, webp(50));
    const auto refused = from_frame(to_frame(fault::active_content), purpose::document);
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->error(), fault::active_content);
    const outcome file = std::vector<part>{{"file", "application/pdf", 0, 0, "%PDF-1.7\n%%EOF"}};
    EXPECT_TRUE(from_frame(to_frame(file), purpose::document));
}

TEST(frame, of_a_worker_that_somebody_took_over_is_refused) {
    const auto good = to_frame(photo());
    for (std::size_t cut = 0; cut < good.size(); ++cut)
        EXPECT_FALSE(from_frame(std::string_view(good).substr(0, cut), purpose::photo)) << cut;
    EXPECT_FALSE(from_frame(good + "x", purpose::photo));
    EXPECT_FALSE(from_frame(good, purpose::document)) << "another purpose's parts";

    const auto with = [](part odd) {
        auto parts = photo();
        (*parts)[0] = std::move(odd);
        return from_frame(to_frame(parts), purpose::photo).has_value();
    };
    EXPECT_TRUE(with({"thumb", "image/webp", 1, 1, webp()}));
    EXPECT_FALSE(with({"thumb", "text/html", 1, 1, webp()}));
    EXPECT_FALSE(with({"thumb", "image/webp", 1, 1, "<script>alert(1)</script>"}));
    EXPECT_FALSE(with({"thumb", "image/webp", 0, 1, webp()}));
    EXPECT_FALSE(with({"thumb", "image/webp", 20'000, 1, webp()}));
    EXPECT_FALSE(with({"../../up", "image/webp", 1, 1, webp()}));
    EXPECT_FALSE(with({"card", "image/webp", 1, 1, webp()})) << "twice";
    for (const char* odd :
         {"", "ok", "ok 3", "ok -1\n", "ok 4\n", "ok 99999999999\n", "refused\n", "refused x\n",
          "refused damaged\nmore", "ok 3\nthumb image/webp 1 1 99999999999\n"})
        EXPECT_FALSE(from_frame(odd, purpose::photo)) << odd;
}

}  // namespace
}  // namespace astrotalk::images
