// astrotalk: the server and its operator's commands. What each does is in app.hpp and commands.hpp.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <functional>

#include "app.hpp"
#include "client_commands.hpp"
#include "commands.hpp"
#include "core/log.hpp"
#include "privacy_commands.hpp"
#include "settings.hpp"

namespace astrotalk {
namespace {

// Faults of the configuration, all at once, and the way to learn more.
int refuse_configuration(const std::vector<std::string>& faults) {
    fmt::print(stderr, "astrotalk: the configuration is not usable:\n");
    for (const auto& fault : faults) fmt::print(stderr, "  {}\n", fault);
    fmt::print(stderr, "`astrotalk config` shows every setting and its value.\n");
    return 2;
}

int with_settings(const std::function<int(const settings&)>& command) {
    auto variables = environment::of_process();
    const settings s = read_settings(variables);
    if (const auto faults = variables.faults(); !faults.empty()) return refuse_configuration(faults);
    log::set_level(s.log_level == "debug"     ? log::level::debug
                   : s.log_level == "warning" ? log::level::warning
                   : s.log_level == "error"   ? log::level::error
                                              : log::level::info);
    return command(s);
}

int show_configuration() {
    auto variables = environment::of_process();
    read_settings(variables);
    for (const auto& entry : variables.entries())
        fmt::print("{}={}{}\n", entry.name, entry.value, entry.given ? "" : "   # default");
    const auto faults = variables.faults();
    return faults.empty() ? 0 : refuse_configuration(faults);
}

struct command_line {
    std::string phone, name, role = "admin", head, label = "operator", key;
    bool resume = false;
    int result = 0;
};

command_line& chosen() {
    static command_line line;
    return line;
}

void add_credential_commands(CLI::App& program) {
    auto* keys = program.add_subcommand("credentials", "Keys of the user pool's admin operations")
                     ->require_subcommand(1);
    keys->add_subcommand("list", "Show the ids of all keys")->callback([] {
        chosen().result = with_settings(list_credentials);
    });
    auto* add = keys->add_subcommand("add", "Make a key and show it, this once, as JSON");
    add->add_option("--label", chosen().label, "What it is for, up to 60 characters");
    add->callback([] {
        chosen().result = with_settings([](const settings& s) { return add_credential(s, chosen().label); });
    });
    auto* remove = keys->add_subcommand("remove", "End a key");
    remove->add_option("id", chosen().key, "Its access key id, AKIA…")->required();
    remove->callback([] {
        chosen().result = with_settings([](const settings& s) { return remove_credential(s, chosen().key); });
    });
}

void add_operator_commands(CLI::App& program) {
    auto* admin = program.add_subcommand("admin", "Manage staff")->require_subcommand(1);
    auto* create = admin->add_subcommand("create", "Make a member of staff, or make an existing user one");
    create->add_option("--phone", chosen().phone, "Mobile number, e.g. +919876543210")->required();
    create->add_option("--name", chosen().name, "Their name")->required();
    create
        ->add_option("--role", chosen().role,
                     "admin, or support: sees what administrators see, changes nothing")
        ->check(CLI::IsMember({"admin", "support"}))
        ->capture_default_str();
    create->callback([] {
        chosen().result = with_settings(
            [](const settings& s) { return create_admin(s, chosen().phone, chosen().name, chosen().role); });
    });
    auto* reset = admin->add_subcommand(
        "reset-factor", "Forget the authenticator that somebody has lost, and end their sign-ins");
    reset->add_option("--phone", chosen().phone, "Their mobile number")->required();
    reset->callback([] {
        chosen().result = with_settings([](const settings& s) { return reset_factor(s, chosen().phone); });
    });
    add_credential_commands(program);
    auto* audit = program.add_subcommand("audit", "The audit log")->require_subcommand(1);
    auto* verify =
        audit->add_subcommand("verify", "Prove the hash chain; says the head and the unsealed tail");
    verify->add_option("--head", chosen().head, "A head noted earlier: finds a log that was cut short");
    verify->callback([] {
        chosen().result = with_settings([](const settings& s) { return verify_audit(s, chosen().head); });
    });
    auto* keys = program.add_subcommand("keys", "The keys of this installation")->require_subcommand(1);
    auto* data = keys->add_subcommand(
        "rotate-data", "Seal personal data and secrets under a new key, while everything runs");
    data->add_flag("--resume", chosen().resume, "Go on where an interrupted change of the key stopped");
    data->callback([] {
        chosen().result = with_settings([](const settings& s) { return rotate_data(s, chosen().resume); });
    });
    auto* files = program.add_subcommand("storage", "Where files are kept")->require_subcommand(1);
    files->add_subcommand("check", "Write, read, list and remove an object in each bucket")->callback([] {
        chosen().result = with_settings(check_storage);
    });
    auto* ledger = program.add_subcommand("ledger", "The double-entry ledger")->require_subcommand(1);
    ledger->add_subcommand("verify", "Prove every balance from the postings")->callback([] {
        chosen().result = with_settings(verify_ledger);
    });
}

}  // namespace
}  // namespace astrotalk

int main(int argc, char** argv) {
    using namespace astrotalk;
    CLI::App program("AstroTalk: consultations with astrologers, one server");
    program.require_subcommand(1);
    program.footer("Settings come from the environment: see `astrotalk config` and docs/operations.md.");
    program.add_subcommand("serve", "Run the server until SIGTERM")->callback([] {
        chosen().result = with_settings(serve);
    });
    program.add_subcommand("migrate", "Bring the database to this version")->callback([] {
        chosen().result = with_settings(migrate);
    });
    program.add_subcommand("config", "Show every setting, secrets masked")->callback([] {
        chosen().result = show_configuration();
    });
    program.add_subcommand("routes", "List every route and who may call it")->callback([] {
        chosen().result = with_settings(list_routes);
    });
    program.add_subcommand("demo", "Load the demo data into an empty database")->callback([] {
        chosen().result = with_settings(load_demo);
    });
    program.add_subcommand("totp", "Show the demo administrator's code of this moment")->callback([] {
        chosen().result = with_settings(show_demo_code);
    });
    add_operator_commands(program);
    const run_command run = [](const std::function<int(const settings&)>& command) {
        chosen().result = with_settings(command);
    };
    add_client_commands(program, run);
    add_privacy_commands(program, run);
    add_key_commands(*program.get_subcommand("keys"), run);
    try {
        program.parse(argc, argv);
    } catch (const CLI::ParseError& e) {
        return program.exit(e) == 0 ? 0 : 2;
    } catch (const std::exception& e) {
        fmt::print(stderr, "astrotalk: {}\n", e.what());
        return 1;
    }
    return chosen().result;
}
