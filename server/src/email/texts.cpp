#include "email/texts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace astrotalk::email {
namespace {

// {} stands for a value.
struct form {
    std::string_view kind;
    sms::language in;
    std::string_view subject, text;
};

constexpr form all[] = {
    {"code", sms::language::en, "Confirm your e-mail address for AstroTalk",
     "{} is your code. It confirms that this e-mail address belongs to your AstroTalk account, and is valid "
     "for {} minutes. Do not share it with anyone.\n\n"
     "If you did not ask for it, you need not do anything.\n"},
    {"code", sms::language::hi, "AstroTalk के लिए अपने ई-मेल पते की पुष्टि करें",
     "{} आपका कोड है। इससे पुष्टि होती है कि यह ई-मेल पता आपके AstroTalk खाते का है। यह {} मिनट तक मान्य है। "
     "इसे किसी को न बताएं।\n\n"
     "यदि आपने इसे नहीं मांगा, तो कुछ न करें।\n"},
    {"changed", sms::language::en, "The e-mail address of your AstroTalk account was changed",
     "Your AstroTalk account now has another e-mail address, and no longer this one.\n\n"
     "If you did not do this, contact our support at once.\n"},
    {"changed", sms::language::hi, "आपके AstroTalk खाते का ई-मेल पता बदल गया",
     "आपके AstroTalk खाते पर अब दूसरा ई-मेल पता है, यह नहीं।\n\n"
     "यदि यह आपने नहीं किया तो तुरंत हमारे सपोर्ट से संपर्क करें।\n"},
};

}  // namespace

letter write(std::string_view kind, sms::language in, std::span<const std::string> values) {
    const auto* found =
        std::ranges::find_if(all, [&](const form& each) { return each.kind == kind && each.in == in; });
    if (found == std::end(all)) throw std::logic_error(fmt::format("there is no e-mail text {}", kind));
    std::string text;
    std::string_view rest = found->text;
    for (const auto& value : values) {
        const auto at = rest.find("{}");
        if (at == std::string_view::npos)
            throw std::logic_error(fmt::format("the e-mail text {} takes fewer values", kind));
        text += rest.substr(0, at);
        text += value;
        rest.remove_prefix(at + 2);
    }
    if (rest.find("{}") != std::string_view::npos)
        throw std::logic_error(fmt::format("the e-mail text {} needs more values", kind));
    text += rest;
    return {std::string(found->subject), secret(std::move(text))};
}

}  // namespace astrotalk::email
