// What handle_jobs.cpp binds to the worker, one use case each.
#pragma once

#include <boost/describe.hpp>

#include "notification/messages.hpp"
#include "notification/notification.hpp"

namespace astrotalk::notification {

struct sms_payload {
    personal to;
    std::string template_name;  // sms/templates.hpp
    secret text;
    std::optional<instant> not_after;
    BOOST_DESCRIBE_CLASS(sms_payload, (), (to, template_name, text, not_after), (), ())
};

struct email_payload {
    personal to;
    std::string subject;
    secret text;
    std::optional<instant> not_after;
    BOOST_DESCRIBE_CLASS(email_payload, (), (to, subject, text, not_after), (), ())
};

struct push_payload {
    uuid device_id;
    astrotalk::user_id user_id;
    uuid notification_id;
    std::string kind, title, body;
    instant not_after;
    BOOST_DESCRIBE_CLASS(push_payload, (),
                         (device_id, user_id, notification_id, kind, title, body, not_after), (), ())
};

task<void> send_sms(service& s, jobs::job work);
task<void> send_email(service& s, jobs::job work);
task<void> send_push(service& s, jobs::job work);
task<void> tell_of_kyc(service& s, jobs::job work);
task<void> tell_of_payout_account(service& s, jobs::job work);
task<void> tell_of_recharge(service& s, jobs::job work);
task<void> tell_of_refund(service& s, jobs::job work);
task<void> tell_of_booking(service& s, jobs::job work, booking_news what);
task<void> tell_of_reminder(service& s, jobs::job work);

// Of a reminder that was given.
struct reminder_payload {
    astrotalk::booking_id booking_id;
    std::string kind;  // day, hour, minutes: how long before
    instant starts_at;
    BOOST_DESCRIBE_CLASS(reminder_payload, (), (booking_id, kind, starts_at), (), ())
};

}  // namespace astrotalk::notification
