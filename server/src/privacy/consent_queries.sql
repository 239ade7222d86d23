-- name: store_notices
-- The next version, when any language of the newest says something else. Another node that stores the same at
-- the same time makes this do nothing.
with newest as (
    select coalesce(max(version), 0) as version from consent_notice where purpose = $1
), said as (
    select * from unnest($2::text[], $3::text[], $4::text[]) as s(language, content, items)
)
insert into consent_notice (purpose, version, language, hash, content, items)
select $1, n.version + 1, s.language, sha256(convert_to(s.content, 'UTF8')), s.content, s.items
from newest n, said s
where exists (select from said t
              where not exists (select from consent_notice c
                                where c.purpose = $1 and c.version = n.version and c.language = t.language
                                  and c.hash = sha256(convert_to(t.content, 'UTF8'))))
order by s.language
on conflict do nothing;

-- name: are_notices_newest
select not exists (
    select from unnest($2::text[], $3::text[]) as s(language, content)
    where not exists (select from consent_notice c
                      where c.purpose = $1 and c.language = s.language
                        and c.hash = sha256(convert_to(s.content, 'UTF8'))
                        and c.version = (select max(version) from consent_notice where purpose = $1)))
    as newest;

-- name: read_notice
select version, hash, content from consent_notice
where purpose = $1 and language = $2 and ($3::int is null or version = $3::int)
order by version desc limit 1;

-- name: give_consent
-- A consent to another version ends by this one. Who has one to this version already gets no row.
with person as materialized (  -- before the consent that this one ends
    select account_goes_on($2) as goes_on
), notice as (
    select n.purpose, n.version, n.language, n.hash, n.items from person p, consent_notice n
    where (p.goes_on or refuse_ended_account())
      and n.purpose = $3 and n.version = $4 and n.language = $5 and n.hash = $6
      and n.version = (select max(version) from consent_notice where purpose = $3)
), replaced as (
    update consent c
    set withdrawn_at = greatest(app_now(), c.given_at), withdrawn_channel = $7
    from notice n
    where c.user_id = $2 and c.purpose = n.purpose and c.withdrawn_at is null
      and c.notice_version <> n.version
    returning c.id
), given as (
    insert into consent (id, user_id, purpose, notice_version, language, notice_hash, items, channel,
                         origin_sealed)
    select $1, $2, n.purpose, n.version, n.language, n.hash, n.items, $7, $8
    from notice n left join replaced on true
    on conflict (user_id, purpose) where withdrawn_at is null do nothing
    returning id, purpose, notice_version, language, notice_hash, items, channel, given_at, withdrawn_at
), audited as (
    insert into audit_pending (id, actor_id, actor_role, action, subject_kind, subject_id, detail, request_id)
    select $9, $2, 'user', 'consent.give', 'consent', g.id,
           json_build_object('purpose', g.purpose, 'version', g.notice_version, 'language', g.language,
                             'hash', encode(g.notice_hash, 'hex'), 'channel', g.channel,
                             'items', encode(sha256(convert_to(g.items, 'UTF8')), 'hex'),
                             'replaces', (select id from replaced))::text, $10
    from given g
)
select id, purpose, notice_version, language, notice_hash, items, channel, given_at, withdrawn_at from given;

-- name: read_active_consent
select c.id, c.purpose, c.notice_version, c.language, c.notice_hash, c.items, c.channel, c.given_at,
       c.withdrawn_at
from consent c
where c.user_id = $1 and c.purpose = $2 and c.withdrawn_at is null and c.notice_version = $3
  and exists (select from consent_notice n
              where n.purpose = c.purpose and n.version = c.notice_version and n.language = $4
                and n.hash = $5)
  and c.notice_version = (select max(version) from consent_notice where purpose = $2);

-- name: withdraw_consent
with ended as (
    update consent set withdrawn_at = greatest(app_now(), given_at), withdrawn_channel = $3
    where user_id = $1 and purpose = $2 and withdrawn_at is null
    returning id, purpose, notice_version
), told as (
    insert into outbox (id, kind, payload, urgent) select $4, 'consent.withdrawn', $5, true from ended
), audited as (
    insert into audit_pending (id, actor_id, actor_role, action, subject_kind, subject_id, detail, request_id)
    select $6, $1, 'user', 'consent.withdraw', 'consent', id,
           json_build_object('purpose', purpose, 'version', notice_version, 'channel', $3::text)::text, $7
    from ended
)
select id from ended;

-- name: list_consents
select id, purpose, notice_version, language, notice_hash, items, channel, given_at, withdrawn_at
from consent where user_id = $1 and id < $2 order by id desc limit $3;

-- name: read_sealed_origins
select id::text as row, origin_sealed as sealed from consent
where id > coalesce(nullif($2, '')::uuid, '00000000-0000-0000-0000-000000000000')
  and substring(origin_sealed from 2 for 4) <> $1
order by id limit $3;

-- name: replace_sealed_origins
update consent c set origin_sealed = n.new
from unnest($1::text[], $2::bytea[], $3::bytea[]) as n (row, old, new)
where c.id = n.row::uuid and c.origin_sealed = n.old;
