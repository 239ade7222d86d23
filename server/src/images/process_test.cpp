// The real worker, over pictures and PDFs made here: whole ones, and those that somebody made to do harm.
#include <gtest/gtest.h>
#include <zlib.h>

#include <filesystem>

#include "images/images.hpp"

namespace astrotalk::images {
namespace {

std::string big_endian(std::uint32_t number) {
    return {char(number >> 24), char(number >> 16), char(number >> 8), char(number)};
}

std::string chunk(std::string kind, const std::string& data) {
    const std::string body = std::move(kind) + data;
    const auto sum = ::crc32(0, reinterpret_cast<const Bytef*>(body.data()), uInt(body.size()));
    return big_endian(std::uint32_t(data.size())) + body + big_endian(std::uint32_t(sum));
}

std::string deflated(const std::string& raw) {
    uLongf length = ::compressBound(raw.size());
    std::string packed(length, '\0');
    ::compress2(reinterpret_cast<Bytef*>(packed.data()), &length, reinterpret_cast<const Bytef*>(raw.data()),
                raw.size(), 9);
    packed.resize(length);
    return packed;
}

// A PNG of 8-bit grey, its pixels a slope; `rows` fewer than promised when it says so.
std::string png(std::uint32_t width, std::uint32_t height, std::optional<std::uint32_t> rows = {},
                const std::string& comment = "") {
    std::string raw;
    for (std::uint32_t y = 0; y < rows.value_or(height); ++y) {
        raw += '\0';
        for (std::uint32_t x = 0; x < width; ++x) raw += char((x + y) & 0xff);
    }
    std::string file = "\x89PNG\r\n\x1a\n";
    file += chunk("IHDR", big_endian(width) + big_endian(height) + std::string("\x08\x00\x00\x00\x00", 5));
    if (!comment.empty()) file += chunk("tEXt", "Comment" + std::string(1, '\0') + comment);
    return file + chunk("IDAT", deflated(raw)) + chunk("IEND", "");
}

// A PDF of empty pages; `catalog` and `objects` are added, the latter from 4 on where there is one page.
std::string pdf(const std::string& catalog = "", const std::vector<std::string>& objects = {},
                int pages = 1) {
    std::string kids;
    for (int i = 0; i < pages; ++i) kids += fmt::format("{} 0 R ", 3 + i);
    std::vector<std::string> all = {
        "<< /Type /Catalog /Pages 2 0 R " + catalog + " >>",
        "<< /Type /Pages /Kids [" + kids + "] /Count " + std::to_string(pages) + " >>"};
    all.insert(all.end(), std::size_t(pages), "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >>");
    all.insert(all.end(), objects.begin(), objects.end());
    std::string file = "%PDF-1.7\n", table;
    for (std::size_t i = 0; i < all.size(); ++i) {
        table += fmt::format("{:010} 00000 n \n", file.size());
        file += fmt::format("{} 0 obj\n{}\nendobj\n", i + 1, all[i]);
    }
    const auto at = file.size();
    file += fmt::format(
        "xref\n0 {}\n0000000000 65535 f \n{}trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{}\n%%EOF\n",
        all.size() + 1, table, all.size() + 1, at);
    return file;
}

class images_test : public testing::Test {
  protected:
    loop on;
    workshop shop{{.worker = worker_path()}};

    static std::string worker_path() {
        const auto here = std::filesystem::read_symlink("/proc/self/exe").parent_path();
        return here.parent_path() / "astrotalk-image-worker";
    }
    result<std::vector<part>, fault> make(purpose what, const std::string& type, const std::string& bytes) {
        return on.run_until(shop.process(what, type, bytes));
    }
    // What it is refused for, or "taken".
    std::string fate(purpose what, const std::string& type, const std::string& bytes) {
        const auto made = make(what, type, bytes);
        return made ? "taken" : std::string(name_of(made.error()));
    }
    std::string fate_of_pdf(const std::string& bytes) {
        return fate(purpose::document, "application/pdf", bytes);
    }
};

TEST_F(images_test, a_photo_becomes_three_without_what_it_said_of_itself) {
    const auto made = make(purpose::photo, "image/png", png(900, 600, {}, "taken at 28.6139,77.2090"));
    ASSERT_TRUE(made) << name_of(made.error());
    ASSERT_EQ(made->size(), 3u);
    EXPECT_EQ((*made)[0].width, 128);
    EXPECT_EQ((*made)[0].height, 128);
    EXPECT_EQ((*made)[1].width, 512);
    EXPECT_EQ((*made)[2].width, 900);
    EXPECT_EQ((*made)[2].height, 600);
    for (const auto& each : *made) EXPECT_EQ(each.bytes.find("28.6139"), each.bytes.npos);
}

TEST_F(images_test, what_was_made_can_be_made_again) {
    const auto made = make(purpose::photo, "image/png", png(400, 500));
    ASSERT_TRUE(made);
    EXPECT_EQ(fate(purpose::photo, "image/webp", (*made)[2].bytes), "taken");
    EXPECT_EQ(fate(purpose::document, "image/webp", (*made)[2].bytes), "taken");
}

TEST_F(images_test, the_bounds_of_a_picture) {
    EXPECT_EQ(fate(purpose::photo, "image/png", png(256, 256)), "taken");
    EXPECT_EQ(fate(purpose::photo, "image/png", png(255, 900)), "too_small");
    EXPECT_EQ(fate(purpose::document, "image/png", png(399, 900)), "too_small");
}

TEST_F(images_test, a_type_that_it_is_not) {
    EXPECT_EQ(fate(purpose::photo, "image/jpeg", png(300, 300)), "wrong_type");
    EXPECT_EQ(fate(purpose::photo, "application/pdf", pdf()), "wrong_type");
    EXPECT_EQ(fate(purpose::photo, "image/svg+xml", "<svg xmlns='http://www.w3.org/2000/svg'/>"),
              "wrong_type");
    EXPECT_EQ(fate(purpose::photo, "image/png", ""), "wrong_type");
    EXPECT_EQ(fate(purpose::photo, "image/png", "<script>alert(1)</script>"), "wrong_type");
    EXPECT_EQ(fate_of_pdf(png(500, 500)), "wrong_type");
}

// A picture of 900 million pixels in less than a megabyte.
TEST_F(images_test, a_decompression_bomb_is_not_decoded) {
    std::string file = "\x89PNG\r\n\x1a\n";
    file += chunk("IHDR", big_endian(30'000) + big_endian(30'000) + std::string("\x01\x00\x00\x00\x00", 5));
    file += chunk("IDAT", deflated(std::string(std::size_t{3751} * 30'000, '\0')));
    file += chunk("IEND", "");
    EXPECT_LT(file.size(), std::size_t{1} << 20);
    EXPECT_EQ(fate(purpose::photo, "image/png", file), "too_large");
}

// Promises 50 million pixels and holds ten rows.
TEST_F(images_test, one_that_is_cut_short) {
    EXPECT_EQ(fate(purpose::photo, "image/png", png(600, 600, 10)), "damaged");
    const auto whole = png(600, 600);
    EXPECT_EQ(fate(purpose::photo, "image/png", whole.substr(0, whole.size() / 2)), "damaged");
    EXPECT_EQ(fate(purpose::photo, "image/png", whole.substr(0, 20)), "damaged");
}

TEST_F(images_test, a_polyglot_leaves_only_its_picture) {
    const std::string script = "<script>alert(document.cookie)</script>", archive = "PK\x03\x04 evil.exe";
    const auto made = make(purpose::photo, "image/png", png(300, 300, {}, script) + archive + script);
    ASSERT_TRUE(made);
    for (const auto& each : *made) {
        EXPECT_EQ(each.bytes.find("script"), each.bytes.npos);
        EXPECT_EQ(each.bytes.find("PK\x03\x04"), each.bytes.npos);
    }
}

TEST_F(images_test, a_pdf_that_only_shows_pages_is_taken_and_written_anew) {
    const auto made = make(purpose::document, "application/pdf", pdf() + "PK\x03\x04 behind its end");
    if (made) {
        ASSERT_EQ(made->size(), 1u);
        EXPECT_EQ((*made)[0].bytes.find("behind its end"), std::string::npos);
    }
    EXPECT_EQ(fate_of_pdf(pdf()), "taken");
    EXPECT_EQ(fate_of_pdf(pdf("", {"<< /S /URI /URI (https://bank.example.in) >>"})), "taken");
}

TEST_F(images_test, a_pdf_that_does_anything_else) {
    EXPECT_EQ(fate_of_pdf(pdf("/OpenAction << /S /JavaScript /JS (app.alert(1)) >>")), "active_content");
    EXPECT_EQ(fate_of_pdf(pdf("/Names << /JavaScript << /Names [(a) 4 0 R] >> >>",
                              {"<< /S /JavaScript /JS (app.alert(1)) >>"})),
              "active_content");
    EXPECT_EQ(
        fate_of_pdf(pdf("/Names << /EmbeddedFiles << /Names [(a) 4 0 R] >> >>", {"<< /Type /Filespec >>"})),
        "active_content");
    EXPECT_EQ(fate_of_pdf(pdf("/OpenAction << /S /#4aava#53cript /J#53 (app.alert(1)) >>")), "active_content")
        << "names may be written in hex";
    EXPECT_EQ(fate_of_pdf(pdf("/OpenAction << /S /Launch /F (cmd.exe) >>")), "active_content");
    EXPECT_EQ(fate_of_pdf(pdf("/AcroForm << /XFA 4 0 R >>", {"<< >>"})), "active_content");
    EXPECT_EQ(fate_of_pdf(pdf("", {"<< /Type /Annot /Subtype /RichMedia >>"})), "active_content")
        << "though no page refers to it";
    EXPECT_EQ(fate_of_pdf(pdf("", {}, 11)), "too_large");
    EXPECT_EQ(fate_of_pdf(pdf("", {}, 0)), "damaged");
    const auto whole = pdf();
    EXPECT_EQ(fate_of_pdf(whole.substr(0, whole.size() - 60)), "damaged");
}

TEST_F(images_test, whatever_comes_ends_with_an_answer) {
    auto file = png(300, 300);
    for (std::size_t at = 8; at < file.size(); at += file.size() / 40) {
        auto odd = file;
        odd[at] = char(odd[at] ^ 0x5a);
        make(purpose::photo, "image/png", odd);
    }
    auto document = pdf("/OpenAction 4 0 R", {"<< /S /GoTo /D [3 0 R /Fit] >>"});
    for (std::size_t at = 9; at < document.size(); at += document.size() / 40) {
        auto odd = document;
        odd[at] = char(odd[at] ^ 0x15);
        make(purpose::document, "application/pdf", odd);
    }
    EXPECT_EQ(fate(purpose::photo, "image/png", file), "taken") << "and the next one is served";
}

TEST_F(images_test, a_worker_without_an_end_is_ended) {
    const auto fate_in = [this](workshop_options how) {
        workshop shop_of_it(std::move(how));
        return on.run_until(shop_of_it.process(purpose::photo, "image/png", png(300, 300))).error();
    };
    EXPECT_EQ(fate_in({.worker = worker_path(), .deadline = std::chrono::milliseconds(0)}),
              fault::not_processed);
    EXPECT_EQ(fate_in({.worker = "/usr/bin/yes"}), fault::not_processed) << "it answers for ever";
    EXPECT_EQ(fate_in({.worker = "/bin/true"}), fault::not_processed) << "it answers nothing";
    EXPECT_EQ(fate_in({.worker = "/bin/false"}), fault::not_processed);
}

TEST_F(images_test, a_worker_that_is_missing_is_an_outage) {
    workshop none({.worker = "/nowhere/astrotalk-image-worker"});
    EXPECT_THROW(on.run_until(none.process(purpose::photo, "image/png", png(300, 300))), std::system_error);
}

}  // namespace
}  // namespace astrotalk::images
