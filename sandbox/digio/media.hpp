// The files of a request: small, drawn from the person, valid in their format, and without a full Aadhaar
// number.
#pragma once

#include <string>

#include "digio/request.hpp"

namespace sandbox::digio {

// A face of 96 × 120 pixels. `drawn` 0 is the person, 1 somebody else.
std::string portrait_png(const person& who, int drawn);
// As DigiLocker gives a document out: XML, or a page of PDF.
std::string aadhaar_xml(const person& who);
std::string pan_xml(const person& who);
std::string aadhaar_pdf(const person& who);
std::string pan_pdf(const person& who);
// The recorded call: some seconds of uncompressed video (YUV4MPEG2).
std::string recording(const person& who);

}  // namespace sandbox::digio
