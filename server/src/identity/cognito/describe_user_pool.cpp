#include "identity/cognito/admin.hpp"

namespace astrotalk::identity::cognito {

namespace {

std::string describe_schema() {
    std::string list = "[";
    for (const auto name : schema()) {
        const bool is_flag = name == "phone_number_verified" || name == "email_verified";
        const bool mutable_ = name == "name" || name == "custom:user_type" || name == "phone_number" ||
                              name == "email" || is_flag;
        json_object attribute;
        attribute.add("Name", name);
        attribute.add("AttributeDataType", is_flag ? "Boolean" : "String");
        attribute.add("DeveloperOnlyAttribute", false).add("Mutable", mutable_);
        attribute.add("Required", name == "phone_number" || name == "sub");
        if (list.size() > 1) list += ',';
        list += attribute.text();
    }
    return list + ']';
}

}  // namespace

task<http::response> describe_user_pool(service& s, members& in, const administrator&) {
    check_pool(s, in);
    if (in.fault()) co_return refuse(*in.fault());
    const auto found = co_await describe_pool(s);
    const std::vector<std::string> phone{"phone_number"}, codes{"SMS_OTP"};
    std::vector<std::string> verified = phone;
    if (s.how.offers_email) verified.emplace_back("email");
    json_object pool;
    pool.add("Id", found.id).add("Name", "AstroTalk");
    pool.add("Policies",
             json_object().add("SignInPolicy", json_object().add("AllowedFirstAuthFactors", codes)));
    pool.add("DeletionProtection", "ACTIVE");
    pool.add("LastModifiedDate", epoch_seconds(found.created_at));
    pool.add("CreationDate", epoch_seconds(found.created_at));
    pool.add_raw("SchemaAttributes", describe_schema());
    pool.add("AutoVerifiedAttributes", verified).add("UsernameAttributes", phone);
    pool.add("UserAttributeUpdateSettings",
             json_object().add("AttributesRequireVerificationBeforeUpdate", verified));
    pool.add("MfaConfiguration", "OPTIONAL").add("EstimatedNumberOfUsers", found.users);
    pool.add("AdminCreateUserConfig", json_object().add("AllowAdminCreateUserOnly", false));
    co_return answer_with(json_object().add("UserPool", pool));
}

}  // namespace astrotalk::identity::cognito
