// Firebase Cloud Messaging, HTTP v1 (firebase.google.com/docs/reference/fcm/rest/v1/projects.messages/send),
// and the OAuth2 token endpoint that its service accounts use (RFC 7523). The account is the one written to
// SANDBOX_FCM_ACCOUNT_FILE: its assertion must be signed by its key. What a device was sent: /push?token=….
#pragma once

#include <boost/describe.hpp>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "crypto/rsa.hpp"
#include "http/http.hpp"
#include "mailbox.hpp"

namespace sandbox::fcm {

// A message as it was sent, and to which device.
struct message {
    std::string to;  // the device's registration token
    std::string name;
    std::string json;  // the whole of `message`
    astrotalk::instant at;
};
using inbox = mailbox<message>;

// What goes wrong on purpose, set by PUT /control/fcm.
enum class failure { none, UNREGISTERED, INVALID_ARGUMENT, QUOTA_EXCEEDED, UNAVAILABLE, INTERNAL };
BOOST_DESCRIBE_ENUM(failure, none, UNREGISTERED, INVALID_ARGUMENT, QUOTA_EXCEEDED, UNAVAILABLE, INTERNAL)
struct faults {
    failure error = failure::none;
    std::optional<std::int32_t> times;  // absent: always
    std::int32_t delay_ms = 0;
    std::int32_t token_status = 200;        // of POST /token
    std::vector<std::string> unregistered;  // devices that are gone
    BOOST_DESCRIBE_CLASS(faults, (), (error, times, delay_ms, token_status, unregistered), (), ())
};

// What Google's console hands out for a service account.
struct account {
    std::string project_id = "astrotalk-sandbox";
    std::string private_key_id;
    std::string client_email;
    std::string token_uri;
    astrotalk::crypto::rsa_key key;
};

// Reads the account from the file, or makes one and writes it there, readable by its owner alone.
account open_account(const std::filesystem::path& file, const std::string& token_uri);

struct service {
    std::optional<account> owner;  // none: nobody is let in
    inbox box{};
    faults now{};
    std::map<std::string, astrotalk::instant, std::less<>> tokens{};  // access tokens, until when; bounded
};

// Why an assertion is not accepted, in Google's words; empty: it is.
std::string fault_of_assertion(const account& owner, std::string_view assertion, astrotalk::instant now);

std::span<const astrotalk::http::route<service>> routes();

}  // namespace sandbox::fcm
