#include "identity/cognito/admin.hpp"
#include "identity/cognito/second_factor.hpp"

namespace astrotalk::identity::cognito {

// Off is for an authenticator that is lost: unlike Amazon, which keeps it.
task<http::response> admin_set_user_mfa_preference(service& s, members& in, const administrator& by) {
    check_pool(s, in);
    const auto who = read_username(in);
    const auto to = read_preference(in);
    if (in.fault()) co_return refuse(*in.fault());
    if (!to)
        co_return refuse(refusal{"InvalidParameterException", "SoftwareTokenMfaSettings must be given."});
    co_return answer_with(
        to->enabled ? co_await enable_factor(s, who, *to, by) : co_await reset_factor(s, who, by), s);
}

}  // namespace astrotalk::identity::cognito
