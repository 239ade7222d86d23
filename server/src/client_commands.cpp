#include "client_commands.hpp"

#include <CLI/CLI.hpp>

#include "core/json_text.hpp"
#include "identity/identity.hpp"
#include "with_database.hpp"

namespace astrotalk {
namespace {

struct client_options {
    std::string name, id;
    bool confidential = false, no_rotation = false, no_api = false, plain_access = false, now = false;
    int access_minutes = 60, id_minutes = 60, refresh_days = 30, grace = 30, overlap_hours = 24;
    std::vector<std::string> flows, readable, writable;
};

std::string text_of(instant at) {
    std::string text;
    append_rfc3339(text, at);
    return text;
}

identity::app_client wanted_client(const client_options& how) {
    identity::app_client wanted;
    wanted.name = how.name;
    wanted.rotates = !how.no_rotation;
    wanted.opens_api = !how.no_api;
    wanted.rich_access = !how.plain_access;
    wanted.access_seconds = how.access_minutes * 60;
    wanted.id_seconds = how.id_minutes * 60;
    wanted.refresh_seconds = how.refresh_days * 86'400;
    wanted.grace_seconds = how.grace;
    if (!how.flows.empty())
        wanted.flows = how.flows;
    else if (how.no_rotation)
        wanted.flows.emplace_back(identity::flow::refresh_token_auth);
    if (!how.readable.empty()) wanted.readable = how.readable;
    if (!how.writable.empty()) wanted.writable = how.writable;
    return wanted;
}

task<int> add(pg::client& database, const settings& s, client_options how) {
    const auto keys = co_await open_keys(database, s);
    const auto wanted = wanted_client(how);
    if (const auto faults = identity::faults_of(wanted); !faults.empty()) {
        for (const auto& fault : faults) fmt::print(stderr, "astrotalk: {}\n", fault);
        co_return 2;
    }
    const auto made = co_await identity::add_client(database, keys, wanted, how.confidential);
    fmt::print("client id: {}\n", made.id);
    if (!made.client_secret.empty())
        fmt::print("client secret: {}\nIt is shown this once.\n", made.client_secret.reveal());
    co_return 0;
}

task<int> list(pg::client& database, const settings& s) {
    const auto keys = co_await open_keys(database, s);
    for (const auto& each : co_await identity::list_clients(database, keys)) {
        fmt::print("{}  {}{}\n", each.id, each.name, each.main ? "  (the apps of this installation)" : "");
        fmt::print("    {}, {}, {} access\n", each.secrets.empty() ? "public" : "confidential",
                   each.rotates ? fmt::format("rotation with {} s of grace", each.grace_seconds)
                                : std::string("no rotation"),
                   each.rich_access ? "rich" : "plain");
        fmt::print("    access {} min, ID {} min, refresh {} days; {}\n", each.access_seconds / 60,
                   each.id_seconds / 60, each.refresh_seconds / 86'400,
                   each.opens_api ? "may use the API" : "may not use the API");
        fmt::print("    flows {}\n    reads {}\n    writes {}\n", fmt::join(each.flows, ", "),
                   fmt::join(each.readable, ", "), fmt::join(each.writable, ", "));
        for (const auto& secret : each.secrets)
            if (secret.until && *secret.until > clock::now())
                fmt::print("    its old secret is good until {}\n", text_of(*secret.until));
    }
    co_return 0;
}

task<int> rotate_secret(pg::client& database, const settings& s, client_options how) {
    const auto keys = co_await open_keys(database, s);
    const std::chrono::hours overlap(how.now ? 0 : how.overlap_hours);
    const auto next = co_await identity::rotate_client_secret(database, keys, how.id, overlap);
    if (!next) {
        fmt::print(stderr,
                   "astrotalk: no confidential app client has this id: see `astrotalk client list`\n");
        co_return 1;
    }
    fmt::print("client secret: {}\nIt is shown this once. ", next->reveal());
    if (how.now)
        fmt::print("The old secret is no longer good.\n");
    else
        fmt::print("The old secret stays good for {} hours.\n", how.overlap_hours);
    co_return 0;
}

task<int> remove(pg::client& database, const settings& s, std::string id) {
    const auto keys = co_await open_keys(database, s);
    const auto clients = co_await identity::list_clients(database, keys);
    const auto found = std::ranges::find(clients, id, &identity::app_client::id);
    if (found != clients.end() && found->main) {
        fmt::print(stderr, "astrotalk: this is the client of our own apps, which every installation has\n");
        co_return 1;
    }
    const auto ended = co_await identity::remove_client(database, id);
    if (!ended) {
        fmt::print(stderr, "astrotalk: no app client has this id: see `astrotalk client list`\n");
        co_return 1;
    }
    fmt::print("Removed; {} sign-ins ended.\n", *ended);
    co_return 0;
}

void add_client_options(CLI::App& to, client_options& how) {
    to.add_option("--name", how.name, "What the operator calls it")->required();
    to.add_flag("--confidential", how.confidential, "It has a secret: for servers, not for apps");
    to.add_option("--access-minutes", how.access_minutes, "Lifetime of access tokens, 5 to 1440")
        ->check(CLI::Range(5, 1440))
        ->capture_default_str();
    to.add_option("--id-minutes", how.id_minutes, "Lifetime of ID tokens, 5 to 1440")
        ->check(CLI::Range(5, 1440))
        ->capture_default_str();
    to.add_option("--refresh-days", how.refresh_days, "How long a sign-in lasts, 1 to 3650")
        ->check(CLI::Range(1, 3650))
        ->capture_default_str();
    to.add_flag("--no-rotation", how.no_rotation,
                "Refresh tokens stay the same; allows REFRESH_TOKEN_AUTH, for older clients");
    to.add_option("--grace", how.grace, "Seconds in which a used refresh token gives its successor again")
        ->check(CLI::Range(0, 60))
        ->capture_default_str();
    to.add_option("--flows", how.flows, "USER_AUTH, CUSTOM_AUTH, REFRESH_TOKEN_AUTH; comma-separated")
        ->delimiter(',');
    to.add_option("--read", how.readable, "Attributes in ID tokens and GetUser; comma-separated; default all")
        ->delimiter(',');
    to.add_option("--write", how.writable,
                  "Attributes it may set: name, phone_number, custom:user_type (at sign-up); default all")
        ->delimiter(',');
    to.add_flag("--plain-access", how.plain_access, "No custom attributes or groups in access tokens");
    to.add_flag("--no-api", how.no_api, "Its access tokens do not open /v1");
}

client_options& client_line() {
    static client_options options;
    return options;
}

std::string& key_use() {
    static std::string use;
    return use;
}

task<int> list_keys(pg::client& database) {
    for (const auto& each : co_await identity::list_keys(database))
        fmt::print("{}  {:6}  {:7}  signs from {}{}{}\n", each.kid, each.token_use, each.state,
                   text_of(each.signs_from), each.retired_at ? " to " + text_of(*each.retired_at) : "",
                   each.supplied ? "  supplied" : "");
    co_return 0;
}

task<int> rotate_keys(pg::client& database, const settings& s, std::string only) {
    const auto keys = co_await open_keys(database, s);
    int refused = 0;
    for (const auto use : {identity::token_use::access, identity::token_use::id}) {
        if (!only.empty() && only != identity::name_of(use)) continue;
        const auto from = co_await identity::rotate_key(database, keys, use);
        if (from) {
            fmt::print("The new {} key is published now and signs from {}.\n", identity::name_of(use),
                       text_of(*from));
        } else {
            fmt::print(stderr, "astrotalk: the {} key has a successor waiting: see `astrotalk keys list`\n",
                       identity::name_of(use));
            refused = 1;
        }
    }
    co_return refused;
}

int rotate_unless_supplied(const settings& s, const std::string& only) {
    if (!s.access_key_file.empty()) {
        fmt::print(stderr,
                   "astrotalk: the keys are supplied by ASTROTALK_ACCESS_KEY_FILE and ASTROTALK_ID_KEY_FILE: "
                   "put new keys there and restart\n");
        return 1;
    }
    return with_database(s, [&](pg::client& database) { return rotate_keys(database, s, only); });
}

}  // namespace

void add_client_commands(CLI::App& program, const run_command& run) {
    auto& how = client_line();
    auto* client =
        program.add_subcommand("client", "Manage app clients of the user pool")->require_subcommand(1);
    auto* adding = client->add_subcommand("add", "Make an app client and show its id, and its secret once");
    add_client_options(*adding, how);
    adding->callback([run, &how] {
        run([&how](const settings& s) {
            return with_database(s, [&](pg::client& database) { return add(database, s, how); });
        });
    });
    client->add_subcommand("list", "Show every app client and its settings")->callback([run] {
        run([](const settings& s) {
            return with_database(s, [&](pg::client& database) { return list(database, s); });
        });
    });
    auto* rotating = client->add_subcommand("rotate-secret", "Give a confidential client a new secret");
    rotating->add_option("ID", how.id, "The client's id")->required();
    auto* hours =
        rotating->add_option("--overlap-hours", how.overlap_hours, "How long the old one stays good")
            ->check(CLI::Range(1, 720))
            ->capture_default_str();
    rotating->add_flag("--now", how.now, "The old secret is no longer good at once")->excludes(hours);
    rotating->callback([run, &how] {
        run([&how](const settings& s) {
            return with_database(s, [&](pg::client& database) { return rotate_secret(database, s, how); });
        });
    });
    auto* removing = client->add_subcommand("remove", "Remove a client and end every sign-in through it");
    removing->add_option("ID", how.id, "The client's id")->required();
    removing->callback([run, &how] {
        run([&how](const settings& s) {
            return with_database(s, [&](pg::client& database) { return remove(database, s, how.id); });
        });
    });
}

void add_key_commands(CLI::App& keys, const run_command& run) {
    keys.add_subcommand("list", "Show the keys that sign tokens: next, current, retired or gone")
        ->callback([run] { run([](const settings& s) { return with_database(s, list_keys); }); });
    auto* rotating = keys.add_subcommand(
        "rotate",
        "Publish new signing keys now; they sign as soon as every verifier has had time to fetch them");
    rotating->add_option("--use", key_use(), "Only the key of access or of id tokens; default both")
        ->check(CLI::IsMember({"access", "id"}));
    rotating->callback(
        [run] { run([](const settings& s) { return rotate_unless_supplied(s, key_use()); }); });
}

}  // namespace astrotalk
