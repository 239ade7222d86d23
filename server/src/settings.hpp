// What an operator decides, read from the environment once at start (docs/operations.md lists every
// variable).
#pragma once

#include <string>
#include <vector>

#include "aws/sigv4.hpp"
#include "booking/booking.hpp"
#include "core/config.hpp"
#include "core/money.hpp"
#include "core/secret.hpp"
#include "http/proxies.hpp"
#include "identity/identity.hpp"
#include "onboarding/onboarding.hpp"
#include "privacy/privacy.hpp"
#include "recharge/recharge.hpp"
#include "redis/redis.hpp"
#include "sms/templates.hpp"

namespace astrotalk {

// Where files are kept.
struct storage_settings {
    bool s3 = false;          // else embedded, in the data folder
    std::string url, region;  // of S3
    bool path_style = false;
    aws::credentials keys;
    std::string documents_bucket, public_bucket;
    std::string public_url;  // where browsers find the public bucket's objects; empty: in the store itself
    int most_mib = 32;       // an object
};

struct settings {
    bool production = false;
    std::string host;
    int port = 0;
    std::string database_url;
    std::string data_dir;
    std::string issuer;  // empty: made from host and port at first start, then stored
    std::string sms_url;
    std::vector<std::string> sms_providers;  // sandbox, sns: one, or two of which the second helps out
    sms::registration dlt;
    std::string sns_url, aws_region;
    bool email = false;               // can be sent
    std::string ses_url, email_from;  // where there is e-mail
    aws::credentials aws_keys;
    storage_settings storage;
    onboarding::digio::options digio;
    onboarding::kyc::policy kyc;
    booking::policy booking_terms;  // of bookings from now on
    bool quality_review = false;    // staff also judge the profile of who has passed KYC
    std::string support_contact;
    std::string fcm_credentials_file;                            // empty: no push messages
    std::string fcm_url, fcm_token_url;                          // the latter empty: as the credentials say
    std::string grievance_contact;                               // whom people complain to about their data
    secret digio_webhook_secret, digio_webhook_secret_previous;  // empty: closed, none
    recharge::razorpay::options razorpay;
    recharge::terms recharges;
    secret razorpay_webhook_secret, razorpay_webhook_secret_previous;  // empty: closed, none
    privacy::retention_days retention;
    std::vector<std::string> allowed_origins;
    int io_threads = 1;
    int otp_length = 6;
    money welcome_bonus;
    identity::phone_plan phone_countries = identity::phone_plan::india();
    int codes_per_address = 0, codes_per_network = 0, codes_per_prefix = 0, codes_per_device = 0;  // a day
    int codes_an_hour = 0, codes_a_day = 0;
    int recovery_hours = 72, recovery_hours_with_money = 168;
    int ip_requests_per_second = 0;
    int ip_burst = 0;
    int user_requests_per_second = 0;
    int user_burst = 0;
    std::optional<redis::address> redis;             // none: this node is alone
    std::string redis_ca_file;                       // empty: the system's authorities
    std::string geoip_database;                      // a file in MaxMind's format; empty: none
    std::string tls_certificate_file, tls_key_file;  // PEM; empty: the listener is in plain HTTP
    http::trusted_proxies proxies;
    bool test_clock = false;
    std::string otlp_url;
    std::string access_key_file, id_key_file;  // PEM; empty: generated
    int key_rotation_days = 90;                // 0: never
    std::string log_level;
};

// Reads and checks everything; faults are left in `from`.
settings read_settings(environment& from);

// Scheme, host and port of an address.
std::string origin_of(const std::string& url);

// `issuer`: the user pool's, whose origin browsers reach this server by.
recharge::terms recharge_terms(const settings& s, const std::string& issuer);

}  // namespace astrotalk
