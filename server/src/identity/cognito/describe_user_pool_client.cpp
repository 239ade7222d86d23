#include "identity/cognito/admin.hpp"

namespace astrotalk::identity::cognito {

task<http::response> describe_user_pool_client(service& s, members& in, const administrator&) {
    check_pool(s, in);
    const auto id = in.required("ClientId", 128);
    if (in.fault()) co_return refuse(*in.fault());
    const auto found = co_await describe_client(s, id);
    if (!found) co_return refuse(refusal{"ResourceNotFoundException", "User pool client does not exist."});
    json_object units, rotation, client;
    units.add("AccessToken", "seconds").add("IdToken", "seconds").add("RefreshToken", "seconds");
    rotation.add("Feature", "ENABLED").add("RetryGracePeriodSeconds", found->grace_seconds);
    client.add("UserPoolId", s.pool.id).add("ClientName", found->name).add("ClientId", found->id);
    client.add("LastModifiedDate", epoch_seconds(found->created_at));
    client.add("CreationDate", epoch_seconds(found->created_at));
    client.add("RefreshTokenValidity", found->refresh_seconds);
    client.add("AccessTokenValidity", found->access_seconds).add("IdTokenValidity", found->id_seconds);
    client.add("TokenValidityUnits", units).add("RefreshTokenRotation", rotation);
    client.add("ExplicitAuthFlows", std::vector<std::string>{"ALLOW_USER_AUTH"});
    client.add("PreventUserExistenceErrors", "ENABLED").add("EnableTokenRevocation", true);
    co_return answer_with(json_object().add("UserPoolClient", client));
}

}  // namespace astrotalk::identity::cognito
