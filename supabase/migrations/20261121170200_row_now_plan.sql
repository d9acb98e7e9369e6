-- A row as the answer to a push has it, from a plan that is kept. The view behind it joins every mirrored table; as an SQL function it
-- was planned again for every row of an answer, which took longer than finding the row.

create or replace function private.row_now(p_table text, p_id uuid) returns jsonb
language plpgsql stable security definer set search_path = '' set plan_cache_mode = 'force_generic_plan' as $$
begin
  return (
    select jsonb_build_object('table', r.tbl, 'row', r.body::jsonb)
    from private.wire_rows r
    where r.tbl = p_table and r.id = p_id
  );
end
$$;
comment on function private.row_now(text, uuid) is 'A row with the name of its table, as the answer to a push has it; null where there is none.';
