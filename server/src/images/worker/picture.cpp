#include "images/worker/picture.hpp"

#include <vips/vips.h>

// Needs what vips.h declares.
#include <vips/vector.h>

#include <cstdlib>
#include <memory>

namespace astrotalk::images {
namespace {

constexpr std::int64_t most_pixels = 50'000'000;

struct unref {
    void operator()(VipsImage* image) const { g_object_unref(image); }
};
using image = std::unique_ptr<VipsImage, unref>;

// Reads the header only.
image open(std::string_view bytes) {
    return image(vips_image_new_from_buffer(bytes.data(), bytes.size(), "", nullptr));
}

struct size {
    const char* name;
    int side;
    bool square;
    int quality;
};
constexpr size of_photo[] = {{"thumb", 128, true, 80}, {"card", 512, true, 80}, {"full", 1280, false, 82}};
constexpr size of_document[] = {{"page", 2400, false, 85}};

// A thumbnail is made of as much as there is, whatever it is told of failing. So every row is read once
// before.
bool is_whole(std::string_view bytes) {
    const image all(vips_image_new_from_buffer(bytes.data(), bytes.size(), "", "access",
                                               VIPS_ACCESS_SEQUENTIAL, "fail_on", VIPS_FAIL_ON_TRUNCATED,
                                               nullptr));
    double mean = 0;
    return all && vips_avg(all.get(), &mean, nullptr) == 0;
}

std::optional<part> make(std::string_view bytes, const size& wanted) {
    VipsImage* made = nullptr;
    const auto crop = wanted.square ? VIPS_INTERESTING_ATTENTION : VIPS_INTERESTING_NONE;
    if (vips_thumbnail_buffer(const_cast<char*>(bytes.data()), bytes.size(), &made, wanted.side, "height",
                              wanted.side, "size", VIPS_SIZE_DOWN, "crop", crop, "export_profile", "srgb",
                              nullptr) != 0)
        return std::nullopt;
    const image small(made);
    void* written = nullptr;
    std::size_t length = 0;
    if (vips_webpsave_buffer(small.get(), &written, &length, "Q", wanted.quality, "strip", TRUE, nullptr) !=
        0)
        return std::nullopt;
    const std::unique_ptr<void, decltype(&g_free)> owned(written, &g_free);
    return part{wanted.name, "image/webp", vips_image_get_width(small.get()),
                vips_image_get_height(small.get()), std::string(static_cast<char*>(written), length)};
}

}  // namespace

void prepare_pictures(const char* program) {
    // Its vector code is compiled at run time, into memory that could then be executed.
    if (VIPS_INIT(program) != 0) std::_Exit(3);
    vips_vector_set_enabled(FALSE);
    vips_concurrency_set(1);
    vips_cache_set_max(0);
    vips_operation_block_set("VipsForeignLoad", TRUE);
    for (const char* format : {"VipsForeignLoadJpeg", "VipsForeignLoadPng", "VipsForeignLoadWebp"})
        vips_operation_block_set(format, FALSE);
}

outcome make_pictures(purpose what, std::string_view bytes) {
    const image header = open(bytes);
    if (!header) return fault::damaged;
    const std::int64_t width = vips_image_get_width(header.get()),
                       height = vips_image_get_height(header.get());
    if (width * height > most_pixels) return fault::too_large;
    if (std::min(width, height) < (what == purpose::photo ? 256 : 400)) return fault::too_small;
    if (!is_whole(bytes)) return fault::damaged;
    std::vector<part> parts;
    const auto sizes = what == purpose::photo ? std::span<const size>(of_photo) : of_document;
    for (const auto& each : sizes) {
        auto made = make(bytes, each);
        if (!made) return fault::damaged;
        parts.push_back(std::move(*made));
    }
    return parts;
}

}  // namespace astrotalk::images
