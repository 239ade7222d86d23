#include "commands.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "core/json_text.hpp"
#include "credentials_file.hpp"
#include "demo/demo.hpp"
#include "identity/identity.hpp"
#include "jobs/sealed_data.hpp"
#include "open_storage.hpp"
#include "personal_data.hpp"
#include "pg/migrate.hpp"
#include "privacy/privacy.hpp"
#include "wallet/wallet.hpp"
#include "webhooks/webhooks.hpp"
#include "with_database.hpp"

namespace astrotalk {
namespace {

task<int> print_audit(pg::client& database, std::optional<privacy::audit_head> known) {
    const auto report = co_await privacy::verify_audit(database, known);
    fmt::print("{} sealed rows, {} waiting to be sealed\n", report.sealed, report.unsealed);
    if (report.sound()) {
        fmt::print("The chain is sound. Head: {}\n", report.head.to_string());
        co_return 0;
    }
    fmt::print("The chain is BROKEN");
    if (report.first_broken) fmt::print(" at row {}", *report.first_broken);
    fmt::print(": {}\n", report.fault);
    co_return 1;
}

task<int> print_ledger(pg::client& database) {
    const auto report = co_await wallet::verify_ledger(database);
    fmt::print("{} wallets, {} journals, {} bookings, {} recharges, {} refunds\n", report.wallets,
               report.journals, report.bookings, report.recharges, report.refunds);
    for (const auto& [account, balance] : co_await wallet::platform_accounts(database))
        fmt::print("platform {}: {} paise\n", account, balance.paise);
    for (const auto& d : report.differences)
        fmt::print("{} {}: recorded {} paise, postings say {}\n", d.what, d.subject.to_string(), d.recorded,
                   d.recomputed);
    fmt::print("{}\n",
               report.sound() ? "Every balance follows from the postings." : "The ledger does NOT balance.");
    co_return report.sound() ? 0 : 1;
}

task<int> make_admin(pg::client& database, const settings& s, std::string phone, std::string name,
                     std::string role) {
    const auto keys = co_await open_keys(database, s);
    const user_id made = co_await identity::create_admin(database, keys, s.phone_countries, std::move(phone),
                                                         std::move(name), std::move(role));
    fmt::print("{}\n", made.to_string());
    co_return 0;
}

task<int> forget_authenticator(pg::client& database, const settings& s, std::string phone) {
    const auto number = identity::phone_number::parse_or_throw(phone, s.phone_countries);
    const auto keys = co_await open_keys(database, s);
    if (!co_await identity::reset_factor(database, keys, s.dlt, number))
        throw std::runtime_error("nobody has this phone");
    fmt::print(
        "Every sign-in has ended. Administrators and support set up an authenticator at the next one.\n");
    co_return 0;
}

// By then every node that follows the keys knows the new one.
constexpr std::chrono::seconds data_key_delay{5};

// Objects in the embedded store were sealed by the same keys. Whether all of them open.
bool seal_objects_anew(const settings& s, const crypto::keyring& keys) {
    const auto vault = open_vault(s, keys);
    if (!vault) return true;
    const auto done = vault->reseal();
    fmt::print("storage: {} sealed anew, {} could not be opened\n", done.changed, done.unreadable);
    return done.unreadable == 0;
}

task<int> seal_anew(pg::client& database, const settings& s, bool resume) {
    auto keys = co_await open_keys(database, s);
    if (!resume) {
        const bytes before = keys.current_key();
        co_await jobs::add_data_key(database, keys, data_key_delay);
        fmt::print("A new data key is stored; it seals in {} s.\n", data_key_delay.count());
        std::fflush(stdout);
        while (keys.current_key() == before) {
            co_await sleep_for(std::chrono::milliseconds(200));
            co_await jobs::tail_data_keys(database, keys);
        }
        co_await sleep_for(std::chrono::seconds(1));  // what was being sealed under the old one is stored
    }
    std::int64_t unreadable = 0;
    for (const auto& column : all_sealed_columns()) {
        const auto done = co_await jobs::reseal(database, keys, column);
        fmt::print("{}: {} sealed anew, {} could not be opened\n", column.name, done.changed,
                   done.unreadable);
        unreadable += done.unreadable;
    }
    const bool objects = seal_objects_anew(s, keys);
    co_return unreadable == 0 && objects ? 0 : 1;
}

task<int> print_credentials(pg::client& database) {
    for (const auto& each : co_await identity::list_credentials(database)) {
        std::string at;
        append_rfc3339(at, each.created_at);
        fmt::print("{}  {}  {}\n", each.id, at, each.label);
    }
    co_return 0;
}

task<int> print_new_credential(pg::client& database, const settings& s, std::string label) {
    const auto keys = co_await open_keys(database, s);
    const auto made = co_await identity::add_credential(database, keys, std::move(label));
    if (!made) {
        fmt::print(stderr, "astrotalk: there are twenty keys already: remove one first\n");
        co_return 1;
    }
    fmt::print("{}\n", credential_json(*made));
    co_return 0;
}

task<int> drop_credential(pg::client& database, std::string access_key_id) {
    if (co_await identity::remove_credential(database, access_key_id)) {
        fmt::print("{} is removed; every node refuses it within three seconds.\n", access_key_id);
        co_return 0;
    }
    fmt::print(stderr, "astrotalk: there is no key of that id\n");
    co_return 1;
}

// One object, through everything that the application does with one.
task<void> try_bucket(storage::object_store& store, std::string bucket) {
    const auto expect = [&](bool holds, std::string_view what) {
        if (!holds) throw std::runtime_error(fmt::format("{}: {}", bucket, what));
    };
    const std::string key = "check/" + uuid::v7().to_string(), content = "AstroTalk was here.";
    const auto stored = co_await store.put(bucket, key, {.content_type = "text/plain"}, content, {});
    expect(stored.has_value(), "what was written is refused");
    const auto read = co_await store.get(bucket, key, {});
    expect(read && read->content == content, "what was written is not what is read");
    const auto part = co_await store.get(bucket, key, storage::byte_span{5, 4});
    expect(part && part->content == content.substr(5, 4), "a part of it is not what is read");
    const auto facts = co_await store.head(bucket, key);
    expect(facts && facts->size == content.size() && facts->traits.content_type == "text/plain",
           "what is said of it is wrong");
    const auto listed = co_await store.list(bucket, {.prefix = key});
    expect(listed.objects.size() == 1 && listed.objects[0].key == key, "it is not listed");
    co_await store.remove(bucket, key);
    const auto gone = co_await store.head(bucket, key);
    expect(!gone && gone.error() == storage::error::no_such_object, "it is still there when removed");
    fmt::print("{}: written, read, listed and removed\n", bucket);
}

task<int> try_storage(pg::client& database, const settings& s) {
    const auto keys = co_await open_keys(database, s);
    const auto vault = open_vault(s, keys);
    thread_pool files(1, 16);
    http::client out;
    const auto store = make_object_store(s, {vault.get(), files, own_storage_key(keys), s.aws_region}, out,
                                         s.issuer.empty() ? "http://127.0.0.1/" : s.issuer);
    for (const auto& each : buckets_of(s)) co_await try_bucket(*store, each.name);
    co_return 0;
}

constexpr const char* demo_admin_phone = "+919000000001";

task<int> fill_with_demo(pg::client& database, const settings& s) {
    const auto keys = co_await open_keys(database, s);
    demo::options how;
    how.admin = co_await identity::create_admin(database, keys, identity::phone_plan::india(),
                                                demo_admin_phone, "Demo Admin");
    how.welcome_bonus = s.welcome_bonus;
    const auto made = co_await demo::load_demo(database, keys, how);
    const auto totp_secret = co_await identity::give_factor(database, keys, how.admin);
    const std::string accounts = fmt::format(
        R"([{{"role":"admin","phone":"{}","totpSecret":"{}"}},{{"role":"user","phone":"{}"}},)"
        R"({{"role":"astrologer","phone":"{}"}},{{"role":"waiting astrologer","phone":"{}"}}])",
        demo_admin_phone, totp_secret, made.user_phone, made.astrologer_phone, made.waiting_astrologer_phone);
    write_credentials(s, "demo", accounts);
    fmt::print("{} astrologers ({} more wait for approval), {} users, {} bookings ({} cancelled), {} holds\n",
               made.astrologers, made.waiting, made.users, made.bookings, made.cancelled, made.holds);
    co_return 0;
}

}  // namespace

int load_demo(const settings& s) {
    if (s.production) {
        fmt::print(stderr, "astrotalk: demo data is refused in production\n");
        return 1;
    }
    return with_database(s, [&](pg::client& database) { return fill_with_demo(database, s); });
}

int create_admin(const settings& s, std::string phone, std::string name, std::string role) {
    return with_database(s, [&](pg::client& database) { return make_admin(database, s, phone, name, role); });
}

int reset_factor(const settings& s, std::string phone) {
    return with_database(s, [&](pg::client& database) { return forget_authenticator(database, s, phone); });
}

int show_demo_code(const settings& s) {
    if (s.production) {
        fmt::print(stderr, "astrotalk: there is no demo administrator in production\n");
        return 1;
    }
    const auto shown = read_demo_totp_secret(s);
    const auto code = shown ? identity::current_code(shown->reveal()) : std::nullopt;
    if (!code) {
        fmt::print(stderr, "astrotalk: no demo administrator is in {}/credentials.json\n", s.data_dir);
        return 1;
    }
    fmt::print("{}\n", code->reveal());
    return 0;
}

int list_credentials(const settings& s) { return with_database(s, print_credentials); }

int add_credential(const settings& s, std::string label) {
    return with_database(s, [&](pg::client& database) { return print_new_credential(database, s, label); });
}

int remove_credential(const settings& s, std::string access_key_id) {
    return with_database(s, [&](pg::client& database) { return drop_credential(database, access_key_id); });
}

int migrate(const settings& s) {
    try {
        const auto applied = pg::migrate(s.database_url);
        for (const auto& name : applied) fmt::print("applied {}\n", name);
        if (applied.empty()) fmt::print("The database is up to date.\n");
        return 0;
    } catch (const std::exception& e) {
        fmt::print(stderr, "astrotalk: {}\n", e.what());
        return 1;
    }
}

int verify_audit(const settings& s, std::string known_head) {
    const auto known = privacy::audit_head::parse(known_head);
    if (!known_head.empty() && !known) {
        fmt::print(stderr, "astrotalk: a head looks like 42:9f86d0… (a number, a colon, 64 hex digits)\n");
        return 2;
    }
    return with_database(s, [&](pg::client& database) { return print_audit(database, known); });
}

int rotate_data(const settings& s, bool resume) {
    return with_database(s, [&](pg::client& database) { return seal_anew(database, s, resume); });
}

int check_storage(const settings& s) {
    return with_database(s, [&](pg::client& database) { return try_storage(database, s); });
}

int verify_ledger(const settings& s) { return with_database(s, print_ledger); }

}  // namespace astrotalk
