-- After a restore a workstation asks which of its changes the ledger still knows: what was applied after the backup is gone, and is sent again.

create function public.sync_applied(p_mutations jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  person public.users;
begin
  perform private.admit('sync_applied');
  person := private.require_access();
  if jsonb_typeof(p_mutations) is distinct from 'array' or exists (
    select 1 from jsonb_array_elements(p_mutations) e where private.uuid_or_null(e #>> '{}') is null
  ) then
    raise exception using errcode = 'PT400', message = 'The ids cannot be read.', detail = 'invalid_request',
      hint = 'Send a list of ids of changes.';
  end if;
  if jsonb_array_length(p_mutations) > 1000 then
    raise exception using errcode = 'PT413', message = 'Too many ids in one call.', detail = 'too_many',
      hint = 'Ask for at most 1000 at a time.';
  end if;
  return coalesce((
    select jsonb_agg(k.mutation_id order by k.mutation_id)
    from public.sync_mutations k
    where k.user_id = person.id and k.status = 'applied'
      and k.mutation_id = any (array(select (e #>> '{}')::uuid from jsonb_array_elements(p_mutations) e))
  ), '[]');
end
$$;
comment on function public.sync_applied(jsonb) is
  'Which of up to 1000 changes of the signed-in person the ledger knows as applied. What a restored cloud has lost is missing in the answer.';

revoke all on function public.sync_applied(jsonb) from public, anon, authenticated;
grant execute on function public.sync_applied(jsonb) to authenticated, service_role;
