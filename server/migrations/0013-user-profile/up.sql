-- What a user tells of themselves before they book. The name is in pool_user already.
alter table pool_user
    add column language          text constraint pool_user_language check (language ~ '^[a-z]{2}$'),
    add column city_sealed       bytea,                   -- AES-256-GCM, AAD "pool_user.city:" and the id
    add column adult_declared_at timestamptz,             -- when they first said that they are 18 or older
    add constraint pool_user_forgotten
        check (deleted_at is null
               or (language is null and city_sealed is null and adult_declared_at is null));

-- What keeps somebody from booking, as JSON pointers into PUT /v1/me/profile. Nothing does for staff and
-- astrologers.
create function profile_gaps(u pool_user) returns text[] language sql immutable parallel safe as
$$
select case when u.user_type = 'user' and not u.groups && '{admin,support}'
            then array_remove(array[case when u.name_sealed is null then '/name' end,
                                    case when u.language is null then '/language' end,
                                    case when u.city_sealed is null then '/city' end,
                                    case when u.adult_declared_at is null then '/adult' end], null)
            else '{}' end
$$;
