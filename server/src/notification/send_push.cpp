#include "http/json.hpp"
#include "notification/inbox.hpp"
#include "notification/queries.hpp"
#include "notification/steps.hpp"
#include "telemetry/metrics.hpp"

namespace astrotalk::notification {
namespace {

void count(std::string_view outcome) {
    telemetry::counter_of("astrotalk_push_total", "Push messages, by what came of them.",
                          {{"outcome", outcome}})
        .add();
}

// Counted, and whether the device is gone; anything else is thrown on.
task<bool> deliver(push_sender& by, push_message what) {
    std::string_view outcome = "accepted";
    std::exception_ptr failure;
    bool gone = false;
    try {
        co_await by.send(std::move(what));
    } catch (const push_refused& e) {
        gone = e.device_gone;
        outcome = gone ? "device_gone" : "refused";
        if (!gone) failure = std::make_exception_ptr(jobs::permanent_failure(e.what()));
    } catch (const std::exception&) {
        failure = std::current_exception();
        outcome = "failed";
    }
    count(outcome);
    if (failure) std::rethrow_exception(failure);
    co_return gone;
}

}  // namespace

task<void> send_push(service& s, jobs::job work) {
    auto message = http::from_json<push_payload>(work.payload);
    if (!message) throw jobs::permanent_failure("the payload is not a push message");
    // Without a provider the app shows its news when it is opened.
    if (!s.push || message->not_after < clock::now()) co_return;
    const auto sealed =
        co_await s.database.read_one<bytes>(sql::read_device_token, message->device_id, message->user_id);
    if (!sealed) co_return;  // signed out, or handed on
    auto token = s.keys.open(device_purpose, *sealed, place_of_device(message->device_id.to_string()));
    if (!token) throw jobs::permanent_failure("a device does not open with this installation's keys");
    const bool gone = co_await deliver(
        *s.push, {secret(std::move(*token)), std::move(message->title), std::move(message->body),
                  std::move(message->kind), message->notification_id.to_string()});
    if (gone) co_await s.database.execute(sql::forget_device, message->device_id, message->user_id, *sealed);
}

}  // namespace astrotalk::notification
