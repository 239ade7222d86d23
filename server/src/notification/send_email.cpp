#include "http/json.hpp"
#include "notification/steps.hpp"
#include "telemetry/metrics.hpp"

namespace astrotalk::notification {
namespace {

void count(std::string_view outcome) {
    telemetry::counter_of("astrotalk_email_total", "E-mails given to the provider, by what came of it.",
                          {{"outcome", std::string(outcome)}})
        .add();
}

}  // namespace

task<void> send_email(service& s, jobs::job work) {
    auto message = http::from_json<email_payload>(work.payload);
    if (!message) throw jobs::permanent_failure("the payload is not an e-mail");
    if (!s.mail) throw jobs::permanent_failure("no e-mail provider is configured: see ASTROTALK_EMAIL");
    // A code that arrives after its time would only puzzle.
    if (message->not_after && *message->not_after < clock::now()) co_return;
    std::string_view outcome = "accepted";
    std::exception_ptr failure;
    try {
        co_await s.mail->send(
            {std::move(message->to), std::move(message->subject), std::move(message->text)});
    } catch (const email_refused& e) {
        failure = std::make_exception_ptr(jobs::permanent_failure(e.what()));
        outcome = "refused";
    } catch (const std::exception&) {
        failure = std::current_exception();
        outcome = "failed";
    }
    count(outcome);
    if (failure) std::rethrow_exception(failure);
}

}  // namespace astrotalk::notification
