#include "io_thread.hpp"

#include <algorithm>

#include "administration/administration.hpp"
#include "booking/booking.hpp"
#include "core/log.hpp"
#include "directory/directory.hpp"
#include "http/client.hpp"
#include "http/gateway.hpp"
#include "identity/personal_data.hpp"
#include "intake/intake.hpp"
#include "jobs/jobs.hpp"
#include "notification/notification.hpp"
#include "onboarding/onboarding.hpp"
#include "operations.hpp"
#include "privacy/privacy.hpp"
#include "redis/buckets.hpp"
#include "reviews/reviews.hpp"
#include "social/social.hpp"
#include "telemetry/metrics.hpp"
#include "wallet/wallet.hpp"
#include "webhooks/webhooks.hpp"

namespace astrotalk {
namespace {

pg::options database_options(const settings& s) {
    pg::options how;
    how.url = s.database_url;
    how.read_connections = std::clamp(8 / s.io_threads, 2, 4);
    how.write_connections = std::max(16 / s.io_threads, 4);
    return how;
}

http::gateway_options gateway_options(const settings& s) {
    http::gateway_options how;
    how.allowed_origins = s.allowed_origins;
    how.credentials_below = identity::session_path;
    how.objects_below = storage::served_below;
    return how;
}

// Redis learns neither an address nor a user: who reads its keys cannot try addresses, as with a bare hash.
std::string shared_key(const crypto::keyring& keys, std::string_view bucket) {
    auto mac = keys.mac("rate-bucket", bucket);
    mac.resize(16);
    return "astrotalk:rate:" + crypto::hex(mac);
}

task<std::optional<http::rate_limiter::verdict>> take_shared(redis::client& from, std::string key,
                                                             http::rate allowed) {
    const auto taken = co_await redis::take_token(from, std::move(key), allowed.per_second, allowed.burst);
    if (!taken) co_return std::nullopt;
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(taken->wait).count();
    co_return http::rate_limiter::verdict{taken->allowed, taken->remaining,
                                          std::max(1, static_cast<int>(seconds))};
}

identity::settings identity_settings(const settings& s, const geo::atlas* atlas) {
    identity::settings how;
    how.atlas = atlas;
    how.otp_length = s.otp_length;
    how.welcome_bonus = s.welcome_bonus;
    how.served = s.phone_countries;
    how.support_contact = s.support_contact;
    how.storage_endpoint = storage_endpoint(s);
    how.registered = s.dlt;
    how.offers_email = s.email;
    how.recovery.wait = std::chrono::hours(s.recovery_hours);
    how.recovery.wait_with_money = std::chrono::hours(s.recovery_hours_with_money);
    how.web = {.behind_tls = s.production || !s.tls_certificate_file.empty(),
               .allowed_origins = s.allowed_origins};
    how.sending = {.address = s.codes_per_address,
                   .network = s.codes_per_network,
                   .prefix = s.codes_per_prefix,
                   .device = s.codes_per_device,
                   .hourly = s.codes_an_hour,
                   .daily = s.codes_a_day};
    return how;
}

std::vector<webhooks::connection> callers(const settings& s) {
    return {
        webhooks::connect(webhooks::digio, s.digio_webhook_secret, s.digio_webhook_secret_previous),
        webhooks::connect(webhooks::razorpay, s.razorpay_webhook_secret, s.razorpay_webhook_secret_previous)};
}

std::optional<http::response> answer_to_failure(std::exception_ptr failure) {
    try {
        std::rethrow_exception(failure);
    } catch (const pg::unavailable&) {
        return http::problem({503, "unavailable", "The service is not available: try again", {}, {}, 1});
    } catch (const http::upstream_error&) {
        return http::problem({503, "unavailable", "A service behind this one does not answer", {}, {}, 5});
    } catch (const pg::error& e) {  // it waited while the account ended
        if (e.constraint() == "account_ended")
            return http::problem(401, "unauthenticated", "The user may not sign in any more.");
        return std::nullopt;
    } catch (...) {
        return std::nullopt;
    }
}

// `route` is a path where there is no route.
void restate(std::string_view route, http::response& r) {
    const auto path = route.substr(std::min(route.find('/'), route.size()));
    if (path.starts_with(storage::served_below))
        storage::restate_refusal(r);
    else
        identity::restate_refusal(route, r);
}

}  // namespace

struct io_thread::features {
    features(loop& on, const shared_state& shared)
        : database(on, database_options(shared.config)),
          cache(connect_redis(on, shared.config)),
          identity_(database, shared.keys, shared.signing, shared.pool, shared.live,
                    identity_settings(shared.config, shared.atlas), shared.ended, shared.admin_keys),
          onboarding_{database, shared.keys, shared.config.quality_review},
          kyc_{database,          shared.keys,  shared.digio,
               shared.config.kyc, shared.atlas, shared.config.quality_review},
          payout_{database, shared.keys},
          funnel_{database},
          store_(open_store(shared)),
          uploads_{database,
                   shared.keys,
                   store_.get(),
                   shared.config.storage.documents_bucket,
                   shared.config.storage.public_bucket,
                   photo_url(shared.config, shared.pool.issuer)},
          wallet_{database},
          recharge_{database, shared.keys, shared.razorpay,
                    recharge_terms(shared.config, shared.pool.issuer)},
          payment_figures_{database},
          booking_{database,
                   [&keys = shared.keys](uuid id, std::string_view json) {
                       return jobs::seal_payload(keys, id, json);
                   },
                   std::chrono::seconds(300), shared.config.booking_terms},
          booking_funnel_{database},
          intake_{database, shared.keys},
          directory_{
              database, cache.get(), booking_, uploads_.photo_url,
              [this](std::string_view bearer) { return identity_.tokens.authenticate(database, bearer); }},
          reviews_{database},
          social_{database, shared.keys},
          administration_{database, shared.keys},
          own_(shared.storage.own),
          storage_{shared.storage.objects,
                   shared.storage.files,
                   [this](std::string id, std::string token) {
                       return find_signer(std::move(id), std::move(token));
                   },
                   shared.storage.region,
                   buckets_of(shared.config),
                   static_cast<std::size_t>(shared.config.storage.most_mib) << 20},
          privacy_{database, shared.keys},
          webhooks_{database, shared.keys, callers(shared.config)},
          inbox_{database, shared.keys, shared.feed,
                 [this](std::string_view bearer) { return is_valid(bearer); }},
          data_requests_{database, shared.keys},
          operations_{database, cache.get(), shared.config.test_clock},
          gateway(routes, shared.limits, gateway_options(shared.config), hooks(shared)) {
        routes.mount(identity_, identity::routes());
        routes.mount(identity_, identity::session_routes());
        routes.mount(identity_, identity::recovery_routes());
        routes.mount(identity_, identity::erasure_routes());
        routes.mount(onboarding_, onboarding::routes());
        routes.mount(kyc_, onboarding::kyc::routes());
        routes.mount(kyc_, onboarding::kyc::staff_routes());
        routes.mount(payout_, onboarding::payout::routes());
        routes.mount(funnel_, onboarding::funnel::routes());
        routes.mount(uploads_, onboarding::uploads::routes());
        routes.mount(directory_, directory::routes());
        routes.mount(wallet_, wallet::routes());
        routes.mount(recharge_, recharge::routes());
        routes.mount(recharge_, recharge::staff_routes());
        routes.mount(payment_figures_, recharge::figures::routes());
        routes.mount(booking_, booking::routes());
        routes.mount(booking_, booking::end_routes());
        routes.mount(booking_funnel_, booking::funnel::routes());
        routes.mount(intake_, intake::routes());
        routes.mount(booking_, booking::availability_routes());
        routes.mount(reviews_, reviews::routes());
        routes.mount(social_, social::routes());
        routes.mount(administration_, administration::routes());
        routes.mount(storage_, storage::routes());
        routes.mount(privacy_, privacy::routes());
        routes.mount(webhooks_, webhooks::routes());
        routes.mount(inbox_, notification::routes());
        routes.mount(data_requests_, privacy::request_routes());
        operations::mount(routes, operations_);
    }

    // None where only the routes are listed.
    static std::unique_ptr<storage::object_store> open_store(const shared_state& shared) {
        if (!shared.config.storage.s3 && !shared.storage.objects) return nullptr;
        return make_object_store(shared.config, shared.storage, shared.out, shared.pool.issuer);
    }

    static std::unique_ptr<redis::client> connect_redis(loop& on, const settings& s) {
        if (!s.redis) return nullptr;
        return std::make_unique<redis::client>(on,
                                               redis::options{.at = *s.redis, .ca_file = s.redis_ca_file});
    }

    task<bool> is_valid(std::string_view bearer) {
        co_return (co_await identity_.tokens.authenticate(database, bearer)).has_value();
    }

    http::gateway_hooks hooks(const shared_state& shared) {
        decltype(http::gateway_hooks::take_shared) take;
        if (cache)
            take = [this, &keys = shared.keys](std::string_view bucket, http::rate allowed) {
                return take_shared(*cache, shared_key(keys, bucket), allowed);
            };
        return {
            [this](std::string_view bearer) { return identity_.tokens.authenticate(database, bearer); },
            answer_to_failure, restate,
            [wake = shared.wake_outbox](std::string_view route, int status, std::chrono::nanoseconds took) {
                telemetry::request(route.empty() ? "none" : route, status, took);
                booking::funnel::saw(route, status);
                if (!route.starts_with("GET")) wake();
            },
            std::move(take)};
    }

    // This server's own key, which signs the links of onboarding::uploads and may do no more, or one of an
    // operator's.
    task<std::optional<storage::signer>> find_signer(std::string id, std::string token) {
        if (!token.empty()) co_return std::nullopt;
        if (id == own_.access_key_id)
            co_return storage::signer{own_.secret_access_key,
                                      {{http::verb::put, uploads_.private_bucket, "incoming/"},
                                       {http::verb::get, uploads_.private_bucket, "papers/"}}};
        auto found = co_await identity::find_admin_secret(database, identity_.keys, identity_.admin_keys,
                                                          std::move(id));
        if (!found) co_return std::nullopt;
        co_return storage::signer{std::move(*found)};
    }

    pg::client database;
    std::unique_ptr<redis::client> cache;  // null: without REDIS_URL
    identity::service identity_;
    onboarding::service onboarding_;
    onboarding::kyc::service kyc_;
    onboarding::payout::service payout_;
    onboarding::funnel::service funnel_;
    std::unique_ptr<storage::object_store> store_;
    onboarding::uploads::service uploads_;
    wallet::service wallet_;
    recharge::service recharge_;
    recharge::figures::service payment_figures_;
    booking::service booking_;
    booking::funnel::service booking_funnel_;
    intake::service intake_;
    directory::service directory_;
    reviews::service reviews_;
    social::service social_;
    administration::service administration_;
    aws::credentials own_;
    storage::service storage_;
    privacy::service privacy_;
    webhooks::service webhooks_;
    notification::inbox inbox_;
    privacy::request_service data_requests_;
    operations::service operations_;
    http::router routes;
    http::gateway gateway;
};

io_thread::io_thread(const shared_state& shared) : features_(std::make_unique<features>(loop_, shared)) {}
io_thread::~io_thread() = default;

task<http::response> io_thread::answer(http::request& in) { return features_->gateway.handle(in); }
task<http::server_options::admission> io_thread::admit_body(http::request& head) {
    auto said = co_await admit_upload(features_->storage_, head);
    if (said.refusal) features_->gateway.dress(head, *said.refusal);
    co_return said;
}
task<void> io_thread::close() {
    if (features_->cache) co_await features_->cache->close();
    co_await features_->database.close();
}
const http::router& io_thread::routes() const { return features_->routes; }

}  // namespace astrotalk
