-- Whether an account has not ended, and will not before this transaction has. Locks in everybody's order.
create function account_goes_on(person uuid) returns boolean language plpgsql as
$$ begin
    perform from astrologer where id = person for key share;
    perform from pool_user where id = person and deleted_at is null for key share;
    return found;
end $$;

create function refuse_ended_account() returns boolean language plpgsql as
$$ begin
    raise exception using errcode = 'AT001', constraint = 'account_ended', message = 'the account has ended';
end $$;

-- Of a table whose rows are about user_id. What nobody asked for (`skip`) is left out; a request is told.
create function only_while_account_goes_on() returns trigger language plpgsql as
$$ begin
    if account_goes_on(new.user_id) then
        return new;
    elsif tg_argv[0] = 'skip' then
        return null;
    end if;
    perform refuse_ended_account();
    return null;
end $$;

create trigger goes_on before insert on phone_change
    for each row execute function only_while_account_goes_on('refuse');
create trigger goes_on before insert on software_token
    for each row execute function only_while_account_goes_on('refuse');
create trigger goes_on before insert on consent
    for each row execute function only_while_account_goes_on('refuse');
create trigger goes_on before insert on kyc_session
    for each row execute function only_while_account_goes_on('refuse');
create trigger goes_on before insert on device
    for each row execute function only_while_account_goes_on('refuse');
create trigger goes_on before insert on notification
    for each row execute function only_while_account_goes_on('skip');
create trigger goes_on before insert on upload
    for each row execute function only_while_account_goes_on('refuse');
create trigger goes_on before insert on payout_account
    for each row execute function only_while_account_goes_on('refuse');
create trigger goes_on before insert on data_export
    for each row execute function only_while_account_goes_on('refuse');

-- The profile stays for what refers to it, emptied. Its row is locked by now, which is the first in
-- everybody's order; an insert would meet the row too late for that, so save_profile asks by itself.
create function profile_while_account_goes_on() returns trigger language plpgsql as
$$ begin
    if account_goes_on(new.id) then
        return new;
    end if;
    perform refuse_ended_account();
    return null;
end $$;
create trigger goes_on before update on astrologer for each row
    when ((new.display_name, new.bio, new.city, new.languages, new.specializations, new.legal_name_sealed,
           new.chat_price, new.call_price, new.video_price)
          is distinct from (old.display_name, old.bio, old.city, old.languages, old.specializations,
                            old.legal_name_sealed, old.chat_price, old.call_price, old.video_price))
    execute function profile_while_account_goes_on();
