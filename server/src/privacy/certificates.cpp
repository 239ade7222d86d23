#include "privacy/certificates.hpp"

#include <map>
#include <mutex>

#include "core/json_text.hpp"
#include "core/log.hpp"

namespace astrotalk::privacy {
namespace {

constexpr std::string_view mac_purpose = "privacy-certificate";

// `record`, a JSON object, with the opened values as members behind its own.
http::raw_json opened(const crypto::keyring& keys, std::string_view of, pg::personal_record record) {
    std::string text = std::move(record.record);
    const auto end = text.rfind('}');
    if (end == std::string::npos) return {"{}"};
    text.resize(end);
    bool first = text.find(':') == std::string::npos;
    for (std::size_t i = 0; i < record.sealed.size(); ++i) {
        if (record.sealed[i].empty()) continue;
        const auto value = keys.open(record.purposes.at(i), record.sealed[i], record.places.at(i));
        if (!value)
            log::error("personal_data.does_not_open",
                       {{"class", log::text(of)}, {"what", log::text(record.names.at(i))}});
        if (value && value->empty()) continue;
        if (!first) text += ',';
        first = false;
        append_json_string(text, record.names.at(i));
        text += ':';
        append_json_string(text, value ? *value : "(unreadable)");
    }
    text += '}';
    return {std::move(text)};
}

// `of` without its limit, from its $2nd record on. Made once, and as lasting as the statements are.
const pg::statement& page_of(const pg::statement& of) {
    struct lasting {
        std::string name, sql;
        pg::statement made;
    };
    static std::mutex mutex;
    static std::map<std::string_view, lasting> all;
    const std::lock_guard lock(mutex);
    auto& one = all[of.name];
    if (one.name.empty()) {
        std::string whole = of.sql;
        for (auto at = whole.find(pg::record_limit); at != std::string::npos;
             at = whole.find(pg::record_limit, at))
            whole.replace(at, pg::record_limit.size(), "limit all");
        whole.resize(whole.find_last_not_of("; \n") + 1);
        one.name = std::string(of.name) + "_page";
        one.sql = fmt::format("select * from ({}\n) every limit {} offset $2", whole, pg::records_at_once);
        one.made = {one.name.c_str(), one.sql.c_str(), of.parameters + 1};
    }
    return one.made;
}

task<std::vector<pg::personal_record>> read_all(pg::transaction& t, const pg::statement& from, user_id who) {
    auto all = co_await t.query<pg::personal_record>(from, who);
    const bool may_go_on = std::string_view(from.sql).find(pg::record_limit) != std::string_view::npos;
    if (!may_go_on || all.size() < pg::records_at_once) co_return all;
    all.clear();
    for (auto read = pg::records_at_once; read == pg::records_at_once;) {
        if (all.size() >= most_records) throw std::runtime_error("somebody has too many records of a class");
        auto page =
            co_await t.query<pg::personal_record>(page_of(from), who, static_cast<std::int64_t>(all.size()));
        read = page.size();
        for (auto& each : page) all.push_back(std::move(each));
    }
    co_return all;
}

}  // namespace

told holds_of(const pg::data_class& of) { return {std::string(of.english), std::string(of.hindi)}; }

told reason_of(pg::retention kept, const retention_days& days) {
    switch (kept) {
        case pg::retention::account:
            return {
                fmt::format("While your account is open. After that sealed for {} days, because the law asks "
                            "for it (DPDP Rules, 2025, rule 8(3)), then erased.",
                            days.personal),
                fmt::format("जब तक आपका खाता खुला है। उसके बाद {} दिन तक सीलबंद, क्योंकि क़ानून यह माँगता है "
                            "(डीपीडीपी नियम 2025, नियम 8(3)), फिर मिटा दिया जाता है।",
                            days.personal)};
        case pg::retention::traffic:
            return {
                fmt::format("For {} days, because the law asks for it (rule 8(3)), then erased.", days.log),
                fmt::format("{} दिन तक, क्योंकि क़ानून यह माँगता है (नियम 8(3)), "
                            "फिर मिटा दिया जाता है।",
                            days.log)};
        case pg::retention::log:
            return {fmt::format("As a log without your name for {} days, because the law asks for it "
                                "(rule 8(3)), then erased.",
                                days.log),
                    fmt::format("आपके नाम के बिना, {} दिन तक अभिलेख के रूप में, क्योंकि क़ानून यह माँगता है "
                                "(नियम 8(3)), फिर मिटा दिया जाता है।",
                                days.log)};
        case pg::retention::money:
            return {
                fmt::format("As accounts and tax records without your name, for at least {} days (Companies "
                            "Act, section 128(5); CGST Act, section 36).",
                            days.money),
                fmt::format("आपके नाम के बिना, लेखा और कर के अभिलेख के रूप में, कम से कम {} दिन तक (कंपनी "
                            "अधिनियम, धारा 128(5); सीजीएसटी अधिनियम, धारा 36)।",
                            days.money)};
        case pg::retention::transient:
            return {"Until it has been used or is too old, a few days at most or as long as a sign-in lasts.",
                    "उपयोग होने या पुराना होने तक: कुछ दिन, या जब तक साइन-इन चलता है।"};
        case pg::retention::promised:
            return {"Until the day that was said when it was made.", "उस दिन तक जो बनाते समय बताया गया था।"};
        case pg::retention::proof: break;
    }
    return {"As proof of what was done, without your name (DPDP Act, section 6(10)).",
            "जो किया गया उसके प्रमाण के रूप में, आपके नाम के बिना (डीपीडीपी अधिनियम, धारा 6(10))।"};
}

task<std::vector<class_records>> gather_records(pg::transaction& t, const crypto::keyring& keys,
                                                const data_register& known, user_id who, reader whose,
                                                choice wanted) {
    std::vector<class_records> all;
    for (const auto& each : known.classes) {
        if (!wanted(each)) continue;
        class_records one{std::string(each.name), holds_of(each), reason_of(each.kept, known.days), {}};
        const auto* from = whose == reader::the_tombstone && each.keep ? each.keep : each.read;
        if (from)
            for (auto& record : co_await read_all(t, *from, who))
                one.records.push_back(opened(keys, each.name, std::move(record)));
        all.push_back(std::move(one));
    }
    co_return all;
}

bytes certificate_mac(const crypto::keyring& keys, std::string_view content) {
    return keys.mac(mac_purpose, content);
}

std::string certificate_key_id(const crypto::keyring& keys) {
    auto shown = keys.mac("privacy-certificate-key", "id");
    shown.resize(4);
    return crypto::hex(shown);
}

std::string place_of_tombstone(const std::string& row) { return "erasure.tombstone:" + row; }
std::string place_of_export(const std::string& row) { return "data_export.document:" + row; }

}  // namespace astrotalk::privacy
