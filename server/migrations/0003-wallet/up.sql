-- Double entry. An account is (owner, name); the platform's owner is the nil uuid.
-- A posting moves an amount from its debit to its credit account, so no journal can fail to sum to zero.
create table journal (
    id           uuid        primary key,
    kind         text        not null,
    reference_id uuid        not null,
    at           timestamptz not null default app_now(),
    constraint journal_once unique (kind, reference_id)
);

create table posting (
    journal_id     uuid     not null references journal,
    line           smallint not null,
    debit_owner    uuid     not null,
    debit_account  text     not null,
    credit_owner   uuid     not null,
    credit_account text     not null,
    amount         bigint   not null constraint posting_amount_positive check (amount > 0),
    primary key (journal_id, line),
    constraint posting_two_accounts check ((debit_owner, debit_account) <> (credit_owner, credit_account)),
    constraint posting_debit_known check (case when debit_owner = '00000000-0000-0000-0000-000000000000'
        then debit_account in ('promotions', 'commission', 'gst')
        else debit_account in ('cash', 'bonus', 'held', 'earnings') end),
    constraint posting_credit_known check (case when credit_owner = '00000000-0000-0000-0000-000000000000'
        then credit_account in ('promotions', 'commission', 'gst')
        else credit_account in ('cash', 'bonus', 'held', 'earnings') end)
);
create index posting_debit on posting (debit_owner, journal_id);
create index posting_credit on posting (credit_owner, journal_id);

create function ledger_immutable() returns trigger language plpgsql as
$$ begin raise exception using errcode = '23514', constraint = 'ledger_immutable',
                               message = 'journals and postings are immutable'; end $$;
create trigger journal_immutable before update or delete or truncate on journal
    for each statement execute function ledger_immutable();
create trigger posting_immutable before update or delete or truncate on posting
    for each statement execute function ledger_immutable();

-- A user's three accounts as one row, so that a hold updates one row. Platform balances are derived from
-- postings: no hot row.
create table wallet (
    owner_id uuid   primary key references pool_user,
    cash     bigint not null default 0 constraint wallet_cash_not_negative check (cash >= 0),
    bonus    bigint not null default 0 constraint wallet_bonus_not_negative check (bonus >= 0),
    held     bigint not null default 0 constraint wallet_held_not_negative check (held >= 0)
) with (fillfactor = 70);

-- Money set aside for a service. It leaves 'active' exactly once.
create table wallet_hold (
    id         uuid        primary key,
    owner_id   uuid        not null references wallet,
    cash       bigint      not null constraint wallet_hold_cash check (cash >= 0),
    bonus      bigint      not null constraint wallet_hold_bonus check (bonus >= 0),
    status     text        not null default 'active'
               constraint wallet_hold_status check (status in ('active', 'captured', 'voided')),
    created_at timestamptz not null default app_now(),
    settled_at timestamptz,
    constraint wallet_hold_settled check ((status = 'active') = (settled_at is null))
) with (fillfactor = 80);
create index wallet_hold_active on wallet_hold (owner_id) where status = 'active';
