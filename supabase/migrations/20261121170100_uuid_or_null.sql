-- The check of a UUID without a function that PostgreSQL has from 16 on only.
--
-- On 15 the file that first made this function is applied with check_function_bodies off; it is not called before it is replaced here.

create or replace function private.uuid_or_null(p_text text) returns uuid
language sql immutable set search_path = '' as $$
  select case
    when p_text ~ '^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$' then p_text::uuid
  end
$$;
comment on function private.uuid_or_null(text) is 'A UUID in its usual form, or null where the text is none.';
