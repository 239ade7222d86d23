// The foreign world of push messages.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "core/loop.hpp"
#include "core/secret.hpp"
#include "core/task.hpp"
#include "crypto/rsa.hpp"
#include "http/client.hpp"

namespace astrotalk::notification {

// What a locked screen shows: nothing personal but that something happened.
struct push_message {
    secret token;  // of the device
    std::string title, body;
    std::string kind;  // for the app, with the notification's id
    std::string notification_id;
};

// The provider will never send this message.
struct push_refused : std::runtime_error {
    push_refused(bool device, const std::string& why) : std::runtime_error(why), device_gone(device) {}
    bool device_gone;  // nothing can be sent to that token any more
};

// `send` returns when the provider has accepted the message, throws push_refused when it never will,
// jobs::retry_later when it was told to wait, and anything else when trying again may help. What it throws
// holds nothing personal.
class push_sender {
  public:
    virtual ~push_sender() = default;
    virtual task<void> send(push_message what) = 0;
};

// A service account's key file, as Google's console gives it.
struct service_account {
    std::string project_id, client_email, private_key_id, token_uri;
    crypto::rsa_key key;

    // Throws std::runtime_error with what is wrong, for the operator.
    static service_account parse(std::string_view json);
};

// RFC 7523: what is shown for an access token. RS256 over an issuer, a scope, an audience and a time.
std::string token_assertion(const service_account& who, std::string_view audience, std::int64_t now);

// HTTP v1 of Firebase Cloud Messaging (firebase.google.com/docs/reference/fcm/rest/v1/projects.messages). It
// knows no idempotency: of a message whose answer was lost a device shows the repeat in its place, by its
// tag. Thread safety: none, of one loop; `signing` is where keys are used. An access token is asked for once,
// however many messages wait for it, and again a minute before it ends.
struct fcm_options {
    std::string url = "https://fcm.googleapis.com";
    std::string token_url;  // empty: the account's token_uri
};
class fcm_push final : public push_sender {
  public:
    fcm_push(http::client& out, thread_pool& signing, service_account who, fcm_options how);
    task<void> send(push_message what) override;

  private:
    task<std::string> access_token();
    task<void> fetch_token();

    http::client& out_;
    thread_pool& signing_;
    const service_account who_;
    fcm_options how_;
    std::string token_;
    std::chrono::steady_clock::time_point good_until_{};
    bool fetching_ = false;
    event fetched_;
};

}  // namespace astrotalk::notification
