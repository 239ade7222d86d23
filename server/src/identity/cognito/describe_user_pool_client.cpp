#include "identity/cognito/admin.hpp"

namespace astrotalk::identity::cognito {

task<http::response> describe_user_pool_client(service& s, members& in, const administrator&) {
    check_pool(s, in);
    const auto id = in.required("ClientId", 128);
    if (in.fault()) co_return refuse(*in.fault());
    const auto found = co_await describe_client(s, id);
    if (!found)
        co_return refuse(
            refusal{"ResourceNotFoundException", fmt::format("User pool client {} does not exist.", id)});
    std::vector<std::string> flows;
    for (const auto& each : found->flows) flows.push_back("ALLOW_" + each);
    json_object units, rotation, client;
    units.add("AccessToken", "seconds").add("IdToken", "seconds").add("RefreshToken", "seconds");
    rotation.add("Feature", found->rotates ? "ENABLED" : "DISABLED")
        .add("RetryGracePeriodSeconds", found->rotates ? found->grace_seconds : 0);
    client.add("UserPoolId", s.pool.id).add("ClientName", found->name).add("ClientId", found->id);
    client.add("LastModifiedDate", epoch_seconds(found->created_at));
    client.add("CreationDate", epoch_seconds(found->created_at));
    client.add("RefreshTokenValidity", found->refresh_seconds);
    client.add("AccessTokenValidity", found->access_seconds).add("IdTokenValidity", found->id_seconds);
    client.add("AuthSessionValidity", 10);
    client.add("TokenValidityUnits", units).add("RefreshTokenRotation", rotation);
    client.add("ExplicitAuthFlows", flows);
    client.add("ReadAttributes", found->readable).add("WriteAttributes", found->writable);
    client.add("PreventUserExistenceErrors", "ENABLED").add("EnableTokenRevocation", true);
    co_return answer_with(json_object().add("UserPoolClient", client));
}

}  // namespace astrotalk::identity::cognito
