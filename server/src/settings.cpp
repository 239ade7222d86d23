#include "settings.hpp"

#include <libpq-fe.h>

#include <cstring>
#include <memory>
#include <thread>

namespace astrotalk {
namespace {

std::string connection_option(const PQconninfoOption* options, const char* keyword) {
    for (const auto* each = options; each->keyword; ++each)
        if (std::strcmp(each->keyword, keyword) == 0 && each->val) return each->val;
    return {};
}

void check_database(environment& from, const settings& s) {
    char* message = nullptr;
    const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(
        PQconninfoParse(s.database_url.c_str(), &message), &PQconninfoFree);
    PQfreemem(message);
    if (!options)
        return from.fault("DATABASE_URL",
                          "a PostgreSQL connection URI, e.g. postgresql:///astrotalk?host=/run/postgresql");
    if (!s.production) return;
    const bool socket = connection_option(options.get(), "host").starts_with('/');
    if (!socket && connection_option(options.get(), "sslmode") != "verify-full")
        from.fault("DATABASE_URL", "sslmode=verify-full in production, unless it is a unix socket");
}

// One thread leaves a core to PostgreSQL on a small machine; a large one gets a thread a core.
int default_io_threads() {
    const int cores = static_cast<int>(std::thread::hardware_concurrency());
    return cores <= 2 ? 1 : cores;
}

void check_production(environment& from, const settings& s, bool tls_proxy) {
    if (!s.production) return;
    if (!tls_proxy)
        from.fault("ASTROTALK_TLS_PROXY",
                   "on, when a proxy terminates TLS in front of this plaintext listener");
    if (s.issuer.empty())
        from.fault("ASTROTALK_ISSUER", "the public https address of this service in production");
    if (!s.issuer.empty() && !s.issuer.starts_with("https://"))
        from.fault("ASTROTALK_ISSUER", "an https address in production");
    if (s.sms_url.empty() || s.sms_url.starts_with("http://"))
        from.fault("ASTROTALK_SMS_URL",
                   "an https address of an SMS provider: the sandbox is refused in production");
    if (s.test_clock) from.fault("ASTROTALK_TEST_CLOCK", "off in production");
}

// The budget is money, because that is what runs away; what is counted is messages.
void read_send_limits(environment& from, settings& s) {
    const auto many = [&](std::string_view name, int fallback) {
        return static_cast<int>(from.integer(name, fallback, 1, 10'000'000));
    };
    s.codes_per_address = many("ASTROTALK_CODES_PER_ADDRESS", 200);
    s.codes_per_network = many("ASTROTALK_CODES_PER_NETWORK", 1000);
    s.codes_per_prefix = many("ASTROTALK_CODES_PER_PREFIX", 500);
    s.codes_per_device = many("ASTROTALK_CODES_PER_DEVICE", 20);
    const auto price = from.integer("ASTROTALK_SMS_PRICE", 20, 1, 10'000);
    const auto hour = from.integer("ASTROTALK_SMS_BUDGET_HOUR", 2'000'000, 1, 1'000'000'000);
    const auto day = from.integer("ASTROTALK_SMS_BUDGET_DAY", 10'000'000, 1, 1'000'000'000);
    s.codes_an_hour = static_cast<int>(hour / price);
    s.codes_a_day = static_cast<int>(day / price);
}

}  // namespace

settings read_settings(environment& from) {
    settings s;
    s.production = from.choice("ASTROTALK_ENV", {"development", "production"}) == "production";
    s.host = from.text("HOST", "127.0.0.1");
    s.port = static_cast<int>(from.integer("PORT", 8080, 1, 65535));
    const auto sandbox_port = from.integer("SANDBOX_PORT", 8090, 1, 65535);
    s.data_dir = from.text("ASTROTALK_DATA_DIR", ".data");
    s.database_url = from.text("DATABASE_URL", "postgresql:///astrotalk", visibility::redacted);
    s.issuer = from.text("ASTROTALK_ISSUER", "");
    s.sms_url =
        from.text("ASTROTALK_SMS_URL", s.production ? "" : fmt::format("http://127.0.0.1:{}", sandbox_port));
    s.allowed_origins = from.list("ASTROTALK_ALLOWED_ORIGINS", s.production ? "" : "http://localhost:3000");
    s.io_threads = static_cast<int>(from.integer("ASTROTALK_IO_THREADS", default_io_threads(), 1, 64));
    s.otp_length = static_cast<int>(from.integer("ASTROTALK_OTP_LENGTH", 6, 6, 8));
    s.welcome_bonus = {from.integer("ASTROTALK_WELCOME_BONUS", 10'000, 0, 100'000)};
    read_send_limits(from, s);
    s.ip_requests_per_second = static_cast<int>(from.integer("ASTROTALK_IP_RATE", 50, 1, 1'000'000));
    s.ip_burst = static_cast<int>(from.integer("ASTROTALK_IP_BURST", 200, 1, 1'000'000));
    s.user_requests_per_second = static_cast<int>(from.integer("ASTROTALK_USER_RATE", 20, 1, 1'000'000));
    s.user_burst = static_cast<int>(from.integer("ASTROTALK_USER_BURST", 100, 1, 1'000'000));
    s.test_clock = from.flag("ASTROTALK_TEST_CLOCK", false);
    s.otlp_url = from.text("ASTROTALK_OTLP_URL", "");
    s.access_key_file = from.text("ASTROTALK_ACCESS_KEY_FILE", "");
    s.id_key_file = from.text("ASTROTALK_ID_KEY_FILE", "");
    s.log_level = from.choice("ASTROTALK_LOG_LEVEL", {"info", "debug", "warning", "error"});
    const bool tls_proxy = from.flag("ASTROTALK_TLS_PROXY", false);
    if (s.otp_length == 7) from.fault("ASTROTALK_OTP_LENGTH", "6 or 8");
    if (s.access_key_file.empty() != s.id_key_file.empty())
        from.fault("ASTROTALK_ID_KEY_FILE", "both key files or neither");
    check_database(from, s);
    check_production(from, s, tls_proxy);
    return s;
}

}  // namespace astrotalk
