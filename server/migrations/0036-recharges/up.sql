-- Money that comes in by the payment provider, and goes back to where it came from.

-- What is offered to be bought. Its price is put into the wallet, GST comes on top, the bonus is a gift.
create table recharge_pack (
    id         uuid        primary key,
    amount     bigint      not null constraint recharge_pack_amount check (amount between 100 and 100000000),
    bonus      bigint      not null default 0
               constraint recharge_pack_bonus check (bonus between 0 and amount * 2),
    active     boolean     not null default true,
    created_at timestamptz not null default app_now()
);
create unique index recharge_pack_offer on recharge_pack (amount) where active;
insert into recharge_pack (id, amount, bonus)
select gen_random_uuid(), amount, bonus
from (values (5000, 0), (10000, 1000), (20000, 2500), (50000, 7500), (100000, 20000), (200000, 45000))
     as starter (amount, bonus);

-- A coupon gives more bonus: a part of the amount, or a fixed sum.
create table coupon (
    code              text        primary key constraint coupon_code check (code ~ '^[A-Z0-9]{3,20}$'),
    bonus_basis_points int        not null default 0
                      constraint coupon_part check (bonus_basis_points between 0 and 20000),
    bonus             bigint      not null default 0 constraint coupon_bonus check (bonus >= 0),
    most_bonus        bigint      constraint coupon_most_bonus check (most_bonus > 0),
    least_amount      bigint      not null default 0 constraint coupon_least check (least_amount >= 0),
    valid_from        timestamptz not null,
    valid_until       timestamptz not null,
    most_uses         int         constraint coupon_most_uses check (most_uses > 0),
    most_uses_each    int         not null default 1 constraint coupon_most_each check (most_uses_each > 0),
    first_only        boolean     not null default false,
    active            boolean     not null default true,
    uses              int         not null default 0,
    created_at        timestamptz not null default app_now(),
    constraint coupon_gives check (bonus_basis_points > 0 or bonus > 0),
    constraint coupon_valid check (valid_from < valid_until),
    constraint coupon_used_up check (uses >= 0 and uses <= coalesce(most_uses, uses))
);
-- Of one person. `most` is the coupon's limit when it was last taken, so that the row can refuse by itself.
create table coupon_use (
    code    text not null references coupon,
    user_id uuid not null references pool_user,
    uses    int  not null,
    most    int  not null,
    primary key (code, user_id),
    constraint coupon_used_before check (uses between 0 and most)
);
create trigger goes_on before insert on coupon_use
    for each row execute function only_while_account_goes_on('refuse');

create table recharge (
    id               uuid        primary key,   -- the order's receipt at the provider
    user_id          uuid        not null references pool_user,
    pack_id          uuid        references recharge_pack,
    coupon           text        references coupon,
    first_only       boolean     not null default false,
    amount           bigint      not null
                     constraint recharge_amount check (amount between 100 and 100000000),
    bonus            bigint      not null default 0 constraint recharge_bonus check (bonus >= 0),
    coupon_bonus     bigint      not null default 0
                     constraint recharge_coupon_bonus check (coupon_bonus >= 0),
    gst              bigint      not null constraint recharge_gst check (gst >= 0),
    gst_basis_points int         not null,
    place            text        constraint recharge_place check (place ~ '^[0-9]{2}$'),  -- of supply
    hold_id          uuid,                      -- an occupancy that is booked when the money has come
    state            text        not null default 'creating'
                     constraint recharge_state check (state in ('creating', 'open', 'paid', 'expired',
                                                                'abandoned')),
    order_id         text        constraint recharge_order unique,
    last_error       text,                      -- of the last payment that failed: the provider's code
    checks           int         not null default 0,
    next_check_at    timestamptz,
    paid_at          timestamptz,
    created_at       timestamptz not null default app_now(),
    constraint recharge_paid check ((state = 'paid') = (paid_at is not null)),
    constraint recharge_ordered check (state in ('creating', 'abandoned') or order_id is not null),
    constraint recharge_coupon check (coupon is not null or (coupon_bonus = 0 and not first_only))
);
create index recharge_of_user on recharge (user_id, id);
create index recharge_due on recharge (next_check_at, id) where next_check_at is not null;
create unique index recharge_first_coupon on recharge (user_id)
    where first_only and state in ('creating', 'open', 'paid');
create trigger goes_on before insert on recharge
    for each row execute function only_while_account_goes_on('refuse');

-- Forward only: what is paid stays paid, and what was agreed on stays. Money that comes after the end is
-- money that came: expired becomes paid.
create function recharge_moves_on() returns trigger language plpgsql as
$$ begin
    perform refuse('recharge_moves_on');
    return null;
end $$;
create trigger recharge_moves_on before update on recharge for each row
    when ((old.state in ('paid', 'abandoned') and new.state <> old.state)
          or (old.state in ('open', 'expired') and new.state = 'creating')
          or (old.state = 'expired' and new.state = 'open')
          or (new.user_id, new.amount, new.bonus, new.gst) is distinct from
             (old.user_id, old.amount, old.bonus, old.gst)
          or (old.order_id is not null and new.order_id is distinct from old.order_id))
    execute function recharge_moves_on();

-- Money that the provider has captured for us, by its own id: what is here was counted. `stray` is what does
-- not fit its order (another amount or currency, a second payment, an account that has ended): it goes back.
create table payment (
    id          text        primary key constraint payment_id check (id ~ '^pay_[A-Za-z0-9]{1,40}$'),
    recharge_id uuid        not null references recharge,
    kind        text        not null constraint payment_kind check (kind in ('credit', 'stray')),
    amount      bigint      not null constraint payment_amount check (amount > 0),
    currency    text        not null constraint payment_currency check (currency ~ '^[A-Z]{3}$'),
    fee         bigint      not null default 0 constraint payment_fee check (fee >= 0),  -- with its tax
    method      text        not null,
    refunded    bigint      not null default 0
                constraint payment_refunded check (refunded between 0 and amount),
    seen_at     timestamptz not null default app_now()
);
create unique index payment_credits_once on payment (recharge_id) where kind = 'credit';
create index payment_of_recharge on payment (recharge_id);
create index payment_seen on payment (seen_at);

create table payment_refund (
    id            uuid        primary key,   -- the idempotency key at the provider
    payment_id    text        not null references payment,
    amount        bigint      not null constraint payment_refund_amount check (amount > 0),
    net           bigint      not null,      -- out of the wallet's cash
    gst           bigint      not null,      -- out of what we owe the state
    bonus         bigint      not null,      -- taken back
    state         text        not null
                  constraint payment_refund_state check (state in ('proposed', 'approved', 'sent',
                                                                   'processed', 'failed', 'rejected')),
    asked_by      uuid,                      -- null: this system
    decided_by    uuid,
    reason        text        not null,
    provider_id   text        constraint payment_refund_provider unique,
    checks        int         not null default 0,
    next_check_at timestamptz,
    created_at    timestamptz not null default app_now(),
    settled_at    timestamptz,
    constraint payment_refund_sums check (net >= 0 and gst >= 0 and bonus >= 0 and net + gst in (0, amount)),
    constraint payment_refund_four_eyes check (decided_by is null or decided_by <> asked_by)
);
create index payment_refund_of on payment_refund (payment_id);
create index payment_refund_due on payment_refund (next_check_at, id) where next_check_at is not null;
create index payment_refund_waiting on payment_refund (id) where state = 'proposed';

create function payment_refund_moves_on() returns trigger language plpgsql as
$$ begin
    perform refuse('payment_refund_moves_on');
    return null;
end $$;
create trigger payment_refund_moves_on before update on payment_refund for each row
    when ((old.state in ('processed', 'failed', 'rejected') and new.state <> old.state)
          or (old.state in ('approved', 'sent') and new.state in ('proposed', 'rejected'))
          or (old.state = 'sent' and new.state = 'approved')
          or (new.payment_id, new.amount, new.net, new.gst, new.bonus)
             is distinct from (old.payment_id, old.amount, old.net, old.gst, old.bonus))
    execute function payment_refund_moves_on();

-- The platform's further accounts: what the provider owes us, what it keeps, and money whose owner is not
-- settled. Checked without a look at the old postings under a lock: they fit, as the old ones were narrower.
alter table posting
    drop constraint posting_debit_known, drop constraint posting_credit_known,
    add constraint posting_debit_known check (case when debit_owner = '00000000-0000-0000-0000-000000000000'
        then debit_account in ('promotions', 'commission', 'gst', 'penalties', 'gateway', 'gateway_fees',
                               'suspense')
        else debit_account in ('cash', 'bonus', 'held', 'earnings') end) not valid,
    add constraint posting_credit_known check (case when credit_owner = '00000000-0000-0000-0000-000000000000'
        then credit_account in ('promotions', 'commission', 'gst', 'penalties', 'gateway', 'gateway_fees',
                                'suspense')
        else credit_account in ('cash', 'bonus', 'held', 'earnings') end) not valid;
alter table posting validate constraint posting_debit_known;
alter table posting validate constraint posting_credit_known;
