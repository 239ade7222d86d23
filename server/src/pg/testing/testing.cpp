#include "pg/testing.hpp"

#include <fcntl.h>
#include <grp.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "pg/migrate.hpp"

namespace astrotalk::pg::testing {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

struct finish {
    void operator()(PGconn* connection) const { PQfinish(connection); }
};

using keywords = std::vector<std::pair<std::string, std::string>>;

keywords parse(const std::string& url) {
    keywords parsed;
    auto* const all = PQconninfoParse(url.c_str(), nullptr);
    if (all == nullptr) throw std::runtime_error("ASTROTALK_TEST_DATABASE_URL is not a connection string");
    for (auto* each = all; each->keyword != nullptr; ++each)
        if (each->val != nullptr) parsed.emplace_back(each->keyword, each->val);
    PQconninfoFree(all);
    return parsed;
}

std::string quoted(const std::string& value) {
    std::string text = "'";
    for (char c : value) {
        if (c == '\'' || c == '\\') text += '\\';
        text += c;
    }
    return text + "'";
}

// The same server, another database.
std::string with_database(const std::string& url, const std::string& name) {
    std::string made;
    for (const auto& [keyword, value] : parse(url))
        if (keyword != "dbname") made += keyword + "=" + quoted(value) + " ";
    return made + "dbname=" + quoted(name);
}

using session = std::unique_ptr<PGconn, finish>;

session connect(const std::string& url) {
    session made(PQconnectdb(url.c_str()));
    if (PQstatus(made.get()) != CONNECTION_OK) throw std::runtime_error(PQerrorMessage(made.get()));
    PQsetNoticeProcessor(made.get(), [](void*, const char*) {}, nullptr);
    return made;
}

std::string execute_on(PGconn* on, const std::string& sql) {
    PGresult* const result = PQexec(on, sql.c_str());
    const auto status = PQresultStatus(result);
    std::string value, message = PQresultErrorMessage(result);
    if (status == PGRES_TUPLES_OK && PQntuples(result) > 0) value = PQgetvalue(result, 0, 0);
    PQclear(result);
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) throw std::runtime_error(message);
    return value;
}

fs::path programs() {
    fs::path newest;
    std::error_code none;
    for (const auto& each : fs::directory_iterator("/usr/lib/postgresql", none))
        if (fs::exists(each.path() / "bin/initdb") && each.path() > newest) newest = each.path();
    if (newest.empty()) throw std::runtime_error("PostgreSQL is not installed under /usr/lib/postgresql");
    return newest / "bin";
}

// PostgreSQL refuses to run as root. Called between fork and exec.
void become(const passwd* account) {
    if (account == nullptr) return;
    if (setgroups(0, nullptr) != 0 || setgid(account->pw_gid) != 0 || setuid(account->pw_uid) != 0)
        _exit(126);
}

// Runs a shell that makes and serves the cluster until its standard input closes, which the end of this
// process does, however it ends; then it stops PostgreSQL and removes the folder. Gives the process and its
// standard input.
pid_t start_keeper(const fs::path& folder, const passwd* account) {
    const std::string script =
        "cd " + folder.string() + " && export PATH=" + programs().string() +
        ":$PATH && "
        "if ! initdb -D data -E UTF8 --locale=C.UTF-8 --auth=trust -U postgres --no-sync >log 2>&1; "
        "then touch failed; exit 1; fi; "
        "postgres -D data -k " +
        folder.string() +
        " -c listen_addresses= -c fsync=off -c synchronous_commit=off "
        "-c full_page_writes=off -c max_connections=200 -c shared_buffers=64MB -c autovacuum_naptime=10s "
        "-c deadlock_timeout=100ms >>log 2>&1 </dev/null & served=$!; "
        "cat >/dev/null; kill -QUIT $served; wait $served; cd /; rm -rf " +
        folder.string();
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    const pid_t child = fork();
    if (child < 0) throw std::runtime_error("no process");
    if (child == 0) {
        dup2(ends[0], STDIN_FILENO);
        setsid();
        become(account);
        execl("/bin/sh", "sh", "-c", script.c_str(), static_cast<char*>(nullptr));
        _exit(127);
    }
    close(ends[0]);  // the other end stays open until this process is gone
    return child;
}

std::string start_cluster() {
    std::string folder = (fs::temp_directory_path() / "astrotalk-pg-XXXXXX").string();
    if (mkdtemp(folder.data()) == nullptr) throw std::runtime_error("no temporary folder");
    const passwd* const account = geteuid() == 0 ? getpwnam("postgres") : nullptr;
    if (geteuid() == 0 && account == nullptr) throw std::runtime_error("there is no account 'postgres'");
    if (account != nullptr && chown(folder.c_str(), account->pw_uid, account->pw_gid) != 0)
        throw std::runtime_error("cannot give the temporary folder to 'postgres'");
    start_keeper(folder, account);
    const std::string url = "host=" + folder + " user=postgres dbname=postgres";
    for (int i = 0; i < 3000; ++i) {
        if (PQping(url.c_str()) == PQPING_OK) return url;
        if (fs::exists(folder + "/failed")) break;
        std::this_thread::sleep_for(20ms);
    }
    throw std::runtime_error("PostgreSQL did not start: see " + folder + "/log");
}

// The URL of the server's maintenance database.
const std::string& server() {
    static const std::string url = [] {
        const char* given = std::getenv("ASTROTALK_TEST_DATABASE_URL");
        return given != nullptr && *given != '\0' ? std::string(given) : start_cluster();
    }();
    return url;
}

// Kept open, because a test makes and drops a database and should pay for no more.
std::string administer(const std::string& sql) {
    static const session kept = connect(server());
    if (PQstatus(kept.get()) != CONNECTION_OK) PQreset(kept.get());
    return execute_on(kept.get(), sql);
}

// Other test programs may share the server: one makes the template, under a lock, and its name tells its
// contents.
const std::string& template_name() {
    static const std::string name = [] {
        std::string all;
        for (const auto& each : migrations()) all += std::string(each.name) + each.up + each.after;
        const std::string made = "astrotalk_template_" + std::to_string(std::hash<std::string>{}(all));
        const session lock = connect(server());
        execute_on(lock.get(), "select pg_advisory_lock(7311)");
        if (administer("select 1 from pg_database where datname = '" + made + "'") == "1") return made;
        const std::string draft = made + "_draft";
        administer("drop database if exists " + draft);
        administer("create database " + draft + " template template0");
        migrate(with_database(server(), draft));
        administer("alter database " + draft + " rename to " + made);
        return made;
    }();
    return name;
}

}  // namespace

// Connecting costs more than most statements do.
struct database::sessions {
    std::mutex mutex;
    std::vector<session> idle;

    session take() {
        const std::scoped_lock lock(mutex);
        if (idle.empty()) return nullptr;
        session one = std::move(idle.back());
        idle.pop_back();
        return one;
    }
    void give(session one) {
        const std::scoped_lock lock(mutex);
        idle.push_back(std::move(one));
    }
};

database::database() : database(template_name()) {}
database database::empty() { return database("template0"); }

database::database(const std::string& source) : idle_(std::make_unique<sessions>()) {
    static std::atomic<int> count{0};
    name_ = "astrotalk_test_" + std::to_string(getpid()) + "_" + std::to_string(++count);
    const std::string create = "create database " + name_ + " template " + source;
    try {
        administer(create);
    } catch (const std::exception&) {
        // A crashed run may have left one of the same name.
        administer("drop database if exists " + name_ + " with (force)");
        administer(create);
    }
    url_ = with_database(server(), name_);
}

database::~database() {
    try {
        administer("drop database " + name_ + " with (force)");
    } catch (const std::exception&) {
        // The test may have stopped the server; the whole cluster goes with it.
    }
}

std::string database::execute(const std::string& sql) const {
    session one = idle_->take();
    // Or it ended meanwhile, as in tests that end sessions or the server.
    const auto is_usable = [](PGconn* on) {
        PGresult* const result = PQexec(on, "discard all");
        const bool done = PQresultStatus(result) == PGRES_COMMAND_OK;
        PQclear(result);
        return done;
    };
    if (!one || !is_usable(one.get())) one = connect(url_);
    auto value = execute_on(one.get(), sql);  // whatever fails is not used again
    if (PQtransactionStatus(one.get()) == PQTRANS_IDLE) idle_->give(std::move(one));
    return value;
}

std::vector<std::string> prepare_all(const database& on, std::span<const statement> statements) {
    const session connected = connect(on.url());
    std::vector<std::string> refused;
    for (const auto& each : statements) {
        PGresult* const result = PQprepare(connected.get(), each.name, each.sql, 0, nullptr);
        if (PQresultStatus(result) != PGRES_COMMAND_OK)
            refused.push_back(std::string(each.name) + ": " + PQresultErrorMessage(result));
        PQclear(result);
    }
    return refused;
}

bool database::has_waiter() const {
    return execute(
               "select count(*) from pg_stat_activity where datname = current_database() and "
               "wait_event_type = 'Lock'") != "0";
}

}  // namespace astrotalk::pg::testing
