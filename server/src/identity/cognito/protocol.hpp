// Cognito's wire protocol (AWS JSON 1.1): one endpoint, the operation in x-amz-target, PascalCase members.
// Each operation has a file of its own, which reads as: members in, use case, members out.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "identity/identity.hpp"
#include "identity/json_object.hpp"
#include "identity/tokens.hpp"

namespace boost::json {
class object;
class value;
}  // namespace boost::json

namespace astrotalk::identity::cognito {

// An exception of the protocol. Sent in the body and in x-amzn-errortype and x-amzn-errormessage, because
// clients disagree on where to look.
struct refusal {
    std::string_view type;
    std::string message;
};

// Reads the members of a request's object. The first fault is kept and what is read after it is empty, so an
// operation reads everything it needs and then looks once. Unknown members are ignored: newer clients send
// more.
class members {
  public:
    explicit members(const boost::json::object& from, origin sender = {},
                     const phone_plan& served = phone_plan::india())
        : from_(&from), fault_(&own_fault_), sender_(std::move(sender)), served_(&served) {}
    members(const members&) = delete;

    std::string required(std::string_view name, std::size_t longest = 2048);
    std::optional<std::string> optional(std::string_view name, std::size_t longest = 2048);
    // Where an empty one means the same as none.
    std::string text(std::string_view name, std::size_t longest = 2048);
    bool has(std::string_view name) const;
    // A nested map of strings; a member that is missing reads as empty. It shares this object's fault.
    members nested(std::string_view name);
    // Name and value of each of a list of {Name, Value}.
    std::vector<std::pair<std::string, std::string>> attributes(std::string_view name);
    std::optional<std::int64_t> integer(std::string_view name, std::int64_t low, std::int64_t high);
    std::optional<bool> boolean(std::string_view name);
    // A list of strings; nothing when it is missing.
    std::optional<std::vector<std::string>> strings(std::string_view name, std::size_t most);

    // Where the request comes from; the device is x-device-id, or what Amplify says in UserContextData.
    origin sender() const;
    const phone_plan& served() const { return *served_; }

    void refuse(std::string_view type, std::string message);
    const std::optional<refusal>& fault() const { return *fault_; }

  private:
    struct bounds {
        std::size_t least, most;
    };
    members(const boost::json::object* from, const members& outer, bool of_map)
        : from_(from), of_map_(of_map), fault_(outer.fault_), served_(outer.served_) {}
    std::optional<std::string> read(std::string_view name, bounds length, bool must);

    const boost::json::object* from_;  // null: nothing there
    const bool of_map_ = false;        // AuthParameters and the like, whose entries no model names
    std::optional<refusal> own_fault_;
    std::optional<refusal>* fault_;
    origin sender_;
    const phone_plan* served_;
};

// What operations share. Each refuses through the members' fault.
client_ref check_client(service& s, members& in);  // ClientId; null when refused
// SECRET_HASH over the username as it was sent; `member` is its name here. Public clients need none.
void check_secret_hash(members& in, const client_ref& client, std::string_view username_member,
                       std::string_view member);
refusal secret_not_verified(const app_client& client, bool given);  // whether there was a hash at all
std::optional<phone_number> read_phone(members& in, std::string_view name);  // a username is a phone
// The attributes that users of this pool have.
std::span<const std::string_view> schema();
// AccessToken. That its session is open is for the use case to find out.
std::optional<http::principal> read_caller(service& s, members& in);
void check_email_offered(const service& s, members& in);
// Of the attribute email.
std::optional<email::address> read_email(const service& s, members& in, std::string_view value);

http::response answer_with(const json_object& body);
http::response refuse(const refusal& why);
// Which exception a refusal of the product is, by operation: their models differ.
enum class operation : std::uint8_t { sign_up, confirm, initiate, respond, refresh, get_user };
http::response refuse(operation by, error why);
http::response refuse(operation by, const send_refusal& why);

json_object code_delivery(const phone_number& to);
json_object code_delivery(const email::address& to);
json_object authentication_result(const token_set& tokens);
// Those that `reader` may read; all when it is null.
json_object user_attributes(const person& who, const app_client* reader = nullptr);

// Sends a code and answers with the challenge that it solves: SMS_OTP (`sign_in`) or CUSTOM_CHALLENGE
// (`custom`). The same for InitiateAuth and SELECT_CHALLENGE.
task<http::response> start_challenge(service& s, client_ref client, phone_number phone, session_kind kind,
                                     operation by, origin from);
task<http::response> finish_sign_in(service& s, client_ref client, outcome<signed_in> done, operation by);

// A lifetime for sessions that no row backs: those of SELECT_CHALLENGE.
bool is_recent(uuid challenge);

using handler = task<http::response> (*)(service&, members&, const std::string& request_id);
task<http::response> sign_up(service& s, members& in, const std::string& request_id);
task<http::response> confirm_sign_up(service& s, members& in, const std::string& request_id);
task<http::response> resend_confirmation_code(service& s, members& in, const std::string& request_id);
task<http::response> initiate_auth(service& s, members& in, const std::string& request_id);
task<http::response> respond_to_auth_challenge(service& s, members& in, const std::string& request_id);
task<http::response> get_tokens_from_refresh_token(service& s, members& in, const std::string& request_id);
task<http::response> revoke_token(service& s, members& in, const std::string& request_id);
task<http::response> global_sign_out(service& s, members& in, const std::string& request_id);
task<http::response> get_user(service& s, members& in, const std::string& request_id);
task<http::response> associate_software_token(service& s, members& in, const std::string& request_id);
task<http::response> verify_software_token(service& s, members& in, const std::string& request_id);
task<http::response> set_user_mfa_preference(service& s, members& in, const std::string& request_id);

// A problem of the gateway as an exception; its headers stay.
void restate(http::response& r);

// The object that a body holds.
std::optional<boost::json::object> parse_body(std::string_view body);

// POST /cognito/: finds the operation, and turns every outcome into the protocol's form.
task<http::response> answer(service& s, http::exchange& x);

}  // namespace astrotalk::identity::cognito
