-- The ledger of local changes: what was sent, by whom, and what became of it. A repeat is answered from here.

create table public.sync_mutations (
  mutation_id uuid primary key,
  user_id uuid not null references public.users (id),
  request_hash bytea not null,
  kind text not null,
  batch_id uuid,
  row_id uuid,
  device_id uuid,
  occurred_at text,
  clock_offset_ms integer,
  status text not null default 'claimed' check (status in ('claimed', 'applied', 'conflict', 'rejected')),
  result jsonb not null default '{}',
  result_version integer,
  received_at timestamp with time zone not null default clock_timestamp()
);
comment on table public.sync_mutations is
  'Every local change that arrived, by its id, with the hash of its body and its fate. Not readable by anybody but the functions.';
comment on column public.sync_mutations.result_version is
  'Version of the row it changed (of the batch for a claim or decision), for a later change of the same device that follows it.';
create index sync_mutations_user_id on public.sync_mutations (user_id, received_at);
create index sync_mutations_batch_id on public.sync_mutations (batch_id);
alter table public.sync_mutations enable row level security;

create function private.row_now(p_table text, p_id uuid) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object('table', r.tbl, 'row', r.body::jsonb) from private.wire_rows r where r.tbl = p_table and r.id = p_id
$$;
comment on function private.row_now(text, uuid) is 'A row with the name of its table, as the answer to a push has it.';

create function private.rows_now(variadic p_keys text[]) returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce(jsonb_agg(private.row_now(split_part(k, '/', 1), split_part(k, '/', 2)::uuid) order by o), '[]')
  from unnest(p_keys) with ordinality as t (k, o)
$$;
comment on function private.rows_now(text[]) is 'Several rows, each named as table/id.';

create function private.base_version(p_mutation jsonb, p_actor uuid) returns integer
language plpgsql stable security definer set search_path = '' as $$
declare
  earlier public.sync_mutations;
begin
  if p_mutation ->> 'after_mutation_id' is null then
    return (p_mutation ->> 'base_version')::integer;
  end if;
  select m.* into earlier
  from public.sync_mutations m
  where m.mutation_id = (p_mutation ->> 'after_mutation_id')::uuid and m.user_id = p_actor;
  if earlier.status is distinct from 'applied' then
    perform private.contradict('earlier_not_applied',
      'An earlier change that this one builds on has not been applied.', 'Settle the earlier change first.');
  end if;
  return earlier.result_version;
end
$$;
comment on function private.base_version(jsonb, uuid) is
  'The version that a local change builds on: its own base, or what the earlier change of the same device led to.';

create function private.require_version(p_mutation jsonb, p_actor uuid, p_current integer) returns void
language plpgsql stable security definer set search_path = '' as $$
begin
  if private.base_version(p_mutation, p_actor) is distinct from p_current then
    perform private.contradict('version_changed',
      'The row was changed in the cloud meanwhile.', 'Compare both versions and decide again.');
  end if;
end
$$;
comment on function private.require_version(jsonb, uuid, integer) is 'Reports a conflict when the row has moved on.';

create function private.require_assignment(p_actor public.users, p_batch uuid, p_reviewing boolean) returns void
language plpgsql stable security definer set search_path = '' as $$
begin
  if not exists (
    select 1 from public.assignments a
    where a.batch_id = p_batch and a.user_id = p_actor.id and a.ended_at is null
  ) then
    perform private.refuse('not_assigned', 'You are not assigned to this batch.', 'Ask an administrator to assign you.');
  end if;
  if p_reviewing and (p_actor.role <> 'verifier' or coalesce(p_actor.sub_role, 'field_agent') = 'field_agent') then
    perform private.refuse('role', 'Only desk verifiers and accredited auditors review a batch.', 'Leave it to one of them.');
  end if;
end
$$;
comment on function private.require_assignment(public.users, uuid, boolean) is
  'Refuses whoever does not work on the batch and, for reviewing, whoever is no desk verifier or auditor.';

create function private.require_unsettled(p_batch public.batches) returns void
language plpgsql immutable set search_path = '' as $$
begin
  if p_batch.status in ('rejected', 'verified', 'retired') then
    perform private.refuse('batch_settled', 'This batch is already decided.', 'Nothing more can be added to its review.');
  end if;
end
$$;
comment on function private.require_unsettled(public.batches) is 'Reviews end with the last decision.';
