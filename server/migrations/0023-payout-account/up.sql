-- Where an astrologer's earnings go. Sealed: AAD "payout_account.secrets:" and the id.
create table payout_account (
    user_id       uuid        primary key constraint payout_account_astrologer references astrologer,
    secrets_sealed bytea      not null,                -- JSON: holder, account number, PAN
    ifsc          text        not null constraint payout_account_ifsc check (ifsc ~ '^[A-Z]{4}0[A-Z0-9]{6}$'),
    changed_at    timestamptz not null default app_now()
);
