#include "identity/cognito/admin.hpp"

#include <boost/json.hpp>

#include "aws/sigv4.hpp"
#include "identity/send_code.hpp"

namespace astrotalk::identity::cognito {
namespace {

struct entry {
    std::string_view name;
    admin_handler handle;
};
constexpr entry operations[] = {
    {"AdminCreateUser", admin_create_user},
    {"AdminGetUser", admin_get_user},
    {"AdminUpdateUserAttributes", admin_update_user_attributes},
    {"AdminDisableUser", admin_disable_user},
    {"AdminEnableUser", admin_enable_user},
    {"AdminDeleteUser", admin_delete_user},
    {"AdminUserGlobalSignOut", admin_user_global_sign_out},
    {"AdminAddUserToGroup", admin_add_user_to_group},
    {"AdminRemoveUserFromGroup", admin_remove_user_from_group},
    {"AdminListGroupsForUser", admin_list_groups_for_user},
    {"AdminSetUserMFAPreference", admin_set_user_mfa_preference},
    {"AdminDeleteSoftwareToken", admin_delete_software_token},
    {"ListUsers", list_users},
    {"ListUsersInGroup", list_users_in_group},
    {"CreateGroup", create_group},
    {"ListGroups", list_groups},
    {"DescribeUserPool", describe_user_pool},
    {"DescribeUserPoolClient", describe_user_pool_client},
};

refusal explain(aws::signature_fault why) {
    switch (why) {
        case aws::signature_fault::missing:
            return {"MissingAuthenticationTokenException", "Missing Authentication Token"};
        case aws::signature_fault::incomplete:
            return {
                "IncompleteSignatureException",
                "Authorization must be an AWS4-HMAC-SHA256 signature over host and every x-amz-* header."};
        case aws::signature_fault::wrong_scope:
            return {"InvalidSignatureException",
                    "Credential should be scoped to a valid region and to the service cognito-idp."};
        case aws::signature_fault::skewed:
        case aws::signature_fault::expired:
            return {"InvalidSignatureException",
                    "Signature expired or not yet current: the clocks differ by more than five minutes."};
        case aws::signature_fault::mismatch: break;
    }
    return {"InvalidSignatureException",
            "The request signature we calculated does not match the signature you provided."};
}

// The access key that signed the request.
task<result<std::string, refusal>> authenticate(service& s, const http::exchange& x) {
    const std::string digest = crypto::hex(crypto::sha256(x.in.body));
    const aws::request_view request{.method = http::name_of(x.in.method),
                                    .path = x.in.path,
                                    .query = x.in.query,
                                    .headers = x.in.headers,
                                    .body_sha256 = digest};
    const auto claim = aws::read_claim(request);
    if (!claim) co_return explain(claim.error());
    const auto key = co_await find_admin_secret(s.pg, s.keys, s.admin_keys, claim->access_key_id);
    if (!key)
        co_return refusal{"UnrecognizedClientException",
                          "The security token included in the request is invalid."};
    const aws::scope expected{s.pool.region, "cognito-idp"};
    const auto proved = aws::verify(*claim, request, *key, expected, clock::now());
    if (!proved) co_return explain(proved.error());
    co_return result<std::string, refusal>(boost::system::in_place_value, claim->access_key_id);
}

}  // namespace

admin_handler find_admin_operation(std::string_view name) {
    const auto* found = std::ranges::find(operations, name, &entry::name);
    return found == std::end(operations) ? nullptr : found->handle;
}

task<http::response> perform_admin(service& s, admin_handler handle, http::exchange& x) {
    auto key = co_await authenticate(s, x);
    if (!key) {
        count_security("admin_refused");
        co_return refuse(key.error());
    }
    const auto body = parse_body(x.in.body);
    if (!body) co_return refuse(refusal{"SerializationException", "The body must be a JSON object"});
    members in(*body, {}, s.how.served);
    const administrator by{std::move(*key), x.request_id};
    co_return co_await handle(s, in, by);
}

}  // namespace astrotalk::identity::cognito
