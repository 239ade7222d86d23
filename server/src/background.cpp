#include "background.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>

#include "booking/booking.hpp"
#include "core/log.hpp"
#include "directory/directory.hpp"
#include "jobs/jobs.hpp"
#include "jobs/sealed_data.hpp"
#include "notification/notification.hpp"
#include "privacy/privacy.hpp"
#include "social/social.hpp"
#include "telemetry/metrics.hpp"
#include "telemetry/trace.hpp"
#include "wallet/wallet.hpp"
#include "webhooks/webhooks.hpp"

namespace astrotalk {
using namespace std::chrono_literals;

namespace {

constexpr std::string_view node_duty = "background";

pg::options database_options(const settings& s) {
    pg::options how;
    how.url = s.database_url;
    how.read_connections = 1;
    how.write_connections = 4;
    return how;
}

task<void> seal(pg::client& database) { co_await privacy::seal_audit(database); }
task<void> expire(pg::client& database) { co_await booking::expire_holds(database); }

// The sandbox looks for a signature, not whose it is.
aws::credentials keys_for_email(const settings& s) {
    if (!s.aws_keys.access_key_id.empty()) return s.aws_keys;
    return {"AKIDSANDBOX", secret("sandbox"), ""};
}

std::unique_ptr<notification::fcm_push> open_fcm(const settings& s, http::client& out, thread_pool& signing) {
    if (s.fcm_credentials_file.empty()) return nullptr;
    std::ifstream in(s.fcm_credentials_file);
    if (!in) throw std::runtime_error("cannot read ASTROTALK_FCM_CREDENTIALS, " + s.fcm_credentials_file);
    auto who = notification::service_account::parse(std::string(std::istreambuf_iterator<char>(in), {}));
    return std::make_unique<notification::fcm_push>(out, signing, std::move(who),
                                                    notification::fcm_options{s.fcm_url, s.fcm_token_url});
}

std::string beside_this_program(const char* name) {
    return std::filesystem::read_symlink("/proc/self/exe").parent_path() / name;
}

task<void> send_spans(http::client& out, std::string url, std::string body) {
    const auto answer = co_await out.send({.method = http::verb::post,
                                           .url = url + "/v1/traces",
                                           .headers = {{"content-type", "application/json"}},
                                           .body = std::move(body)});
    if (answer.status / 100 != 2)
        throw std::runtime_error(fmt::format("the collector answered {}", answer.status));
}

}  // namespace

struct background::duties {
    duties(loop& on, const settings& s, crypto::keyring& ring, followed followed, http::client& to,
           notification::live_feed& listeners, const storage_parts& storage, const std::string& issuer)
        : config(s),
          keys(ring),
          identity_(followed),
          out(to),
          feed(listeners),
          database(on, database_options(s)),
          sandbox(to, s.sms_url, s.dlt),
          sns(to, {s.sns_url, s.aws_region, s.aws_keys}, s.dlt),
          ses(to, {s.ses_url, s.aws_region, keys_for_email(s), s.email_from}),
          fcm(open_fcm(s, to, followed.signing)),
          notifications{database, keys, providers_of(s), s.dlt, s.email ? &ses : nullptr, fcm.get()},
          kyc{database, keys, followed.digio, s.kyc, followed.atlas, s.quality_review},
          recharges{database, keys, followed.razorpay, recharge_terms(s, issuer)},
          bookings{database,
                   [&ring](uuid id, std::string_view json) { return jobs::seal_payload(ring, id, json); },
                   std::chrono::seconds(300), s.booking_terms},
          store(make_object_store(s, storage, to, issuer)),
          uploads{database,
                  keys,
                  store.get(),
                  s.storage.documents_bucket,
                  s.storage.public_bucket,
                  photo_url(s, issuer)},
          shop({.worker = beside_this_program("astrotalk-image-worker")}),
          free(booking::service{
              database,
              [this](uuid id, std::string_view json) { return jobs::seal_payload(keys, id, json); }}),
          relations{database, keys},
          worker(on, database, keys),
          schedule(database) {
        notification::handle_jobs(worker, notifications);
        social::handle_jobs(worker, relations);
        onboarding::kyc::handle_jobs(worker, kyc, [this](uuid event) { return webhook_body(event); });
        onboarding::uploads::handle_jobs(worker, uploads, shop);
        recharge::handle_jobs(
            worker, recharges, [this](uuid event) { return webhook_body(event); },
            [this](user_id who, uuid hold, uuid recharge) { return book_waiting(who, hold, recharge); });
        privacy::handle_jobs(worker, database, keys);
        plan();
    }

    void plan() {
        const std::string duty(node_duty);
        schedule.every(500ms, "seal_audit", duty, [this] { return seal(database); });
        schedule.every(1s, "expire_holds", duty, [this] { return expire(database); });
        schedule.every(5s, "settle_bookings", duty, [this] { return settle(); });
        schedule.every(1s, "cancel_for_gone_parties", duty,
                       [this] { return booking::cancel_for_gone_parties(bookings); });
        schedule.every(5s, "remind", duty, [this] { return notification::remind(database, keys); });
        schedule.every(1h, "prune_reminders", duty,
                       [this] { return notification::prune_reminders(database); });
        schedule.every(10s, "add_engagement", "", [this] { return engagement.flush(database); });
        schedule.every(1min, "measure_bookings", duty, [this] { return booking::funnel::measure(database); });
        schedule.every(1s, "end_presences", duty, [this] { return directory::end_presences(database); });
        schedule.every(1s, "refresh_free_time", duty, [this] { return free.refresh(); });
        schedule.every(10min, "prune_idempotency", duty,
                       [this] { return jobs::prune_idempotency(database); });
        schedule.every(10min, "prune_challenges", duty, [this] { return jobs::prune_challenges(database); });
        schedule.every(1h, "prune_sign_ins", duty, [this] { return identity::prune_sign_ins(database); });
        schedule.every(1h, "prune_dead_letters", duty, [this] { return jobs::prune_dead_letters(database); });
        schedule.every(200ms, "tail_notifications", "",
                       [this] { return notification::tail_notifications(database, feed); });
        schedule.every(1h, "prune_notifications", duty,
                       [this] { return notification::prune_notifications(database); });
        schedule.every(1h, "purge_webhooks", duty, [this] { return webhooks::purge_events(database); });
        schedule.every(5s, "measure_outbox", "", [this] { return jobs::measure_outbox(database); });
        schedule.every(200ms, "tail_revocations", "",
                       [this] { return identity::tail_revocations(database, identity_.ended); });
        schedule.every(500ms, "follow_pool", "",
                       [this] { return identity::follow_pool(database, keys, identity_.live); });
        schedule.every(1h, "rotate_keys", duty, [this] { return rotate_keys(); });
        schedule.every(500ms, "tail_data_keys", "", [this] { return jobs::tail_data_keys(database, keys); });
        schedule.every(1s, "tail_admin_credentials", "",
                       [this] { return identity::tail_admin_credentials(database, identity_.admin_keys); });
        schedule.every(1s, "move_numbers", duty,
                       [this] { return identity::move_numbers(database, keys, config.dlt); });
        schedule.every(1min, "expire_recoveries", duty,
                       [this] { return identity::expire_recoveries(database); });
        schedule.every(1s, "poll_kyc", "", [this] { return poll_kyc(); });
        schedule.every(1s, "poll_recharges", "", [this] { return poll_recharges(); });
        schedule.every(15s, "measure_recharges", duty, [this] { return recharge::measure(database); });
        schedule.every(24h, "verify_ledger", duty, [this] { return verify_ledger(); });
        schedule.every(15s, "measure_kyc", duty, [this] { return onboarding::kyc::measure(database); });
        schedule.every(5s, "sweep_uploads", duty, [this] { return onboarding::uploads::sweep(uploads); });
        schedule.every(1min, "measure_funnel", duty,
                       [this] { return onboarding::funnel::measure(database); });
        schedule.every(1s, "index_phones", duty, [this] { return identity::index_phones(database, keys); });
        schedule.every(1h, "purge", duty, [this] { return purge(); });
        if (!config.otlp_url.empty())
            schedule.every(1s, "export_spans", "", [this] { return export_spans(); });
    }

    std::vector<notification::provider> providers_of(const settings& s) {
        std::vector<notification::provider> all;
        for (const auto& name : s.sms_providers) {
            if (name == "sns")
                all.push_back({name, &sns});
            else
                all.push_back({name, &sandbox});
        }
        return all;
    }

    task<std::optional<std::string>> webhook_body(uuid event) {
        auto found = co_await webhooks::read_event(database, keys, event);
        if (!found) co_return std::nullopt;
        co_return std::move(found->body);
    }

    task<void> settle() { co_await booking::settle_bookings(bookings); }
    task<void> poll_recharges() { co_await recharge::poll(recharges); }
    // A hold that has ended or is not theirs books nothing: the money stays in the wallet.
    task<void> book_waiting(user_id who, uuid hold, uuid recharge) {
        const auto made = co_await booking::book(bookings, {who, "user", "recharge " + recharge.to_string()},
                                                 {"recharge-" + recharge.to_string(), recharge.to_string()},
                                                 occupancy_id{hold});
        if (!made)
            log::info("recharge.not_booked",
                      {{"recharge", recharge}, {"why", log::text(booking::code_of(made.error().why))}});
    }
    // What differs is for `astrotalk ledger verify` to name, and for an alert to shout about.
    task<void> verify_ledger() {
        const auto report = co_await wallet::verify_ledger(database);
        telemetry::gauge_of("astrotalk_ledger_differences",
                            "What did not agree when the ledger was last verified.")
            .set(static_cast<std::int64_t>(report.differences.size()));
        telemetry::gauge_of("astrotalk_ledger_verified_timestamp_seconds",
                            "When the ledger was last verified.")
            .set(std::chrono::duration_cast<std::chrono::seconds>(clock::now().time_since_epoch()).count());
        if (!report.sound()) log::error("ledger.differs", {{"differences", report.differences.size()}});
    }
    task<void> poll_kyc() { co_await onboarding::kyc::poll(kyc); }

    task<void> rotate_keys() {
        co_await identity::rotate_old_keys(database, keys, identity_.signing,
                                           std::chrono::days(config.key_rotation_days));
    }

    task<void> purge() {
        const auto made = co_await privacy::run_purge(database, keys, privacy::register_in_use());
        if (made) log::info("privacy.purged", {{"certificate", made->id}});
    }

    task<void> export_spans() {
        co_await telemetry::export_spans(
            [this](std::string body) { return send_spans(out, config.otlp_url, std::move(body)); }, "1");
    }

    // What was counted since the schedule ended.
    task<void> add_last_engagement() {
        try {
            co_await engagement.flush(database);
        } catch (const pg::unavailable&) {
            log::warning("engagement.lost");
        }
    }

    task<void> run_worker() {
        co_await worker.run();
        ++ended_runs;
        stopped.set();
    }
    task<void> run_schedule() {
        co_await schedule.run();
        ++ended_runs;
        stopped.set();
    }

    const settings& config;
    crypto::keyring& keys;
    followed identity_;
    http::client& out;
    notification::live_feed& feed;
    pg::client database;
    notification::sandbox_sms sandbox;
    notification::sns_sms sns;
    notification::ses_email ses;
    std::unique_ptr<notification::fcm_push> fcm;  // null: without credentials
    notification::service notifications;
    onboarding::kyc::service kyc;
    recharge::service recharges;
    booking::service bookings;
    std::unique_ptr<storage::object_store> store;
    onboarding::uploads::service uploads;
    images::workshop shop;
    directory::free_time free;
    social::service relations;
    jobs::outbox_worker worker;
    booking::funnel::tally engagement;
    jobs::scheduler schedule;
    event stopped;
    int ended_runs = 0;
};

background::background(loop& on, const settings& config, crypto::keyring& keys, followed identity,
                       http::client& out, notification::live_feed& feed, const storage_parts& storage,
                       const std::string& issuer)
    : duties_(std::make_unique<duties>(on, config, keys, identity, out, feed, storage, issuer)) {}
background::~background() = default;

void background::start() {
    spawn(duties_->run_worker());
    spawn(duties_->run_schedule());
}

task<void> background::stop() {
    duties_->worker.stop();
    duties_->schedule.stop();
    while (duties_->ended_runs < 2) {
        duties_->stopped.reset();
        co_await duties_->stopped.wait_for(1s);
    }
    co_await duties_->add_last_engagement();
    co_await duties_->database.close();
}

void background::wake_outbox() { duties_->worker.wake(); }

}  // namespace astrotalk
