// What people upload, made safe: pictures are decoded and written anew, PDFs are looked through and written
// anew. Both happen in a process of their own (astrotalk-image-worker), one for each upload, that has no
// network, no keys, no environment, no open files and little memory and time: libvips, libmagic and qpdf read
// what a stranger made, and what goes wrong there ends with that process.
//
// What leaves holds nothing of what came but the picture: no metadata, no colour profile, nothing behind its
// end. Thread safety: a workshop may be used from any loop. Lifetime: it outlives its calls. Errors: what is
// wrong with an upload is a value; that no worker could be started throws std::system_error, and that too
// many wait throws astrotalk::overloaded.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/loop.hpp"
#include "core/result.hpp"
#include "core/task.hpp"

namespace astrotalk::images {

// What it is to become. A photo: image/webp, "thumb" 128 × 128 and "card" up to 512 × 512, both cut to a
// square, and "full" up to 1280 × 1280. A document: one part, "page" (image/webp, up to 2400 × 2400) of a
// picture, or "file" (application/pdf).
enum class purpose : std::uint8_t { photo, document };

// Why an upload is refused, in order of precedence.
enum class fault : std::uint8_t {
    wrong_type,      // not of the type it was said to be, or of none that is taken for this purpose
    damaged,         // cut short, or not what its first bytes promise
    too_small,       // a photo of less than 256 pixels a side, a document of less than 400
    too_large,       // more than 50 million pixels, or more than ten pages
    encrypted,       // a PDF that wants a password
    active_content,  // a PDF with scripts, forms that run or send, films, or files inside
    not_processed,   // it needed more memory or time than an upload gets, or broke the worker
};
// Stable: sent to clients.
std::string_view name_of(fault why);

struct part {
    std::string name, type;
    std::int32_t width = 0, height = 0;  // in pixels; 0 of a PDF
    std::string bytes;
};

inline constexpr std::size_t longest_upload = std::size_t{12} << 20;
// image/jpeg, image/png and image/webp; of documents also application/pdf.
std::span<const std::string_view> types_for(purpose what);

struct workshop_options {
    std::string worker;  // the path of astrotalk-image-worker
    unsigned at_once = 1;
    std::size_t waiting = 32;
    std::chrono::milliseconds deadline{20'000};  // of one upload
};

class workshop {
  public:
    explicit workshop(workshop_options how);
    // `bytes` is at most longest_upload.
    task<result<std::vector<part>, fault>> process(purpose what, std::string declared_type,
                                                   std::string bytes);

  private:
    workshop_options how_;
    thread_pool threads_;
};

}  // namespace astrotalk::images
