#include "identity/cognito/admin.hpp"

namespace astrotalk::identity::cognito {

// The pool has no passwords, so a temporary one is not read, and there is nothing to invite with: the phone
// can sign in at once. RESEND, which is for passwords that were not used, is refused.
task<http::response> admin_create_user(service& s, members& in, const administrator& by) {
    check_pool(s, in);
    const auto phone = read_phone(in, "Username");
    if (const auto action = in.optional("MessageAction"); action && *action != "SUPPRESS")
        in.refuse("InvalidParameterException",
                  "This pool sends no invitations: MessageAction can be SUPPRESS.");
    auto given = read_written_attributes(s, in);
    if (given.phone && phone) {
        const auto same = phone_number::parse(*given.phone, in.served());
        if (!same || same->reveal() != phone->reveal())
            in.refuse("InvalidParameterException", "phone_number must be the username.");
    }
    const bool verified = given.changes.email_verified.value_or(false);
    if (in.fault()) co_return refuse(*in.fault());
    if (verified && !given.changes.email.value_or(std::nullopt)) co_return refuse(admin_error::no_email, s);
    created_person made{.phone = *phone, .name = {}, .kind = given.changes.kind.value_or(user_kind::user)};
    if (given.changes.name) made.name = std::move(*given.changes.name);
    if (given.changes.email) made.email = std::move(*given.changes.email);
    made.email_verified = verified;
    const auto created = co_await create_user(s, std::move(made), by);
    if (!created) co_return refuse(created.error(), s);
    co_return answer_with(json_object().add("User", describe(*created, "Attributes")));
}

}  // namespace astrotalk::identity::cognito
