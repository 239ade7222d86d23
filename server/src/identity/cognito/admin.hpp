// The operations of the user pool that are signed with an admin key (AWS Signature Version 4), and what they
// share. Each has a file of its own, as those of clients have.
#pragma once

#include "identity/administer.hpp"
#include "identity/cognito/protocol.hpp"

namespace astrotalk::identity::cognito {

using admin_handler = task<http::response> (*)(service&, members&, const administrator& by);

// Null when there is no such operation.
admin_handler find_admin_operation(std::string_view name);
// Refuses a request that is not signed by a key we know; then does what the operation does.
task<http::response> perform_admin(service& s, admin_handler handle, http::exchange& x);

// --- What they share. Each refuses through the members' fault.

void check_pool(const service& s, members& in);  // UserPoolId
user_name read_username(members& in);            // Username
std::string read_group_name(members& in);        // GroupName

struct written_attributes {
    attribute_changes changes;
    std::optional<std::string> phone;  // as given
};
// UserAttributes that an admin may write: never what staff or KYC decide.
written_attributes read_written_attributes(const service& s, members& in);

// Limit and the token of a list: `token_name` differs between operations. `scope` is what the token is bound
// to.
page read_page(const service& s, members& in, std::string_view token_name, std::string_view scope);
// Takes the one too many off the list; then there is a next page, whose token follows from `last`.
template <class T, class F>
std::optional<std::string> cut_page(const service& s, std::vector<T>& list, const page& which,
                                    std::string_view scope, F last) {
    if (list.size() <= static_cast<std::size_t>(which.most)) return std::nullopt;
    list.resize(static_cast<std::size_t>(which.most));
    return page_token(s.keys, scope, last(list.back()));
}

http::response refuse(admin_error why, const service& s);
// {} or the refusal.
http::response answer_with(const admin_outcome<void>& done, const service& s);

// `under` is UserAttributes or Attributes, as the operation says. Without `wanted`: all.
json_object describe(const known_user& user, std::string_view under,
                     const std::optional<std::vector<std::string>>& wanted = {});
std::string describe(const std::vector<known_user>& users,
                     const std::optional<std::vector<std::string>>& wanted = {});
json_object describe(const service& s, const group& which);
std::string describe(const service& s, const std::vector<group>& groups);
std::int64_t epoch_seconds(instant at);

task<http::response> admin_create_user(service& s, members& in, const administrator& by);
task<http::response> admin_get_user(service& s, members& in, const administrator& by);
task<http::response> admin_update_user_attributes(service& s, members& in, const administrator& by);
task<http::response> admin_disable_user(service& s, members& in, const administrator& by);
task<http::response> admin_enable_user(service& s, members& in, const administrator& by);
task<http::response> admin_delete_user(service& s, members& in, const administrator& by);
task<http::response> admin_user_global_sign_out(service& s, members& in, const administrator& by);
task<http::response> admin_add_user_to_group(service& s, members& in, const administrator& by);
task<http::response> admin_remove_user_from_group(service& s, members& in, const administrator& by);
task<http::response> admin_list_groups_for_user(service& s, members& in, const administrator& by);
task<http::response> admin_set_user_mfa_preference(service& s, members& in, const administrator& by);
task<http::response> admin_delete_software_token(service& s, members& in, const administrator& by);
task<http::response> list_users(service& s, members& in, const administrator& by);
task<http::response> list_users_in_group(service& s, members& in, const administrator& by);
task<http::response> create_group(service& s, members& in, const administrator& by);
task<http::response> list_groups(service& s, members& in, const administrator& by);
task<http::response> describe_user_pool(service& s, members& in, const administrator& by);
task<http::response> describe_user_pool_client(service& s, members& in, const administrator& by);

}  // namespace astrotalk::identity::cognito
