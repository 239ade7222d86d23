// The XML that S3 lists a bucket in, asked with encoding-type=url. Pure.
#pragma once

#include <optional>
#include <string>

#include "storage/domain.hpp"

namespace astrotalk::storage {

// Nothing when it is no such listing.
std::optional<page> read_listing(const std::string& xml);

}  // namespace astrotalk::storage
