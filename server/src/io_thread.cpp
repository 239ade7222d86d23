#include "io_thread.hpp"

#include <algorithm>

#include "administration/administration.hpp"
#include "booking/booking.hpp"
#include "core/log.hpp"
#include "directory/directory.hpp"
#include "http/client.hpp"
#include "http/gateway.hpp"
#include "identity/personal_data.hpp"
#include "jobs/jobs.hpp"
#include "onboarding/onboarding.hpp"
#include "operations.hpp"
#include "privacy/privacy.hpp"
#include "redis/buckets.hpp"
#include "telemetry/metrics.hpp"
#include "wallet/wallet.hpp"

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

std::optional<http::response> answer_to_outage(std::exception_ptr failure) {
    try {
        std::rethrow_exception(failure);
    } catch (const pg::unavailable&) {
        return http::problem({503, "unavailable", "The service is not available: try again", {}, {}, 1});
    } catch (const http::upstream_error&) {
        return http::problem({503, "unavailable", "A service behind this one does not answer", {}, {}, 5});
    } catch (...) {
        return std::nullopt;
    }
}

}  // namespace

struct io_thread::features {
    features(loop& on, const shared_state& shared)
        : database(on, database_options(shared.config)),
          cache(connect_redis(on, shared.config)),
          identity_(database, shared.keys, shared.signing, shared.pool, shared.live,
                    identity_settings(shared.config, shared.atlas), shared.ended, shared.admin_keys),
          onboarding_{database},
          directory_{database},
          wallet_{database},
          booking_{database,
                   [&keys = shared.keys](uuid id, std::string_view json) {
                       return jobs::seal_payload(keys, id, json);
                   }},
          administration_{database, shared.keys},
          data_requests_{database, shared.keys},
          operations_{database, cache.get(), shared.config.test_clock},
          gateway(routes, shared.limits, gateway_options(shared.config), hooks(shared)) {
        routes.mount(identity_, identity::routes());
        routes.mount(identity_, identity::session_routes());
        routes.mount(identity_, identity::recovery_routes());
        routes.mount(identity_, identity::erasure_routes());
        routes.mount(onboarding_, onboarding::routes());
        routes.mount(directory_, directory::routes());
        routes.mount(wallet_, wallet::routes());
        routes.mount(booking_, booking::routes());
        routes.mount(administration_, administration::routes());
        routes.mount(data_requests_, privacy::request_routes());
        operations::mount(routes, operations_);
    }

    static std::unique_ptr<redis::client> connect_redis(loop& on, const settings& s) {
        if (!s.redis) return nullptr;
        return std::make_unique<redis::client>(on,
                                               redis::options{.at = *s.redis, .ca_file = s.redis_ca_file});
    }

    http::gateway_hooks hooks(const shared_state& shared) {
        decltype(http::gateway_hooks::take_shared) take;
        if (cache)
            take = [this, &keys = shared.keys](std::string_view bucket, http::rate allowed) {
                return take_shared(*cache, shared_key(keys, bucket), allowed);
            };
        return {
            [this](std::string_view bearer) { return identity_.tokens.authenticate(database, bearer); },
            answer_to_outage, identity::restate_refusal,
            [wake = shared.wake_outbox](std::string_view route, int status, std::chrono::nanoseconds took) {
                telemetry::request(route.empty() ? "none" : route, status, took);
                if (!route.starts_with("GET")) wake();
            },
            std::move(take)};
    }

    pg::client database;
    std::unique_ptr<redis::client> cache;  // null: without REDIS_URL
    identity::service identity_;
    onboarding::service onboarding_;
    directory::service directory_;
    wallet::service wallet_;
    booking::service booking_;
    administration::service administration_;
    privacy::request_service data_requests_;
    operations::service operations_;
    http::router routes;
    http::gateway gateway;
};

io_thread::io_thread(const shared_state& shared) : features_(std::make_unique<features>(loop_, shared)) {}
io_thread::~io_thread() = default;

task<http::response> io_thread::answer(http::request& in) { return features_->gateway.handle(in); }
task<void> io_thread::close() {
    if (features_->cache) co_await features_->cache->close();
    co_await features_->database.close();
}
const http::router& io_thread::routes() const { return features_->routes; }

}  // namespace astrotalk
