#include "app.hpp"

#include <fmt/format.h>
#include <pthread.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include "background.hpp"
#include "core/log.hpp"
#include "credentials_file.hpp"
#include "http/server.hpp"
#include "io_thread.hpp"
#include "jobs/sealed_data.hpp"
#include "pg/migrate.hpp"
#include "privacy/privacy.hpp"
#include "privacy_commands.hpp"
#include "telemetry/metrics.hpp"
#include "telemetry/trace.hpp"

namespace astrotalk {
namespace {

struct start_error : std::runtime_error {
    using std::runtime_error::runtime_error;
};

void check_schema(const settings& s) {
    const auto missing = pg::pending(s.database_url);
    if (missing.empty()) return;
    throw start_error(
        fmt::format("the database lacks {}: run `astrotalk migrate` first", fmt::join(missing, ", ")));
}

std::string read_key_file(const std::string& file) {
    if (file.empty()) return {};
    std::ifstream in(file);
    if (!in) throw start_error(fmt::format("cannot read the key file {}", file));
    return {std::istreambuf_iterator<char>(in), {}};
}

identity::pool_options pool_options(const settings& s) {
    identity::pool_options how;
    const auto* scheme = s.tls_certificate_file.empty() ? "http" : "https";
    how.public_origin = s.issuer.empty() ? fmt::format("{}://{}:{}", scheme, s.host, s.port) : s.issuer;
    how.access_key_pem = read_key_file(s.access_key_file);
    how.id_key_pem = read_key_file(s.id_key_file);
    return how;
}

// Before anything sealed is read, the keys that sealed it.
identity::user_pool open_pool(const settings& s, crypto::keyring& keys, identity::live_pool& live) {
    loop on;
    pg::client database(on, {.url = s.database_url, .read_connections = 1, .write_connections = 1});
    on.run_until(jobs::tail_data_keys(database, keys));
    auto pool = on.run_until(identity::bootstrap(database, keys, pool_options(s)));
    auto keep = [&](const identity::admin_credential& made) {
        write_credentials(s, "admin", credential_json(made));
    };
    on.run_until(identity::make_first_credential(database, keys, keep));
    on.run_until(identity::follow_pool(database, keys, live));
    on.run_until(privacy::store_notices(database, privacy::notices(s.grievance_contact)));
    on.run_until(database.close());
    return pool;
}

// The certificate of this listener; none: plain HTTP.
std::unique_ptr<crypto::tls_certificate> open_certificate(const settings& s) {
    if (s.tls_certificate_file.empty()) return nullptr;
    return std::make_unique<crypto::tls_certificate>(s.tls_certificate_file, s.tls_key_file);
}

std::unique_ptr<geo::atlas> open_atlas(const settings& s) {
    return s.geoip_database.empty() ? nullptr : std::make_unique<geo::atlas>(s.geoip_database);
}

http::server_options server_options(const settings& s, const crypto::tls_certificate* certificate) {
    http::server_options how;
    how.host = s.host;
    how.port = static_cast<std::uint16_t>(s.port);
    how.behind_tls = s.production || certificate;
    how.proxies = s.proxies;
    how.certificate = certificate;
    how.restate = [](std::string_view path, http::response& r) {
        if (path == "/cognito/") identity::restate_refusal("POST /cognito/", r);
        if (path.starts_with(storage::served_below)) storage::restate_refusal(r);
    };
    return how;
}

http::rate per_address(const settings& s) {
    return {static_cast<double>(s.ip_requests_per_second), static_cast<double>(s.ip_burst)};
}
http::rate per_user(const settings& s) {
    return {static_cast<double>(s.user_requests_per_second), static_cast<double>(s.user_burst)};
}

void observe_statement(std::string_view name, std::chrono::nanoseconds took, bool ok) {
    telemetry::statement(name, took, !ok);
}

// The whole running process, in the order in which its parts depend on one another.
class application {
  public:
    application(const settings& s, crypto::keyring& keys, const identity::user_pool& pool,
                identity::live_pool& live)
        : ended_(std::chrono::hours(25)),
          limits_(per_address(s), per_user(s)),
          certificate_(open_certificate(s)),
          atlas_(open_atlas(s)),
          signing_(std::max(1u, std::thread::hardware_concurrency() / 2), 1024),
          digio_(out_, digio_guard_, s.digio),
          razorpay_(out_, razorpay_guard_, s.razorpay),
          files_(2, 256),
          vault_(open_vault(s, keys)),
          background_(control_, s, keys,
                      {live, ended_, admin_keys_, signing_, digio_, razorpay_, atlas_.get()}, out_, feed_,
                      {vault_.get(), files_, own_storage_key(keys), pool.region}, pool.issuer),
          shared_{s,
                  keys,
                  pool,
                  live,
                  ended_,
                  admin_keys_,
                  atlas_.get(),
                  signing_,
                  digio_,
                  razorpay_,
                  limits_,
                  out_,
                  feed_,
                  {vault_.get(), files_, own_storage_key(keys), pool.region},
                  [this] { background_.wake_outbox(); }} {
        for (int i = 0; i < s.io_threads; ++i) io_.push_back(std::make_unique<io_thread>(shared_));
        std::vector<loop*> loops;
        for (auto& each : io_) loops.push_back(&each->on());
        auto how = server_options(s, certificate_.get());
        how.admit_large_body = [this](http::request& head, std::size_t i) {
            return io_[i]->admit_body(head);
        };
        server_ = std::make_unique<http::server>(
            std::move(how), loops, [this](http::request& in, std::size_t i) { return io_[i]->answer(in); });
    }

    void run() {
        boost::asio::signal_set signals(control_.context(), SIGINT, SIGTERM);
        signals.async_wait([this](auto failure, int) {
            if (!failure) spawn(drain());
        });
        boost::asio::signal_set reloads(control_.context());
        if (certificate_ || atlas_) {
            reloads.add(SIGHUP);
            await_reload(reloads);
            control_.post([this] { spawn(follow_files()); });
        }
        control_.post([this] { background_.start(); });
        for (auto& each : io_) threads_.emplace_back([&each] { each->on().run(); });
        server_->start();
        log::info("server.started", {{"port", server_->port()}, {"io_threads", io_.size()}});
        control_.run();
        for (auto& thread : threads_) thread.join();
        log::info("server.stopped");
    }

  private:
    // Answers what is under way, then ends the rest. Runs on the control loop.
    task<void> drain() {
        log::info("server.draining");
        draining_.set();
        event done;
        io_[0]->on().post([this, &done] { spawn(stop_serving(done)); });
        co_await done.wait_for(std::chrono::seconds(30));
        for (auto& each : io_) {
            const auto closed = std::make_shared<event>();
            each->on().post([this, &each, closed] { spawn(close(*each, closed)); });
            co_await closed->wait_for(std::chrono::seconds(5));
        }
        co_await background_.stop();
        for (auto& each : io_) each->on().stop();
        control_.stop();
    }

    task<void> stop_serving(event& done) {
        co_await server_->stop();
        control_.post([&done] { done.set(); });
    }

    task<void> close(io_thread& one, std::shared_ptr<event> closed) {
        co_await one.close();
        control_.post([closed] { closed->set(); });
    }

    // SIGHUP says that there are new files; without it, a look at the files every few seconds does.
    void await_reload(boost::asio::signal_set& on) {
        on.async_wait([this, &on](auto failure, int) {
            if (failure) return;
            reload_files(true);
            await_reload(on);
        });
    }
    task<void> follow_files() {
        while (!co_await draining_.wait_for(std::chrono::seconds(2))) reload_files(false);
    }
    void reload_files(bool always) {
        reload(certificate_.get(), "certificate.loaded", "certificate.not_loaded", always);
        reload(atlas_.get(), "locations.loaded", "locations.not_loaded", always);
    }
    // What is in use goes on with what it began with.
    template <class File>
    static void reload(File* file, std::string_view done, std::string_view failed, bool always) {
        try {
            if (file && file->reload(always)) log::info(done);
        } catch (const std::exception& e) {
            log::error(failed, {{"error", log::text(e.what())}});
        }
    }

    loop control_;
    event draining_;
    http::client out_;
    identity::revocations ended_;
    http::rate_limits limits_;
    notification::live_feed feed_;
    std::unique_ptr<crypto::tls_certificate> certificate_;
    std::unique_ptr<geo::atlas> atlas_;
    identity::admin_credentials admin_keys_;
    thread_pool signing_;
    http::breaker digio_guard_;
    onboarding::digio::client digio_;
    http::breaker razorpay_guard_;
    recharge::razorpay::client razorpay_;
    thread_pool files_;
    std::unique_ptr<storage::vault> vault_;
    background background_;
    shared_state shared_;
    std::vector<std::unique_ptr<io_thread>> io_;
    std::unique_ptr<http::server> server_;
    std::vector<std::thread> threads_;
};

}  // namespace

int serve(const settings& s) {
    std::signal(SIGPIPE, SIG_IGN);
    try {
        std::filesystem::create_directories(s.data_dir);
        auto keys = crypto::keyring::open_or_create(std::filesystem::path(s.data_dir) / "master.key");
        check_schema(s);
        pg::on_statement(observe_statement);
        privacy::use_register(register_of(s));
        if (!s.otlp_url.empty()) telemetry::start_tracing();
        if (!s.email) log::warning("email.off", {{"because", log::text("ASTROTALK_EMAIL is none")}});
        identity::live_pool live;
        const auto pool = open_pool(s, keys, live);
        application(s, keys, pool, live).run();
        return 0;
    } catch (const std::exception& e) {
        fmt::print(stderr, "astrotalk: {}\n", e.what());
        return 1;
    }
}

int list_routes(const settings& s) {
    const crypto::keyring keys(bytes(32));  // of zeros: nothing is sealed or opened by listing
    const identity::user_pool pool;
    const identity::live_pool live;
    const identity::revocations ended(std::chrono::hours(25));
    thread_pool signing(1, 1);
    identity::admin_credentials admin_keys;
    http::rate_limits limits({}, {});
    http::client out;
    http::breaker guard;
    onboarding::digio::client digio(out, guard, s.digio);
    recharge::razorpay::client razorpay(out, guard, s.razorpay);
    notification::live_feed feed;
    const io_thread unused({s,
                            keys,
                            pool,
                            live,
                            ended,
                            admin_keys,
                            nullptr,
                            signing,
                            digio,
                            razorpay,
                            limits,
                            out,
                            feed,
                            {nullptr, signing, {}, {}},
                            [] {}});
    for (const auto* row : unused.routes().routes())
        fmt::print("{} {}\n", row->label, http::name_of(row->who));
    return 0;
}

}  // namespace astrotalk
