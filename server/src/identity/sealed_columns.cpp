#include "identity/changes.hpp"
#include "identity/queries.hpp"
#include "identity/recovery.hpp"
#include "identity/stored_keys.hpp"
#include "identity/tokens.hpp"

namespace astrotalk::identity {
namespace {

std::string phone_place(const std::string& row) { return "pool_user.phone:" + row; }
std::string name_place(const std::string& row) { return "pool_user.name:" + row; }
std::string city_place(const std::string& row) { return "pool_user.city:" + row; }
std::string email_place(const std::string& row) { return "pool_user.email:" + row; }
std::string client_secret_place(const std::string& row) { return place_of_secret(row); }
std::string signing_key_place(const std::string& row) { return "signing_key.private:" + row; }
std::string admin_secret_place(const std::string& row) { return "admin_credential.secret:" + row; }
std::string token_place(const std::string& row) { return "software_token.secret:" + row; }
std::string pending_token_place(const std::string& row) { return "software_token.pending:" + row; }

constexpr jobs::sealed_column columns[] = {
    {"pool_user.phone", "pool_user.phone", phone_place, sql::read_sealed_phones, sql::replace_sealed_phones},
    {"pool_user.name", "pool_user.name", name_place, sql::read_sealed_names, sql::replace_sealed_names},
    {"pool_user.city", "pool_user.city", city_place, sql::read_sealed_cities, sql::replace_sealed_cities},
    {"pool_user.email", "pool_user.email", email_place, sql::read_sealed_emails, sql::replace_sealed_emails},
    {"signing_key.private", "signing_key", signing_key_place, sql::read_sealed_signing_keys,
     sql::replace_sealed_signing_keys},
    {"app_client.secret", client_secret_purpose, client_secret_place, sql::read_sealed_secrets,
     sql::replace_sealed_secrets},
    {"app_client.old_secret", client_secret_purpose, client_secret_place, sql::read_sealed_old_secrets,
     sql::replace_sealed_old_secrets},
    {"phone_change.phone", change_purpose, place_of_change, sql::read_sealed_phone_changes,
     sql::replace_sealed_phone_changes},
    {"email_change.email", email_change_purpose, place_of_email_change, sql::read_sealed_email_changes,
     sql::replace_sealed_email_changes},
    {"phone_recovery.phone", recovery_purpose, place_of_recovery, sql::read_sealed_recoveries,
     sql::replace_sealed_recoveries},
    {"refresh_token.seen", seen_purpose, place_of_seen, sql::read_sealed_seen, sql::replace_sealed_seen},
    {"past_session.seen", seen_purpose, place_of_seen, sql::read_sealed_past_sessions,
     sql::replace_sealed_past_sessions},
    {"admin_credential.secret", "admin_credential", admin_secret_place, sql::read_sealed_admin_secrets,
     sql::replace_sealed_admin_secrets},
    {"software_token.secret", "software_token.secret", token_place, sql::read_sealed_tokens,
     sql::replace_sealed_tokens},
    {"software_token.pending", "software_token.pending", pending_token_place, sql::read_sealed_pending_tokens,
     sql::replace_sealed_pending_tokens},
};

}  // namespace

std::span<const jobs::sealed_column> sealed_columns() { return columns; }

}  // namespace astrotalk::identity
