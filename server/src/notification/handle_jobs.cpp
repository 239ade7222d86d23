#include "notification/steps.hpp"

namespace astrotalk::notification {

void handle_jobs(jobs::outbox_worker& worker, service& s) {
    worker.handle("sms.send", [&s](jobs::job work) { return send_sms(s, std::move(work)); });
    worker.handle("email.send", [&s](jobs::job work) { return send_email(s, std::move(work)); });
    worker.handle("push.send", [&s](jobs::job work) { return send_push(s, std::move(work)); });
    worker.handle("kyc.decided", [&s](jobs::job work) { return tell_of_kyc(s, std::move(work)); });
    worker.handle("payout_account.changed",
                  [&s](jobs::job work) { return tell_of_payout_account(s, std::move(work)); });
    worker.handle("booking.confirmed",
                  [&s](jobs::job work) { return tell_of_confirmed(s, std::move(work)); });
    worker.handle("booking.cancelled",
                  [&s](jobs::job work) { return tell_of_cancelled(s, std::move(work)); });
}

}  // namespace astrotalk::notification
