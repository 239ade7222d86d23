// Pictures, by libvips.
#pragma once

#include <string_view>

#include "images/frame.hpp"

namespace astrotalk::images {

// Before confine(): loads what libvips loads, and leaves it the decoders of JPEG, PNG and WebP only.
void prepare_pictures(const char* program);
// `bytes` begin as a picture of those types.
outcome make_pictures(purpose what, std::string_view bytes);

}  // namespace astrotalk::images
