#include "settings.hpp"

#include <libpq-fe.h>

#include <algorithm>
#include <cstring>
#include <fstream>
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

// A policy in a file of its own; without one, the one that is built in.
template <class Policy>
Policy read_policy(environment& from, const char* variable, const char* described_in,
                   result<Policy, std::string> (*parse)(std::string_view)) {
    const auto file = from.text(variable, "");
    if (file.empty()) return {};
    std::ifstream in(file);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    const auto read = parse(text);
    if (read) return *read;
    from.fault(variable, fmt::format("a file as {} describes it: {}", described_in, read.error()));
    return {};
}

// In development the sandbox plays Digio.
void read_kyc(environment& from, settings& s, std::int64_t sandbox_port) {
    const auto sandbox = s.production ? "" : fmt::format("http://127.0.0.1:{}", sandbox_port);
    s.digio.api_url = from.text("ASTROTALK_DIGIO_URL", s.production ? "https://api.digio.in" : sandbox);
    s.digio.gateway_url =
        from.text("ASTROTALK_DIGIO_GATEWAY_URL", s.production ? "https://app.digio.in" : sandbox);
    s.digio.client_id = from.text("ASTROTALK_DIGIO_CLIENT_ID", s.production ? "" : "sandbox-client");
    const auto shared =
        from.text("SANDBOX_DIGIO_CLIENT_SECRET", "sandbox-client-secret", visibility::redacted);
    s.digio.client_secret =
        secret(from.text("ASTROTALK_DIGIO_CLIENT_SECRET", s.production ? "" : shared, visibility::redacted));
    s.digio.template_name = from.text("ASTROTALK_DIGIO_TEMPLATE", "ASTROLOGER_VIDEO_KYC");
    s.digio.redirect_url = from.text("ASTROTALK_KYC_RETURN_URL", "");
    s.kyc = read_policy<onboarding::kyc::policy>(from, "ASTROTALK_KYC_POLICY", "docs/kyc.md",
                                                 onboarding::kyc::parse_policy);
    s.quality_review = from.flag("ASTROTALK_QUALITY_REVIEW", false);
    for (const auto& [name, url] : {std::pair("ASTROTALK_DIGIO_URL", s.digio.api_url),
                                    std::pair("ASTROTALK_DIGIO_GATEWAY_URL", s.digio.gateway_url)})
        if (!url.starts_with("https://") && (s.production || !url.starts_with("http://")))
            from.fault(name, s.production ? "an https address in production" : "an http address");
    if (s.digio.client_id.empty()) from.fault("ASTROTALK_DIGIO_CLIENT_ID", "your client id at Digio");
    if (s.digio.client_secret.empty()) from.fault("ASTROTALK_DIGIO_CLIENT_SECRET", "its secret");
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

void read_push(environment& from, settings& s) {
    s.fcm_credentials_file = from.text("ASTROTALK_FCM_CREDENTIALS", "");
    s.fcm_url = from.text("ASTROTALK_FCM_URL", "https://fcm.googleapis.com");
    s.fcm_token_url = from.text("ASTROTALK_FCM_TOKEN_URL", "");
    for (const auto& [name, url] :
         {std::pair{"ASTROTALK_FCM_URL", s.fcm_url}, std::pair{"ASTROTALK_FCM_TOKEN_URL", s.fcm_token_url}})
        if (!url.empty() && !url.starts_with("https://") && (s.production || !url.starts_with("http://")))
            from.fault(name, s.production ? "an https address in production" : "an http address");
}

// The one before is good until the provider has stopped repeating what it signed with it.
void read_webhook_secrets(environment& from, const std::string& variable, bool production, secret& current,
                          secret& previous) {
    const auto before_it = variable + "_PREVIOUS";
    current = secret(from.text(variable, "", visibility::redacted));
    previous = secret(from.text(before_it, "", visibility::redacted));
    const auto &now = current.reveal(), &before = previous.reveal();
    if (!before.empty() && (now.empty() || now == before))
        from.fault(before_it, fmt::format("the secret before {}, another one", variable));
    if (!production) return;
    for (const auto& each : {now, before})
        if (!each.empty() && (each.size() < 16 || each.find("sandbox") != std::string::npos))
            from.fault(variable, "a secret of 16 characters or more in production, and not the sandbox's");
}

void read_webhooks(environment& from, settings& s) {
    read_webhook_secrets(from, "ASTROTALK_DIGIO_WEBHOOK_SECRET", s.production, s.digio_webhook_secret,
                         s.digio_webhook_secret_previous);
    read_webhook_secrets(from, "ASTROTALK_RAZORPAY_WEBHOOK_SECRET", s.production, s.razorpay_webhook_secret,
                         s.razorpay_webhook_secret_previous);
}

// In development the sandbox plays Razorpay.
void read_payments(environment& from, settings& s, std::int64_t sandbox_port) {
    auto& to = s.razorpay;
    to.url = from.text("ASTROTALK_RAZORPAY_URL",
                       s.production ? "https://api.razorpay.com"
                                    : fmt::format("http://127.0.0.1:{}/razorpay", sandbox_port));
    to.key_id = from.text("ASTROTALK_RAZORPAY_KEY_ID", s.production ? "" : "rzp_test_sandbox");
    const auto shared =
        from.text("SANDBOX_RAZORPAY_KEY_SECRET", "sandbox-razorpay-secret", visibility::redacted);
    to.key_secret =
        secret(from.text("ASTROTALK_RAZORPAY_KEY_SECRET", s.production ? "" : shared, visibility::redacted));
    if (!to.url.starts_with("https://") && (s.production || !to.url.starts_with("http://")))
        from.fault("ASTROTALK_RAZORPAY_URL",
                   s.production ? "an https address in production" : "an http address");
    if (to.key_id.empty()) from.fault("ASTROTALK_RAZORPAY_KEY_ID", "your key id at Razorpay");
    if (to.key_secret.empty()) from.fault("ASTROTALK_RAZORPAY_KEY_SECRET", "its secret");
    auto& by = s.recharges;
    by.gst_basis_points =
        static_cast<std::int32_t>(from.integer("ASTROTALK_GST_BASIS_POINTS", 1800, 0, 5000));
    by.least = money{from.integer("ASTROTALK_LEAST_RECHARGE_PAISE", by.least.paise, 100, 100'000'000)};
    by.most =
        money{from.integer("ASTROTALK_MOST_RECHARGE_PAISE", by.most.paise, by.least.paise, 100'000'000)};
    by.four_eyes_above =
        money{from.integer("ASTROTALK_REFUND_FOUR_EYES_PAISE", by.four_eyes_above.paise, 0, 100'000'000)};
    by.return_url = from.text("ASTROTALK_PAYMENT_RETURN_URL", "");
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

bool is_bucket_name(const std::string& name) {
    const auto is_plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
    return name.size() >= 3 && name.size() <= 63 && is_plain(name.front()) && is_plain(name.back()) &&
           std::ranges::all_of(name, [&](char c) { return is_plain(c) || c == '-'; });
}

void read_storage(environment& from, settings& s) {
    auto& to = s.storage;
    to.s3 = from.choice("ASTROTALK_STORAGE", {"embedded", "s3"}) == "s3";
    to.region = from.text("ASTROTALK_STORAGE_REGION", s.aws_region);
    to.url = from.text("ASTROTALK_STORAGE_URL", fmt::format("https://s3.{}.amazonaws.com", to.region));
    to.path_style = from.flag("ASTROTALK_STORAGE_PATH_STYLE", false);
    to.keys = s.aws_keys;
    const auto key = from.text("ASTROTALK_STORAGE_ACCESS_KEY_ID", "");
    const auto its = from.text("ASTROTALK_STORAGE_SECRET_ACCESS_KEY", "", visibility::redacted);
    if (!key.empty() || !its.empty()) to.keys = {key, secret(its), {}};
    to.public_url = from.text("ASTROTALK_STORAGE_PUBLIC_URL", "");
    if (!to.public_url.empty() && !to.public_url.starts_with(s.production ? "https://" : "http"))
        from.fault("ASTROTALK_STORAGE_PUBLIC_URL", s.production ? "an https address" : "an http address");
    to.most_mib = static_cast<int>(from.integer("ASTROTALK_STORAGE_OBJECT_MIB", 32, 1, 64));
    to.documents_bucket = from.text("ASTROTALK_STORAGE_DOCUMENTS_BUCKET", "astrotalk-documents");
    to.public_bucket = from.text("ASTROTALK_STORAGE_PUBLIC_BUCKET", "astrotalk-public");
    if (!is_bucket_name(to.documents_bucket))
        from.fault("ASTROTALK_STORAGE_DOCUMENTS_BUCKET", "3 to 63 lower-case letters, digits and hyphens");
    if (!is_bucket_name(to.public_bucket) || to.public_bucket == to.documents_bucket)
        from.fault("ASTROTALK_STORAGE_PUBLIC_BUCKET",
                   "3 to 63 lower-case letters, digits and hyphens, and another than the documents'");
    if (!to.s3) return;
    if (to.url.find("://") == std::string::npos) from.fault("ASTROTALK_STORAGE_URL", "an http address");
    if (s.production && !to.url.starts_with("https://"))
        from.fault("ASTROTALK_STORAGE_URL", "an https address in production");
    if (to.keys.access_key_id.empty() || to.keys.secret_access_key.empty())
        from.fault("ASTROTALK_STORAGE_ACCESS_KEY_ID", "a key and its secret, or those of AWS_ACCESS_KEY_ID");
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
    read_storage(from, s);
    read_kyc(from, s, sandbox_port);
    s.booking_terms = read_policy<booking::policy>(from, "ASTROTALK_BOOKING_POLICY", "docs/booking.md",
                                                   booking::parse_policy);
    s.support_contact = from.text("ASTROTALK_SUPPORT_CONTACT", "");
    read_privacy(from, s);
    read_webhooks(from, s);
    read_payments(from, s, sandbox_port);
    read_push(from, s);
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

// "https://api.example.in" of "https://api.example.in/pool"
std::string origin_of(const std::string& url) {
    const auto host = url.find("://") + 3;
    return url.substr(0, url.find('/', host));
}

recharge::terms recharge_terms(const settings& s, const std::string& issuer) {
    auto by = s.recharges;
    by.public_url = origin_of(issuer);
    return by;
}

}  // namespace astrotalk
