// astrotalk-image-worker PURPOSE TYPE: one upload on standard input, one frame (images/frame.hpp) on standard
// output. Started by images/process.cpp.
#include <magic.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <memory>

#include "images/worker/confine.hpp"
#include "images/worker/pdf/rewrite.hpp"
#include "images/worker/picture.hpp"

namespace {

using namespace astrotalk::images;

bool read_all(std::string& into) {
    char buffer[65536];
    while (true) {
        const auto got = ::read(0, buffer, sizeof buffer);
        if (got == 0) return true;
        if (got < 0 || into.size() + std::size_t(got) > longest_upload) return false;
        into.append(buffer, std::size_t(got));
    }
}

bool write_all(std::string_view rest) {
    while (!rest.empty()) {
        const auto wrote = ::write(1, rest.data(), rest.size());
        if (wrote <= 0) return false;
        rest.remove_prefix(std::size_t(wrote));
    }
    return true;
}

outcome make_document(std::string_view upload) {
    auto made = pdf::rewrite(upload);
    if (!made.refused) return std::vector<part>{{"file", "application/pdf", 0, 0, std::move(made.bytes)}};
    switch (*made.refused) {
        case pdf::fault::damaged: return fault::damaged;
        case pdf::fault::too_large: return fault::too_large;
        case pdf::fault::encrypted: return fault::encrypted;
        case pdf::fault::active_content: break;
    }
    return fault::active_content;
}

outcome process(purpose what, std::string_view type, magic_t magic, const std::string& upload) {
    const char* found = ::magic_buffer(magic, upload.data(), upload.size());
    if (!found || type != found) return fault::wrong_type;
    return type == "application/pdf" ? make_document(upload) : make_pictures(what, upload);
}

}  // namespace

int main(int count, char** arguments) {
    if (count != 3) {
        static constexpr std::string_view usage =
            "usage: astrotalk-image-worker photo|document TYPE <upload >frame\n"
            "Started by the server for each upload; not meant to be called by hand.\n";
        return ::write(2, usage.data(), usage.size()) < 0 ? 3 : 2;
    }
    const auto what = std::strcmp(arguments[1], "photo") == 0 ? purpose::photo : purpose::document;
    const std::string_view type = arguments[2];
    prepare_pictures(arguments[0]);
    // What a stranger's bytes look like is asked of the few matchers that are needed, not of its whole zoo.
    const magic_t magic = ::magic_open(MAGIC_MIME_TYPE | MAGIC_NO_CHECK_COMPRESS | MAGIC_NO_CHECK_TAR |
                                       MAGIC_NO_CHECK_CDF | MAGIC_NO_CHECK_ELF | MAGIC_NO_CHECK_JSON |
                                       MAGIC_NO_CHECK_CSV | MAGIC_NO_CHECK_TEXT | MAGIC_NO_CHECK_ENCODING);
    if (!magic || ::magic_load(magic, nullptr) != 0) return 3;
    confine();
    std::string upload;
    if (!read_all(upload)) return 3;
    const bool told = write_all(to_frame(process(what, type, magic, upload)));
    // Without the libraries' farewells: nothing here needs saving.
    std::_Exit(told ? 0 : 3);
}
