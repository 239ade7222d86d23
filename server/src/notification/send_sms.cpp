#include "http/json.hpp"
#include "notification/steps.hpp"
#include "telemetry/metrics.hpp"

namespace astrotalk::notification {
namespace {

// Ends as the provider says, and is counted.
task<void> send_by(const provider& by, sms_message what) {
    std::string_view outcome = "accepted";
    std::exception_ptr failure;
    try {
        co_await by.sender->send(std::move(what));
    } catch (const sms_refused& e) {
        failure = std::current_exception();
        outcome = e.of_number ? "number_refused" : "provider_refused";
    } catch (const std::exception&) {
        failure = std::current_exception();
        outcome = "failed";
    }
    telemetry::counter_of("astrotalk_sms_total", "Messages given to a provider, by what came of it.",
                          {{"provider", by.name}, {"outcome", outcome}})
        .add();
    if (failure) std::rethrow_exception(failure);
}

// The first provider; the second as soon as the first will not do it at all. From the third attempt on they
// take turns, so that it does not matter which of them comes back.
task<void> send_by_any(const std::vector<provider>& all, sms_message what, int attempt) {
    const bool second_first = all.size() > 1 && attempt > 2 && attempt % 2 == 1;
    const provider& first = all[second_first ? 1 : 0];
    bool refused = false;
    try {
        co_await send_by(first, what);
    } catch (const sms_refused& e) {
        if (e.of_number) throw jobs::permanent_failure(e.what());
        if (all.size() == 1) throw jobs::permanent_failure(e.what());
        refused = true;
    }
    if (!refused) co_return;
    try {
        co_await send_by(all[second_first ? 0 : 1], std::move(what));
    } catch (const sms_refused& e) {
        throw jobs::permanent_failure(e.what());
    }
}

}  // namespace

task<void> send_sms(service& s, jobs::job work) {
    auto message = http::from_json<sms_payload>(work.payload);
    if (!message) throw jobs::permanent_failure("the payload is not a message");
    const auto* form = sms::find_template(message->template_name);
    if (!form || !sms::fits(*form, message->text.reveal()))
        throw jobs::permanent_failure("the text is not its template's: operators would drop it");
    // A code that arrives after its time would only puzzle.
    if (message->not_after && *message->not_after < clock::now()) co_return;
    sms_message what{std::move(message->to), std::move(message->text), std::move(message->template_name),
                     work.id};
    co_await send_by_any(s.providers, std::move(what), work.attempt);
}

}  // namespace astrotalk::notification
