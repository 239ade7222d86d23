#include "identity/cognito/admin.hpp"

namespace astrotalk::identity::cognito {

// A phone is changed by its owner, who proves the new one; not here.
task<http::response> admin_update_user_attributes(service& s, members& in, const administrator& by) {
    check_pool(s, in);
    const auto who = read_username(in);
    auto given = read_written_attributes(s, in);
    if (in.attributes("UserAttributes").empty())
        in.refuse("InvalidParameterException", "UserAttributes must hold an attribute.");
    if (given.phone) in.refuse("InvalidParameterException", "phone_number is changed by its owner only.");
    if (in.fault()) co_return refuse(*in.fault());
    co_return answer_with(co_await update_user(s, who, std::move(given.changes), by), s);
}

}  // namespace astrotalk::identity::cognito
