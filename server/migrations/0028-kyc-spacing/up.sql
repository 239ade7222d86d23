-- When Digio was last asked for a new token of the session.
alter table kyc_session add column token_asked_at timestamptz;
