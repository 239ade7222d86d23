#include "privacy_commands.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "core/json_text.hpp"
#include "personal_data.hpp"
#include "with_database.hpp"

namespace astrotalk {
namespace {

struct asked {
    bool dry_run = false, run = false;
    std::string id, user, reason;
    std::vector<std::string> files;
};
asked& chosen() {
    static asked line;
    return line;
}

std::string_view name_of(pg::retention kept) { return boost::describe::enum_to_string(kept, ""); }

std::string shown(const std::optional<instant>& at) {
    std::string text = at ? "" : "-";
    if (at) append_rfc3339(text, *at);
    return text;
}

// The table of docs/privacy.md.
int list_classes(const settings& s) {
    const auto known = register_of(s);
    fmt::print("| class | retention | what it is | columns |\n|---|---|---|---|\n");
    for (const auto& each : known.classes)
        fmt::print("| {} | {} | {} | {} |\n", each.name, name_of(each.kept), each.english,
                   fmt::join(each.columns, ", "));
    return 0;
}

task<int> preview(pg::client& database, const settings& s) {
    for (const auto& line : co_await privacy::preview_purge(database, register_of(s))) {
        fmt::print("{} ({}, older than {}): {} would go, {} are held", line.name, name_of(line.kept),
                   shown(line.before), line.count, line.held);
        if (line.count > 0) fmt::print(" [{} to {}]", shown(line.oldest), shown(line.newest));
        fmt::print("\n");
    }
    co_return 0;
}

task<int> purge(pg::client& database, const settings& s) {
    const auto keys = co_await open_keys(database, s);
    const auto made = co_await privacy::run_purge(database, keys, register_of(s));
    fmt::print("{}\n", made ? made->content : "Nothing was due.");
    co_return 0;
}

task<int> show_certificate(pg::client& database, const settings& s, uuid id) {
    const auto keys = co_await open_keys(database, s);
    const auto found = co_await privacy::find_certificate(database, keys, id);
    if (!found) {
        fmt::print(stderr, "astrotalk: there is no certificate of that id\n");
        co_return 1;
    }
    fmt::print("{}\n", found->content);
    if (!found->genuine) fmt::print(stderr, "astrotalk: it is NOT what this installation wrote\n");
    co_return found->genuine ? 0 : 1;
}

task<int> show_tombstone(pg::client& database, const settings& s, uuid user, std::string reason) {
    const auto keys = co_await open_keys(database, s);
    const auto found = co_await privacy::read_tombstone(database, keys, user_id{user}, std::move(reason));
    if (!found) {
        fmt::print(stderr, "astrotalk: nothing is kept of a user of that id\n");
        co_return 1;
    }
    fmt::print("{}\n", *found);
    co_return 0;
}

task<int> scan(pg::client& database, const settings& s, std::vector<std::string> files) {
    const auto keys = co_await open_keys(database, s);
    auto report = co_await privacy::scan_database(database, keys, all_sealed_columns());
    privacy::scan_files(files, report);
    fmt::print("{} columns, {} values and files were looked through\n", report.columns, report.values);
    if (report.unreadable > 0)
        fmt::print("{} sealed values do not open: they were not looked into\n", report.unreadable);
    for (const auto& each : report.found) fmt::print("{}: {} Aadhaar numbers\n", each.place, each.count);
    if (report.found.empty()) fmt::print("No Aadhaar number was found.\n");
    co_return report.found.empty() && report.unreadable == 0 ? 0 : 1;
}

int purge_as_asked(const settings& s) {
    if (chosen().dry_run == chosen().run) {
        fmt::print(stderr, "astrotalk: say either --dry-run or --run\n");
        return 2;
    }
    return with_database(
        s, [&](pg::client& database) { return chosen().run ? purge(database, s) : preview(database, s); });
}

// 2 when the text is no id.
template <class F>
int with_id(const settings& s, const std::string& text, F command) {
    const auto id = uuid::parse(text);
    if (!id) {
        fmt::print(stderr, "astrotalk: an id looks like 0193a5b2-7c1e-7d3a-9b55-2f1a6c0d4e97\n");
        return 2;
    }
    return with_database(s, [&](pg::client& database) { return command(database, *id); });
}

}  // namespace

privacy::data_register register_of(const settings& s) {
    std::vector<privacy::recipient> recipients;
    const auto sends = [&](std::string_view name) {
        return std::ranges::find(s.sms_providers, name) != s.sms_providers.end();
    };
    if (sends("sns"))
        recipients.push_back({"Amazon Web Services (SNS)", "Your phone number and the texts sent to it.",
                              "आपका फ़ोन नंबर और उस पर भेजे गए संदेश।"});
    if (s.email)
        recipients.push_back({"Amazon Web Services (SES)", "Your e-mail address and what is written to it.",
                              "आपका ई-मेल पता और उस पर भेजे गए संदेश।"});
    recipients.push_back(
        {"Digio",
         "Of astrologers: the name, the phone number, and what you show it in the check of "
         "your identity, which it carries out.",
         "ज्योतिषियों का नाम, फ़ोन नंबर, और वह जो आप पहचान की जाँच में उसे दिखाते हैं; जाँच वही करती है।"});
    if (!s.fcm_credentials_file.empty())
        recipients.push_back({"Google (Firebase Cloud Messaging)",
                              "What a device is known by, and the messages pushed to it.",
                              "उपकरण की पहचान और उस पर भेजे गए संदेश।"});
    if (s.storage.s3)
        recipients.push_back({"The keeper of the object store (Amazon S3, or one that speaks its protocol)",
                              "Photos and papers of astrologers.", "ज्योतिषियों की तस्वीरें और काग़ज़।"});
    return make_register(s.retention, s.grievance_contact, std::move(recipients));
}

void add_privacy_commands(CLI::App& program, const run_command& run) {
    auto* about = program.add_subcommand("privacy", "Personal data")->require_subcommand(1);
    about->add_subcommand("classes", "List the classes of personal data, as docs/privacy.md does")
        ->callback([run] { run(list_classes); });
    auto* purges = about->add_subcommand("purge", "Erase what has been kept for as long as the law asks");
    purges->add_flag("--dry-run", chosen().dry_run, "Say what would go, by class and count");
    purges->add_flag("--run", chosen().run, "Erase it and print the certificate");
    purges->callback([run] { run(purge_as_asked); });
    auto* one = about->add_subcommand("certificate", "Show a certificate and prove that it is ours");
    one->add_option("id", chosen().id, "Of a purge or an erasure")->required();
    one->callback([run] {
        run([](const settings& s) {
            return with_id(s, chosen().id,
                           [&](pg::client& database, uuid id) { return show_certificate(database, s, id); });
        });
    });
    auto* tombstone = about->add_subcommand("tombstone", "Show what is kept of an ended account; audited");
    tombstone->add_option("user", chosen().user, "The id of the user")->required();
    tombstone->add_option("--reason", chosen().reason, "Who may know it and why")->required();
    tombstone->callback([run] {
        run([](const settings& s) {
            return with_id(s, chosen().user, [&](pg::client& database, uuid id) {
                return show_tombstone(database, s, id, chosen().reason);
            });
        });
    });
    auto* scans = about->add_subcommand(
        "scan",
        "Look for Aadhaar numbers in the database, the queue and the files given; 1 when there is one");
    scans->add_option("files", chosen().files, "Log files, and directories such as the object store's");
    scans->callback([run] {
        run([](const settings& s) {
            return with_database(s, [&](pg::client& database) { return scan(database, s, chosen().files); });
        });
    });
}

}  // namespace astrotalk
