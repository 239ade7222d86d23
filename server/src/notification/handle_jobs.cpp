#include "notification/follows.hpp"
#include "notification/steps.hpp"

namespace astrotalk::notification {

void handle_jobs(jobs::outbox_worker& worker, service& s) {
    worker.handle("sms.send", [&s](jobs::job work) { return send_sms(s, std::move(work)); });
    worker.handle("email.send", [&s](jobs::job work) { return send_email(s, std::move(work)); });
    worker.handle("push.send", [&s](jobs::job work) { return send_push(s, std::move(work)); });
    worker.handle("kyc.decided", [&s](jobs::job work) { return tell_of_kyc(s, std::move(work)); });
    worker.handle("payout_account.changed",
                  [&s](jobs::job work) { return tell_of_payout_account(s, std::move(work)); });
    worker.handle("recharge.paid", [&s](jobs::job work) { return tell_of_recharge(s, std::move(work)); });
    worker.handle("recharge.refunded", [&s](jobs::job work) { return tell_of_refund(s, std::move(work)); });
    worker.handle("follow.tell", [&s](jobs::job work) { return tell_of_follow(s, std::move(work)); });
    for (const auto what : {booking_news::confirmed, booking_news::cancelled, booking_news::rescheduled,
                            booking_news::completed, booking_news::no_show})
        worker.handle(booking_kind(what),
                      [&s, what](jobs::job work) { return tell_of_booking(s, std::move(work), what); });
    worker.handle(booking_kind(booking_news::reminder),
                  [&s](jobs::job work) { return tell_of_reminder(s, std::move(work)); });
}

}  // namespace astrotalk::notification
