#include "http/json.hpp"
#include "notification/steps.hpp"

namespace astrotalk::notification {

task<void> send_sms(service& s, jobs::job work) {
    auto message = http::from_json<sms_payload>(work.payload);
    if (!message) throw jobs::permanent_failure("the payload is not a message");
    // A code that arrives after its time would only puzzle.
    if (message->not_after && *message->not_after < clock::now()) co_return;
    co_await s.sms.send(std::move(message->to), std::move(message->text), work.id);
}

}  // namespace astrotalk::notification
