// What the holder of an admin key does to users and groups.
//
// Every act and every reading writes an audit row with the key that was used, in the same transaction.
// Errors: refusals are values (admin_error), an outage throws pg::unavailable. Thread safety and lifetime are
// those of `service`.
#pragma once

#include "identity/identity.hpp"
#include "identity/user_filter.hpp"

namespace astrotalk::identity {

// In order of precedence.
enum class admin_error : std::uint8_t {
    user_not_found,   // nobody, or deleted
    username_exists,  // a user, confirmed or not, has this phone
    group_not_found,
    group_exists,
    too_many_groups,  // 500
    no_factor,        // no authenticator has been verified
    no_email,         // that could be said to be verified
    has_profile,      // whoever has an astrologer's profile stays an astrologer
};
template <class T>
using admin_outcome = result<T, admin_error>;

struct administrator {
    std::string access_key, request_id;
};

// A username of the protocol: the sub or the phone. What is neither names nobody.
struct user_name {
    std::optional<user_id> id;
    std::optional<phone_number> phone;

    static user_name parse(std::string_view text, const phone_plan& served);
};

struct known_user {
    person who;
    instant updated_at;
    bool enabled = false, confirmed = false;
};

struct group {
    std::string name;
    std::optional<std::string> description;
    std::optional<std::int32_t> precedence;
    instant created_at, updated_at;
};
BOOST_DESCRIBE_STRUCT(group, (), (name, description, precedence, created_at, updated_at))

// --- One user.

struct created_person {
    phone_number phone;
    std::optional<personal> name;
    user_kind kind = user_kind::user;
    std::optional<email::address> email{};
    bool email_verified = false;  // only of an address
};
// Confirmed, because the operator vouches for the phone; with a wallet and the welcome bonus. No SMS.
task<admin_outcome<known_user>> create_user(service& s, created_person who, administrator by);
task<admin_outcome<known_user>> read_user(service& s, user_name who, administrator by);

struct attribute_changes {
    std::optional<std::optional<personal>> name;  // nothing inside: none from now on
    std::optional<user_kind> kind;                // another kind ends every sign-in
    // Nothing inside: none from now on. Another one is not verified unless that is said, too.
    std::optional<std::optional<email::address>> email{};
    std::optional<bool> email_verified{};
};
// no_email, has_profile.
task<admin_outcome<void>> update_user(service& s, user_name who, attribute_changes to, administrator by);

// Ends every sign-in, also one that is under way; a disabled user can begin none. API access ends on every
// node within a second.
task<admin_outcome<void>> disable_user(service& s, user_name who, administrator by);
task<admin_outcome<void>> enable_user(service& s, user_name who, administrator by);
task<admin_outcome<void>> sign_out_user(service& s, user_name who, administrator by);
// As disabling; and phone, name and groups are forgotten, an astrologer's profile is emptied and no longer
// listed. The phone can sign up again as somebody new. Wallet, bookings and audit rows stay.
task<admin_outcome<void>> delete_user(service& s, user_name who, administrator by);

// --- Groups.

// Tokens issued before end within a second; a refresh gives ones with the group. group_not_found.
task<admin_outcome<void>> add_to_group(service& s, user_name who, std::string name, administrator by);
// Ends every sign-in: a right that was taken must not live on in a token that is being made meanwhile.
task<admin_outcome<void>> remove_from_group(service& s, user_name who, std::string name, administrator by);

struct created_group {
    std::string name;
    std::optional<std::string> description;
    std::optional<std::int32_t> precedence;
};
task<admin_outcome<group>> create_group(service& s, created_group made, administrator by);

// --- Lists: at most `most` and the one after them, so that the caller knows whether there are more.

struct page {
    std::optional<std::string> after;  // the last one seen: an id's text, or a group's name
    std::int32_t most = 60;
};
task<std::vector<known_user>> list_users(service& s, user_filter whom, page which, administrator by);
task<admin_outcome<std::vector<known_user>>> list_users_in_group(service& s, std::string name, page which,
                                                                 administrator by);
task<std::vector<group>> list_groups(service& s, page which);
task<admin_outcome<std::vector<group>>> list_groups_of(service& s, user_name who, page which);

// --- The pool.

struct pool_description {
    std::string id, region;
    instant created_at;
    std::int64_t users = 0;  // estimated once there are many
};
task<pool_description> describe_pool(service& s);

struct client_description {
    std::string id, name;
    std::int32_t access_seconds = 0, id_seconds = 0, refresh_seconds = 0, grace_seconds = 0;
    bool rotates = true;
    std::vector<std::string> flows, readable, writable;
    instant created_at;
};
task<std::optional<client_description>> describe_client(service& s, std::string id);

}  // namespace astrotalk::identity
