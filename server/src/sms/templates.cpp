#include "sms/templates.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace astrotalk::sms {
namespace {

constexpr std::string_view place = "{#var#}";
constexpr std::size_t longest_value = 30;

constexpr message_template all[] = {
    {"code.en",
     "{#var#} is your AstroTalk code. It is valid for {#var#} minutes. Do not share it with anyone."},
    {"code.hi", "{#var#} आपका AstroTalk कोड है। यह {#var#} मिनट तक मान्य है। इसे किसी को न बताएं।"},
    {"sign_up_taken.en",
     "Someone tried to sign up to AstroTalk with your number, which has an account. If it was you, sign in "
     "instead. If not, you need not do anything."},
    {"sign_up_taken.hi",
     "किसी ने आपके नंबर से AstroTalk पर साइन अप करने की कोशिश की, जिस पर खाता पहले से है। "
     "यदि आप थे तो साइन इन करें। "
     "यदि नहीं, तो कुछ न करें।"},
    {"phone_changed.en",
     "AstroTalk: your account now signs in with another number, and no longer with this one. If you "
     "did not "
     "do this, contact our support at once."},
    {"phone_changed.hi",
     "AstroTalk: आपका खाता अब दूसरे नंबर से साइन इन होता है, इस नंबर से नहीं। "
     "यदि यह आपने नहीं किया तो तुरंत हमारे सपोर्ट से संपर्क करें।"},
    {"authenticator_changed.en",
     "AstroTalk: the authenticator app of your account was set up, replaced, turned off or reset. "
     "If you did "
     "not do this, contact our support at once."},
    {"authenticator_changed.hi",
     "AstroTalk: आपके खाते का ऑथेंटिकेटर ऐप जोड़ा, बदला, बंद या रीसेट किया गया। "
     "यदि यह आपने नहीं किया तो तुरंत हमारे सपोर्ट से संपर्क करें।"},
    {"recovery_asked.en",
     "AstroTalk: your account may move to the number ending {#var#}, on {#var#} at the earliest. Not you? "
     "Sign in with this number to stop it."},
    {"recovery_asked.hi",
     "AstroTalk: किसी ने आपका खाता {#var#} पर समाप्त होने वाले नंबर पर ले जाने को कहा है, "
     "{#var#} से पहले नहीं। "
     "यदि आपने नहीं कहा तो इसे रोकने के लिए इस नंबर से साइन इन करें।"},
    {"recovery_done.en",
     "AstroTalk: your account has moved to this number. Sign in with it; every earlier sign-in has ended."},
    {"recovery_done.hi",
     "AstroTalk: आपका खाता इस नंबर पर आ गया है। अब इसी से साइन इन करें; "
     "पहले के सभी साइन-इन समाप्त हो गए हैं।"},
    {"kyc_approved.en",
     "AstroTalk: your identity check is complete and your profile is approved. Set your hours in the app."},
    {"kyc_approved.hi",
     "AstroTalk: आपकी पहचान की जाँच पूरी हुई और प्रोफ़ाइल स्वीकृत है। ऐप में "
     "अपना समय तय करें।"},
    {"kyc_rejected.en",
     "AstroTalk: your identity check was not approved. See the reason and what you can do in the app."},
    {"kyc_rejected.hi",
     "AstroTalk: आपकी पहचान की जाँच स्वीकृत नहीं हुई। कारण और आगे का रास्ता ऐप "
     "में देखें।"},
    {"kyc_failed.en",
     "AstroTalk: your identity check could not be completed. See in the app whether you can try again."},
    {"kyc_failed.hi",
     "AstroTalk: आपकी पहचान की जाँच पूरी नहीं हो सकी। दोबारा कोशिश के बारे में ऐप "
     "में देखें।"},
    {"payout_account_changed.en",
     "AstroTalk: the bank account for your earnings was changed. Nothing is paid to it for a day. If you did "
     "not do this, contact our support at once."},
    {"payout_account_changed.hi",
     "AstroTalk: आपकी कमाई का बैंक खाता बदला गया। एक दिन तक उसमें भुगतान नहीं होगा। "
     "यदि यह आपने नहीं किया तो तुरंत हमारे सपोर्ट से संपर्क करें।"},
    {"booked.en", "AstroTalk: booked with {#var#} on {#var#}, {#var#}, {#var#} min, {#var#}."},
    {"booked.hi", "AstroTalk: {#var#} के साथ {#var#}, {#var#} को {#var#} मिनट की बुकिंग हुई, {#var#}।"},
    {"booked_astrologer.en",
     "AstroTalk: new booking on {#var#}, {#var#}, {#var#} min. See your bookings in the app."},
    {"booked_astrologer.hi", "AstroTalk: {#var#}, {#var#} को {#var#} मिनट की नई बुकिंग। ऐप में देखें।"},
    {"rescheduled.en", "AstroTalk: your booking with {#var#} is now on {#var#}, {#var#}, {#var#} min."},
    {"rescheduled.hi", "AstroTalk: {#var#} के साथ आपकी बुकिंग अब {#var#}, {#var#} को {#var#} मिनट की है।"},
    {"rescheduled_astrologer.en",
     "AstroTalk: a booking was moved to {#var#}, {#var#}, {#var#} min. See your bookings in the app."},
    {"rescheduled_astrologer.hi",
     "AstroTalk: एक बुकिंग का नया समय {#var#}, {#var#}, {#var#} मिनट है। "
     "ऐप में देखें।"},
    {"cancelled_by_you.en",
     "AstroTalk: you cancelled your booking with {#var#} on {#var#}, {#var#}. {#var#} is back in your "
     "wallet."},
    {"cancelled_by_you.hi",
     "AstroTalk: आपने {#var#} के साथ {#var#}, {#var#} की बुकिंग रद्द की। {#var#} आपके वॉलेट में वापस है।"},
    {"cancelled_by_astrologer.en",
     "AstroTalk: {#var#} cancelled your booking on {#var#}, {#var#}. {#var#} is back in your wallet."},
    {"cancelled_by_astrologer.hi",
     "AstroTalk: {#var#} ने {#var#}, {#var#} की आपकी बुकिंग रद्द की। {#var#} आपके वॉलेट में वापस है।"},
    {"cancelled_by_team.en",
     "AstroTalk: our team cancelled your booking with {#var#} on {#var#}, {#var#}. {#var#} is back in your "
     "wallet."},
    {"cancelled_by_team.hi",
     "AstroTalk: हमारी टीम ने {#var#} के साथ {#var#}, {#var#} की बुकिंग रद्द "
     "की। {#var#} आपके वॉलेट में वापस है।"},
    {"astrologer_cancelled_by_user.en",
     "AstroTalk: the user cancelled the booking on {#var#}, {#var#}, {#var#} min. The time is free again."},
    {"astrologer_cancelled_by_user.hi",
     "AstroTalk: ग्राहक ने {#var#}, {#var#} की {#var#} मिनट की बुकिंग रद्द की। यह समय फिर खाली है।"},
    {"astrologer_cancelled_by_you.en",
     "AstroTalk: you cancelled the booking on {#var#}, {#var#}, {#var#} min. The time is free again."},
    {"astrologer_cancelled_by_you.hi",
     "AstroTalk: आपने {#var#}, {#var#} की {#var#} मिनट की बुकिंग रद्द की। यह समय फिर खाली है।"},
    {"astrologer_cancelled_by_team.en",
     "AstroTalk: our team cancelled the booking on {#var#}, {#var#}, {#var#} min. The time is free again."},
    {"astrologer_cancelled_by_team.hi",
     "AstroTalk: हमारी टीम ने {#var#}, {#var#} की {#var#} मिनट की बुकिंग रद्द की। यह समय फिर खाली है।"},
};

std::size_t characters(std::string_view text) {
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](unsigned char c) { return (c & 0xc0) != 0x80; }));
}

bool is_value(std::string_view text) {
    return !text.empty() && characters(text) <= longest_value &&
           std::ranges::none_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

// A value may hold what follows it in the template, so every place where the rest goes on is tried.
bool fits_from(std::string_view form, std::string_view text) {
    const auto at = form.find(place);
    if (at == std::string_view::npos) return form == text;
    if (!text.starts_with(form.substr(0, at))) return false;
    form.remove_prefix(at + place.size());
    text.remove_prefix(at);
    for (std::size_t length = 1; length <= text.size(); ++length)
        if (is_value(text.substr(0, length)) && fits_from(form, text.substr(length))) return true;
    return false;
}

std::string_view code_of(language in) { return in == language::hi ? "hi" : "en"; }

}  // namespace

language language_of(std::string_view code) { return code == "hi" ? language::hi : language::en; }

std::span<const message_template> templates() { return all; }

const message_template* find_template(std::string_view name) {
    const auto* found = std::ranges::find(all, name, &message_template::name);
    return found == std::end(all) ? nullptr : found;
}

written write(std::string_view kind, language in, std::span<const std::string> values) {
    std::string name = fmt::format("{}.{}", kind, code_of(in));
    const auto* form = find_template(name);
    if (!form) throw std::logic_error(fmt::format("there is no SMS template {}", name));
    std::string text;
    std::string_view rest = form->text;
    for (const auto& value : values) {
        const auto at = rest.find(place);
        if (at == std::string_view::npos || !is_value(value))
            throw std::logic_error(fmt::format("a value does not fit the SMS template {}", name));
        text += rest.substr(0, at);
        text += value;
        rest.remove_prefix(at + place.size());
    }
    if (rest.find(place) != std::string_view::npos)
        throw std::logic_error(fmt::format("the SMS template {} needs more values", name));
    text += rest;
    return {std::move(name), secret(std::move(text))};
}

bool fits(const message_template& of, std::string_view text) { return fits_from(of.text, text); }

const std::string* registration::id_of(std::string_view template_name) const {
    const auto found = template_ids.find(template_name);
    return found == template_ids.end() ? nullptr : &found->second;
}

bool registration::speaks(language in) const {
    return template_ids.empty() || std::ranges::all_of(all, [&](const message_template& each) {
               return !each.name.ends_with(code_of(in)) || id_of(each.name);
           });
}

language registration::language_for(const std::optional<std::string>& chosen) const {
    const auto wanted = language_of(chosen.value_or("en"));
    return speaks(wanted) ? wanted : language::en;
}

}  // namespace astrotalk::sms
