#include "settings.hpp"

#include <libpq-fe.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <thread>

#include "email/address.hpp"

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
    if (!tls_proxy && s.tls_certificate_file.empty())
        from.fault("ASTROTALK_TLS_PROXY",
                   "on, when a proxy terminates TLS in front of this plaintext listener");
    if (s.redis && !s.redis->tls) from.fault("REDIS_URL", "rediss:// (TLS) in production");
    if (s.issuer.empty())
        from.fault("ASTROTALK_ISSUER", "the public https address of this service in production");
    if (!s.issuer.empty() && !s.issuer.starts_with("https://"))
        from.fault("ASTROTALK_ISSUER", "an https address in production");
    for (const auto& provider : s.sms_providers)
        if (provider == "sandbox") from.fault("ASTROTALK_SMS", "sns: the sandbox is refused in production");
    if (s.sns_url.starts_with("http://")) from.fault("ASTROTALK_SNS_URL", "an https address in production");
    if (s.test_clock) from.fault("ASTROTALK_TEST_CLOCK", "off in production");
}

void read_phone_countries(environment& from, settings& s) {
    const auto plan = identity::phone_plan::of(from.list("ASTROTALK_PHONE_COUNTRIES", "IN"));
    if (plan)
        s.phone_countries = *plan;
    else
        from.fault("ASTROTALK_PHONE_COUNTRIES", "countries by their two letters, e.g. IN,NP");
}

// "code.en=1107161234567890123"
void read_dlt_templates(environment& from, settings& s) {
    for (const auto& each : from.list("ASTROTALK_DLT_TEMPLATES", "")) {
        const auto equals = each.find('=');
        const auto name = each.substr(0, equals);
        if (equals == std::string::npos || equals + 1 == each.size() || !sms::find_template(name))
            return from.fault("ASTROTALK_DLT_TEMPLATES", "name=id, comma-separated, of the texts we send");
        s.dlt.template_ids.emplace(name, each.substr(equals + 1));
    }
}

void check_sns(environment& from, const settings& s) {
    if (s.aws_keys.access_key_id.empty()) from.fault("AWS_ACCESS_KEY_ID", "a key that may publish to SNS");
    if (s.aws_keys.secret_access_key.reveal().empty()) from.fault("AWS_SECRET_ACCESS_KEY", "its secret");
    if (s.dlt.entity_id.empty()) from.fault("ASTROTALK_DLT_ENTITY", "the entity id of your registration");
    if (s.dlt.header.empty()) from.fault("ASTROTALK_DLT_HEADER", "the registered header, six letters");
    for (const auto& each : sms::templates())
        if (each.name.ends_with(".en") && !s.dlt.id_of(each.name))
            return from.fault("ASTROTALK_DLT_TEMPLATES", fmt::format("an id for {}", each.name));
}

void read_sms(environment& from, settings& s, std::int64_t sandbox_port) {
    s.sms_providers = {from.choice("ASTROTALK_SMS", {"sandbox", "sns"})};
    const auto fallback = from.choice("ASTROTALK_SMS_FALLBACK", {"none", "sandbox", "sns"});
    if (fallback == s.sms_providers.front())
        from.fault("ASTROTALK_SMS_FALLBACK", "another provider than ASTROTALK_SMS, or none");
    if (fallback != "none") s.sms_providers.push_back(fallback);
    s.sms_url = from.text("ASTROTALK_SMS_URL", fmt::format("http://127.0.0.1:{}", sandbox_port));
    s.aws_region = from.text("AWS_REGION", "ap-south-1");
    s.sns_url = from.text("ASTROTALK_SNS_URL", fmt::format("https://sns.{}.amazonaws.com", s.aws_region));
    s.aws_keys.access_key_id = from.text("AWS_ACCESS_KEY_ID", "");
    s.aws_keys.secret_access_key = secret(from.text("AWS_SECRET_ACCESS_KEY", "", visibility::redacted));
    s.aws_keys.session_token = from.text("AWS_SESSION_TOKEN", "", visibility::redacted);
    s.dlt.entity_id = from.text("ASTROTALK_DLT_ENTITY", "");
    s.dlt.header = from.text("ASTROTALK_DLT_HEADER", "");
    read_dlt_templates(from, s);
    if (std::ranges::find(s.sms_providers, "sns") != s.sms_providers.end()) check_sns(from, s);
    if (s.sns_url.find("://") == std::string::npos) from.fault("ASTROTALK_SNS_URL", "an http address");
}

// Without one, nobody can have an e-mail address. The sandbox plays SES.
void read_email(environment& from, settings& s) {
    const auto provider = s.production ? from.choice("ASTROTALK_EMAIL", {"none", "ses"})
                                       : from.choice("ASTROTALK_EMAIL", {"sandbox", "ses", "none"});
    const bool sandbox = provider == "sandbox";
    s.email = provider != "none";
    const auto beside_sms = s.sms_url + (s.sms_url.ends_with('/') ? "ses" : "/ses");
    s.ses_url = from.text("ASTROTALK_SES_URL",
                          sandbox ? beside_sms : fmt::format("https://email.{}.amazonaws.com", s.aws_region));
    s.email_from = from.text("ASTROTALK_EMAIL_FROM", sandbox ? "no-reply@astrotalk.example" : "");
    if (!s.email) return;
    if (!email::address::parse(s.email_from))
        from.fault("ASTROTALK_EMAIL_FROM", "the address that e-mail comes from, which SES has verified");
    if (s.ses_url.find("://") == std::string::npos) from.fault("ASTROTALK_SES_URL", "an http address");
    if (s.production && !s.ses_url.starts_with("https://"))
        from.fault("ASTROTALK_SES_URL", "an https address in production");
    if (sandbox) return;
    if (s.aws_keys.access_key_id.empty()) from.fault("AWS_ACCESS_KEY_ID", "a key that may ses:SendEmail");
    if (s.aws_keys.secret_access_key.reveal().empty()) from.fault("AWS_SECRET_ACCESS_KEY", "its secret");
}

// Law asks for somebody to complain to. In development it is nobody. No period is shorter than the law's.
void read_privacy(environment& from, settings& s) {
    s.grievance_contact =
        from.text("ASTROTALK_GRIEVANCE_CONTACT", s.production ? "" : "privacy@astrotalk.example");
    if (s.grievance_contact.empty() || s.grievance_contact.size() > 200)
        from.fault("ASTROTALK_GRIEVANCE_CONTACT",
                   "whom people complain to about their data, e.g. an e-mail address");
    const auto days = [&](std::string_view name, int fallback, int lowest) {
        return static_cast<int>(from.integer(name, fallback, lowest, 36'500));
    };
    auto& kept = s.retention;
    kept.personal = days("ASTROTALK_RETENTION_PERSONAL_DAYS", kept.personal, privacy::lowest_days);
    kept.log = days("ASTROTALK_RETENTION_LOG_DAYS", kept.log, privacy::lowest_days);
    kept.money = days("ASTROTALK_RETENTION_MONEY_DAYS", kept.money, privacy::lowest_money_days);
}

// At most as long as somebody who asked is answered about it (identity/recovery.hpp).
void read_recovery(environment& from, settings& s) {
    s.recovery_hours = static_cast<int>(from.integer("ASTROTALK_RECOVERY_HOURS", 72, 24, 336));
    s.recovery_hours_with_money =
        static_cast<int>(from.integer("ASTROTALK_RECOVERY_HOURS_WITH_MONEY", 168, 24, 336));
    if (s.recovery_hours_with_money < s.recovery_hours)
        from.fault("ASTROTALK_RECOVERY_HOURS_WITH_MONEY", "no less than ASTROTALK_RECOVERY_HOURS");
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

void read_edge(environment& from, settings& s) {
    const auto url = from.text("REDIS_URL", "", visibility::redacted);
    if (!url.empty()) s.redis = redis::address::parse(url);
    if (!url.empty() && !s.redis) from.fault("REDIS_URL", "redis:// or rediss://user:password@host:6379/0");
    s.redis_ca_file = from.text("ASTROTALK_REDIS_CA_FILE", "");
    s.geoip_database = from.text("ASTROTALK_GEOIP_DATABASE", "");
    s.tls_certificate_file = from.text("ASTROTALK_TLS_CERTIFICATE", "");
    s.tls_key_file = from.text("ASTROTALK_TLS_KEY", "");
    if (s.tls_certificate_file.empty() != s.tls_key_file.empty())
        from.fault("ASTROTALK_TLS_KEY", "both the certificate's and the key's PEM file, or neither");
    const auto proxies =
        http::trusted_proxies::parse(from.list("ASTROTALK_TRUSTED_PROXIES", "127.0.0.0/8,::1"));
    if (proxies)
        s.proxies = *proxies;
    else
        from.fault("ASTROTALK_TRUSTED_PROXIES", "addresses and networks, e.g. 127.0.0.1,10.0.0.0/8");
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
    read_sms(from, s, sandbox_port);
    read_email(from, s);
    read_privacy(from, s);
    s.support_contact = from.text("ASTROTALK_SUPPORT_CONTACT", "");
    s.allowed_origins = from.list("ASTROTALK_ALLOWED_ORIGINS", s.production ? "" : "http://localhost:3000");
    s.io_threads = static_cast<int>(from.integer("ASTROTALK_IO_THREADS", default_io_threads(), 1, 64));
    s.otp_length = static_cast<int>(from.integer("ASTROTALK_OTP_LENGTH", 6, 6, 8));
    s.welcome_bonus = {from.integer("ASTROTALK_WELCOME_BONUS", 10'000, 0, 100'000)};
    read_phone_countries(from, s);
    read_send_limits(from, s);
    read_recovery(from, s);
    s.ip_requests_per_second = static_cast<int>(from.integer("ASTROTALK_IP_RATE", 50, 1, 1'000'000));
    s.ip_burst = static_cast<int>(from.integer("ASTROTALK_IP_BURST", 200, 1, 1'000'000));
    s.user_requests_per_second = static_cast<int>(from.integer("ASTROTALK_USER_RATE", 20, 1, 1'000'000));
    s.user_burst = static_cast<int>(from.integer("ASTROTALK_USER_BURST", 100, 1, 1'000'000));
    read_edge(from, s);
    s.test_clock = from.flag("ASTROTALK_TEST_CLOCK", false);
    s.otlp_url = from.text("ASTROTALK_OTLP_URL", "");
    s.access_key_file = from.text("ASTROTALK_ACCESS_KEY_FILE", "");
    s.id_key_file = from.text("ASTROTALK_ID_KEY_FILE", "");
    s.key_rotation_days = static_cast<int>(from.integer("ASTROTALK_KEY_ROTATION_DAYS", 90, 0, 3650));
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
