#include "identity/cognito/second_factor.hpp"

namespace astrotalk::identity::cognito {

task<http::response> get_user(service& s, members& in, const std::string&) {
    const auto caller = read_caller(s, in);
    if (in.fault()) co_return refuse(*in.fault());
    const auto who = co_await find_person(s, caller->id, caller->session);
    if (!who) co_return refuse(operation::get_user, error::token_revoked);
    const auto client = s.live.get()->find_client(caller->client_id);
    if (!client) co_return refuse(operation::get_user, error::token_revoked);
    auto body = user_attributes(*who, client.get());
    add_factor(body, co_await find_factor(s, who->id));
    co_return answer_with(body);
}

}  // namespace astrotalk::identity::cognito
