#include "identity/act_on_user.hpp"
#include "identity/queries.hpp"
#include "identity/tokens.hpp"

namespace astrotalk::identity {

task<admin_outcome<known_user>> create_user(service& s, created_person made, administrator by) {
    const auto id = user_id::make();
    std::optional<bytes> name_sealed;
    if (made.name) name_sealed = seal_name(s.keys, id, *made.name);
    std::optional<bytes> email_sealed;
    if (made.email) email_sealed = seal_email(s.keys, id, *made.email);
    const auto created = co_await s.pg.write_one<instant>(
        sql::admin_create_user, id, hash_of(s.keys, made.phone), seal_phone(s.keys, id, made.phone),
        name_sealed, name_of(made.kind), s.how.welcome_bonus, uuid::v7(), uuid::v7(), detail_of(by),
        by.request_id, email_sealed, made.email_verified);
    if (!created) co_return admin_error::username_exists;
    known_user known{.who = {}, .updated_at = *created, .enabled = true, .confirmed = true};
    known.who.id = id;
    known.who.phone = personal(made.phone.reveal());
    known.who.name = std::move(made.name);
    if (made.email) known.who.email = made.email->text();
    known.who.email_verified = made.email_verified;
    known.who.user_type = name_of(made.kind);
    known.who.created_at = *created;
    if (made.kind == user_kind::astrologer) {
        known.who.profile_status = "pending";
        known.who.kyc_status = "not_started";
    }
    co_return known;
}

}  // namespace astrotalk::identity
