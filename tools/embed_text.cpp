// embed_text NAME FILE HEADER: a file's bytes as `inline constexpr std::string_view NAME` in namespace
// astrotalk.
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

int main(int argc, char** argv) {
    if (argc != 4) {
        std::fprintf(stderr, "usage: embed_text NAME FILE HEADER\n");
        return 2;
    }
    std::ifstream in(argv[2], std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    const std::string end = ")embedded\"";
    if (!in || text.find(end) != std::string::npos) {
        std::fprintf(stderr, "embed_text: %s cannot be read, or contains %s\n", argv[2], end.c_str());
        return 1;
    }
    std::ofstream out(argv[3], std::ios::binary);
    out << "// Generated from " << argv[1]
        << "'s source.\n#pragma once\n\n#include <string_view>\n\nnamespace astrotalk {\n"
        << "inline constexpr std::string_view " << argv[1] << " = R\"embedded(" << text << end << ";\n}\n";
    return out.flush() ? 0 : 1;
}
