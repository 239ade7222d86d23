#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "core/ids.hpp"
#include "privacy/personal_data.hpp"

namespace astrotalk::privacy {
namespace {

namespace fs = std::filesystem;

struct files : ::testing::Test {
    fs::path directory = fs::temp_directory_path() / ("astrotalk-scan-" + uuid::v7().to_string());
    files() { fs::create_directories(directory / "deep"); }
    ~files() override { fs::remove_all(directory); }
    void write(const std::string& name, const std::string& text) const {
        std::ofstream(directory / name, std::ios::binary) << text;
    }
    scan_report scan(const std::string& path) const {
        scan_report report;
        const std::vector<std::string> paths = {path};
        scan_files(paths, report);
        return report;
    }
};

TEST_F(files, are_looked_through_below_a_directory) {
    write("server.log",
          "{\"at\":\"2026-11-23T09:24:07.123456Z\",\"id\":\"019aae5f-7000-7000-8000-234123412346\"}");
    write("deep/object", std::string("\0\x01PDF 2341 2341 2346 and 234123412346", 37));
    const auto report = scan(directory.string());
    EXPECT_EQ(report.values, 2);
    ASSERT_EQ(report.found.size(), 1u);
    EXPECT_EQ(report.found[0], (finding{(directory / "deep/object").string(), 2}));
    EXPECT_THROW(scan((directory / "nothing").string()), std::runtime_error);
}

// Wherever the reading is cut, a number is found once, and what is no number does not become one.
TEST_F(files, larger_than_a_piece_are_read_whole) {
    constexpr std::size_t piece = 1 << 20;
    for (std::size_t cut = 0; cut <= 80; cut += 4) {
        write("large", std::string(piece - cut, 'x') + " 2341 2341 2346 " + std::string(piece, 'y'));
        const auto report = scan((directory / "large").string());
        ASSERT_EQ(report.found.size(), 1u) << cut;
        EXPECT_EQ(report.found[0].count, 1) << cut;
        write("large", std::string(piece - cut, 'x') + " 019aae5f-2341-2341-2346-234123412346 2341234123469");
        EXPECT_TRUE(scan((directory / "large").string()).found.empty()) << cut;
    }
}

}  // namespace
}  // namespace astrotalk::privacy
