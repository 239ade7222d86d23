#include "images/worker/pdf/rewrite.hpp"

#include <algorithm>
#include <array>
#include <qpdf/QPDF.hh>
#include <qpdf/QPDFExc.hh>
#include <qpdf/QPDFPageDocumentHelper.hh>
#include <qpdf/QPDFWriter.hh>

namespace astrotalk::images::pdf {
namespace {

constexpr std::size_t most_objects = 20'000;
constexpr std::size_t most_pages = 10;

// Keys of dictionaries that hold scripts, what happens by itself, or files.
constexpr std::array<std::string_view, 8> keys = {"/JS",  "/JavaScript",       "/AA", "/EmbeddedFiles", "/EF",
                                                  "/XFA", "/RichMediaContent", "/AF"};
// Kinds of actions (/S), annotations (/Subtype) and objects (/Type).
// A link to a page of the web is none: banks' statements are full of them.
constexpr std::array<std::string_view, 15> kinds = {
    "/JavaScript", "/Launch",    "/SubmitForm", "/ImportData",     "/GoToE",
    "/GoToR",      "/Rendition", "/RichMedia",  "/FileAttachment", "/3D",
    "/Screen",     "/Movie",     "/Sound",      "/EmbeddedFile",   "/Filespec"};

bool is_active(QPDFObjectHandle dictionary) {
    for (const auto& key : dictionary.getKeys())
        if (std::find(keys.begin(), keys.end(), key) != keys.end()) return true;
    for (const char* key : {"/S", "/Subtype", "/Type"}) {
        auto kind = dictionary.getKey(key);
        if (kind.isName() && std::find(kinds.begin(), kinds.end(), kind.getName()) != kinds.end())
            return true;
    }
    return false;
}

// Direct objects nest; qpdf refuses deeper nesting than it can parse.
bool holds_active(QPDFObjectHandle object) {
    if (object.isStream()) return holds_active(object.getDict());
    if (object.isArray()) {
        for (auto& each : object.getArrayAsVector())
            if (!each.isIndirect() && holds_active(each)) return true;
        return false;
    }
    if (!object.isDictionary()) return false;
    if (is_active(object)) return true;
    for (const auto& key : object.getKeys()) {
        auto value = object.getKey(key);
        if (!value.isIndirect() && holds_active(value)) return true;
    }
    return false;
}

rewritten examine(QPDF& pdf) {
    if (pdf.isEncrypted()) return {fault::encrypted, {}};
    auto objects = pdf.getAllObjects();
    if (objects.size() > most_objects) return {fault::too_large, {}};
    for (auto& each : objects)
        if (holds_active(each)) return {fault::active_content, {}};
    const auto pages = QPDFPageDocumentHelper(pdf).getAllPages();
    if (pages.empty()) return {fault::damaged, {}};
    if (pages.size() > most_pages) return {fault::too_large, {}};

    pdf.getTrailer().removeKey("/Info");
    for (const char* key : {"/Metadata", "/OpenAction", "/PieceInfo", "/Names", "/AcroForm"})
        pdf.getRoot().removeKey(key);
    QPDFWriter writer(pdf);
    writer.setOutputMemory();
    writer.setDecodeLevel(qpdf_dl_none);
    writer.setObjectStreamMode(qpdf_o_disable);
    writer.setPreserveUnreferencedObjects(false);
    writer.setDeterministicID(true);
    writer.write();
    const auto written = writer.getBufferSharedPointer();
    return {{}, std::string(reinterpret_cast<const char*>(written->getBuffer()), written->getSize())};
}

}  // namespace

rewritten rewrite(std::string_view bytes) {
    QPDF pdf;
    pdf.setSuppressWarnings(true);
    pdf.setAttemptRecovery(false);
    try {
        pdf.processMemoryFile("upload", bytes.data(), bytes.size());
        if (pdf.anyWarnings()) return {fault::damaged, {}};
        auto made = examine(pdf);
        return pdf.anyWarnings() ? rewritten{fault::damaged, {}} : made;
    } catch (const QPDFExc& e) {
        return {e.getErrorCode() == qpdf_e_password ? fault::encrypted : fault::damaged, {}};
    } catch (const std::exception&) {
        return {fault::damaged, {}};
    }
}

}  // namespace astrotalk::images::pdf
