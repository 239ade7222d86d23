#include "digio/media.hpp"

#include <array>

#include "digio/ids.hpp"

namespace sandbox::digio {
namespace {

constexpr int width = 96, height = 120;

void append_be32(std::string& out, std::uint32_t value) {
    for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift & 0xff);
}

// CRC-32 of PNG chunks (ISO 3309) and Adler-32 of the zlib stream in them: files are small, a table is not
// worth it.
std::uint32_t crc32_of(std::string_view bytes) {
    std::uint32_t crc = ~0u;
    for (const char c : bytes) {
        crc ^= static_cast<unsigned char>(c);
        for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0u);
    }
    return ~crc;
}

std::uint32_t adler32_of(std::string_view bytes) {
    std::uint32_t a = 1, b = 0;
    for (const char c : bytes) {
        a = (a + static_cast<unsigned char>(c)) % 65521;
        b = (b + a) % 65521;
    }
    return b << 16 | a;
}

void append_chunk(std::string& out, std::string_view type, std::string_view data) {
    append_be32(out, static_cast<std::uint32_t>(data.size()));
    std::string checked(type);
    checked += data;
    out += checked;
    append_be32(out, crc32_of(checked));
}

// One stored block: nothing here is worth compressing, and it may have 65,535 bytes.
std::string zlib_stored(std::string_view raw) {
    const auto size = static_cast<std::uint16_t>(raw.size());
    std::string out = "\x78\x01\x01";
    for (const auto word : {size, static_cast<std::uint16_t>(~size)}) {
        out += static_cast<char>(word & 0xff);
        out += static_cast<char>(word >> 8);
    }
    out += raw;
    append_be32(out, adler32_of(raw));
    return out;
}

std::uint32_t likeness(const person& who, int drawn) {
    return crc32_of(who.identifier + static_cast<char>('0' + drawn));
}

struct look {
    std::uint32_t face;
    bool long_hair;
};
look look_of(const person& who, int drawn) {
    return {likeness(who, drawn), (who.gender == "F") != (drawn == 1)};
}

// 0 background, 1 skin, 2 hair, 3 clothes.
int part_of_face(int x, int y, look of) {
    const auto inside = [&](int cx, int cy, int rx, int ry) {
        const long dx = x - cx, dy = y - cy;
        return dx * dx * ry * ry + dy * dy * rx * rx < 1L * rx * rx * ry * ry;
    };
    const int eyes = 52 + static_cast<int>(of.face % 5);
    if (inside(38, eyes, 4, 3) || inside(58, eyes, 4, 3) || inside(48, 76, 10, 2)) return 2;
    const bool forehead = inside(48, 40 + static_cast<int>(of.face / 5 % 4), 20, 12);
    if (y < 44 && !forehead && inside(48, 52, 30, 42)) return 2;
    if (inside(48, 58, 26, 34)) return 1;
    if (of.long_hair && inside(48, 66, 36, 50) && y < 104) return 2;
    if (inside(48, 128, 44, 34)) return 3;
    return 0;
}

std::array<std::array<unsigned char, 3>, 4> colours(std::uint32_t face) {
    constexpr unsigned char skins[4][3] = {{241, 201, 165}, {214, 160, 116}, {172, 118, 78}, {120, 78, 52}};
    const auto& skin = skins[face >> 8 & 3];
    const auto shade = [&](int shift) { return static_cast<unsigned char>(70 + (face >> shift & 0x7f)); };
    return {{{226, 232, 240}, {skin[0], skin[1], skin[2]}, {38, 28, 30}, {shade(12), 60, shade(19)}}};
}

std::string escape(std::string_view text) {
    std::string out;
    for (const char c : text) switch (c) {
            case '&': out += "&amp;"; break;
            case '<': out += "&lt;"; break;
            case '"': out += "&quot;"; break;
            default: out += c;
        }
    return out;
}

// Text of a PDF's string in ASCII; what is not, is a question mark.
std::string pdf_text(std::string_view text) {
    std::string out = "(";
    for (const char c : text) {
        if (c == '(' || c == ')' || c == '\\') out += '\\';
        out += c >= ' ' && c < 127 ? c : '?';
    }
    return out + ")";
}

// One page with lines of text in a font that every reader has.
std::string pdf_of(const std::vector<std::string>& lines) {
    std::string content = "BT /F1 14 Tf 20 TL 50 780 Td\n";
    for (const auto& each : lines) content += pdf_text(each) + " Tj T*\n";
    content += "ET";
    const std::array<std::string, 5> objects{
        "<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 5 0 R "
        "/Resources << /Font << /F1 4 0 R >> >> >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        fmt::format("<< /Length {} >>\nstream\n{}\nendstream", content.size(), content)};
    std::string out = "%PDF-1.4\n", table = "0000000000 65535 f \n";
    for (std::size_t i = 0; i < objects.size(); ++i) {
        table += fmt::format("{:010} 00000 n \n", out.size());
        out += fmt::format("{} 0 obj\n{}\nendobj\n", i + 1, objects[i]);
    }
    const auto start = out.size();
    out +=
        fmt::format("xref\n0 6\n{}trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n{}\n%%EOF\n", table, start);
    return out;
}

}  // namespace

std::string portrait_png(const person& who, int drawn) {
    const auto of = look_of(who, drawn);
    std::string rows;
    for (int y = 0; y < height; ++y) {
        rows += '\0';  // no filter
        for (int x = 0; x < width; x += 4) {
            int packed = 0;  // four pixels of two bits
            for (int i = 0; i < 4; ++i) packed = packed << 2 | part_of_face(x + i, y, of);
            rows += static_cast<char>(packed);
        }
    }
    std::string header;
    append_be32(header, width);
    append_be32(header, height);
    header += std::string("\x02\x03\0\0\0", 5);  // two bits a pixel, of a palette
    std::string palette;
    for (const auto& colour : colours(of.face))
        for (const auto channel : colour) palette += static_cast<char>(channel);
    std::string out = "\x89PNG\r\n\x1a\n";
    append_chunk(out, "IHDR", header);
    append_chunk(out, "PLTE", palette);
    append_chunk(out, "IDAT", zlib_stored(rows));
    append_chunk(out, "IEND", "");
    return out;
}

std::string aadhaar_xml(const person& who) {
    return fmt::format(
        R"(<?xml version="1.0" encoding="UTF-8"?>)"
        R"(<KycRes><UidData uid="{}"><Poi name="{}" dob="{}" gender="{}"/>)"
        R"(<Poa house="{}" loc="{}" dist="{}" state="{}" pc="{}" country="India"/></UidData></KycRes>)",
        masked_aadhaar(who), escape(who.name_on_aadhaar), as_date_of_birth(who.date_of_birth), who.gender,
        escape(who.house), escape(who.locality), escape(who.district), escape(who.state), who.pincode);
}

std::string pan_xml(const person& who) {
    return fmt::format(R"(<?xml version="1.0" encoding="UTF-8"?>)"
                       R"(<Certificate name="PAN Verification Record" type="PANCR" number="{}">)"
                       R"(<IssuedTo><Person name="{}" dob="{}" gender="{}"/></IssuedTo></Certificate>)",
                       who.pan, escape(who.name_on_pan), as_date_of_birth(who.date_of_birth_on_pan),
                       who.gender);
}

std::string aadhaar_pdf(const person& who) {
    return pdf_of({"Aadhaar (sandbox, not a document)", who.name_on_aadhaar, masked_aadhaar(who),
                   as_date_of_birth(who.date_of_birth), who.district + ", " + who.state + " " + who.pincode});
}

std::string pan_pdf(const person& who) {
    return pdf_of({"Permanent Account Number (sandbox, not a document)", who.name_on_pan, who.pan,
                   as_date_of_birth(who.date_of_birth_on_pan)});
}

std::string recording(const person& who) {
    const auto of = look_of(who, 0);
    std::string out = fmt::format("YUV4MPEG2 W{} H{} F2:1 Ip A1:1 C444\n", width, height);
    for (int frame = 0; frame < 4; ++frame) {
        out += "FRAME\n";
        constexpr unsigned char planes[3][4] = {
            {225, 175, 40, 120}, {128, 110, 128, 140}, {128, 150, 128, 120}};
        for (const auto& plane : planes)
            for (int y = 0; y < height; ++y)
                for (int x = 0; x < width; ++x)  // the head nods a little
                    out += static_cast<char>(plane[part_of_face(x, y + frame % 2 * 2, of)]);
    }
    return out;
}

}  // namespace sandbox::digio
