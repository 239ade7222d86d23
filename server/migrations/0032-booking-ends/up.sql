-- How a booking ends: what was agreed on when it was sold, who came, what each outcome did with the money.

-- What was sold before had no policy, and everything back until its start. A row that names none is as
-- generous.
alter table booking
    add policy jsonb not null default '{"version": "before-policies", "fullRefundHours": 0,
        "partRefundHours": 0, "partRefundPercent": 100, "mostReschedules": 2, "rescheduleHours": 2,
        "commissionBasisPoints": 5000, "apology": 0, "penalty": 0, "checkInMinutes": 10,
        "settleMinutes": 15, "completedBy": "both", "userNoShowRefundPercent": 0}'
        constraint booking_policy check (policy ->> 'version' is not null
                                         and (policy ->> 'settleMinutes')::int between 0 and 60),
    add reschedules smallint not null default 0 constraint booking_reschedules check (reschedules >= 0),
    add user_checked_in_at timestamptz,
    add astrologer_checked_in_at timestamptz,
    add no_show_by text constraint booking_no_show_by check (no_show_by in ('user', 'astrologer')),
    add settled_at timestamptz,
    add apology bigint not null default 0 constraint booking_apology check (apology >= 0),
    add penalty bigint not null default 0 constraint booking_penalty check (penalty >= 0),
    add constraint booking_no_show check ((state = 'no_show') = (no_show_by is not null)),
    add constraint booking_refund check (refund between 0 and price);
update booking set settled_at = cancelled_at where state = 'cancelled';
create index booking_due on booking (ends_at, id) where state = 'confirmed';

-- The state machine's last word: a booking that has ended stays as it ended, and what was sold stays what
-- was sold.
create function booking_moves_on() returns trigger language plpgsql as
$$ begin
    perform refuse(case when new.state <> old.state then 'booking_settled_once' else 'booking_frozen' end);
    return null;
end $$;
create trigger booking_moves_on before update on booking for each row
    when ((old.state <> 'confirmed' and new.state <> old.state)
          or (new.user_id, new.astrologer_id, new.price, new.price_per_minute, new.channel, new.policy)
             is distinct from
             (old.user_id, old.astrologer_id, old.price, old.price_per_minute, old.channel, old.policy))
    execute function booking_moves_on();

-- Money that staff gave back after a booking had ended. Its journal refers to it; who and why is in the
-- audit trail.
create table booking_correction (
    id         uuid        primary key,
    booking_id uuid        not null references booking,
    amount     bigint      not null constraint booking_correction_amount check (amount > 0),
    created_at timestamptz not null default app_now()
);
create index booking_correction_of on booking_correction (booking_id);

-- A hold is extended once, while its user pays.
alter table occupancy add extended boolean not null default false;

-- What an astrologer has earned. Below zero it is what they owe: a penalty waits for nobody's earnings.
alter table wallet add earnings bigint not null default 0;
insert into wallet (owner_id) select id from astrologer on conflict do nothing;
alter table posting
    drop constraint posting_debit_known, drop constraint posting_credit_known,
    add constraint posting_debit_known check (case when debit_owner = '00000000-0000-0000-0000-000000000000'
        then debit_account in ('promotions', 'commission', 'gst', 'penalties')
        else debit_account in ('cash', 'bonus', 'held', 'earnings') end),
    add constraint posting_credit_known check (case when credit_owner = '00000000-0000-0000-0000-000000000000'
        then credit_account in ('promotions', 'commission', 'gst', 'penalties')
        else credit_account in ('cash', 'bonus', 'held', 'earnings') end);
