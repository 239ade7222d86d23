#include "identity/cognito/admin.hpp"

namespace astrotalk::identity::cognito {

// Roles of AWS, which a group of Cognito may name, have no meaning here: RoleArn is not read.
task<http::response> create_group(service& s, members& in, const administrator& by) {
    check_pool(s, in);
    created_group made{.name = read_group_name(in), .description = {}, .precedence = {}};
    if (in.has("Description")) made.description = in.text("Description");
    if (const auto precedence = in.integer("Precedence", 0, std::numeric_limits<std::int32_t>::max()))
        made.precedence = static_cast<std::int32_t>(*precedence);
    if (in.fault()) co_return refuse(*in.fault());
    const auto created = co_await identity::create_group(s, std::move(made), by);
    if (!created) co_return refuse(created.error(), s);
    co_return answer_with(json_object().add("Group", describe(s, *created)));
}

}  // namespace astrotalk::identity::cognito
