-- What the edge function ai-validation asks of the database: the facts its rules need, a cache of a model's answers, and the place
-- where a result is kept. Its rules decide; a model only adds words.

create table private.ai_answers (
  content_hash text primary key check (content_hash ~ '^[0-9a-f]{64}$'),
  model text not null,
  answer jsonb not null check (jsonb_typeof(answer) = 'object'),
  created_at timestamp with time zone not null default now(),
  expires_at timestamp with time zone not null default now() + interval '30 days'
);
comment on table private.ai_answers is 'A language model''s answers by the SHA-256 of what was asked, for thirty days.';
create index ai_answers_expires_at on private.ai_answers (expires_at);
alter table private.ai_answers enable row level security;

create function public.find_ai_answer(p_content_hash text) returns jsonb
language sql stable security definer set search_path = '' as $$
  select a.answer from private.ai_answers a where a.content_hash = p_content_hash and a.expires_at > now()
$$;
comment on function public.find_ai_answer(text) is 'What a model answered to the same question within thirty days, or null.';

create function public.keep_ai_answer(p_content_hash text, p_model text, p_answer jsonb) returns void
language sql security definer set search_path = '' as $$
  insert into private.ai_answers as kept (content_hash, model, answer) values (p_content_hash, p_model, p_answer)
  on conflict (content_hash) do update
  set model = excluded.model, answer = excluded.answer, created_at = now(), expires_at = now() + interval '30 days'
  where kept.expires_at <= now()
$$;
comment on function public.keep_ai_answer(text, text, jsonb) is 'Keeps a model''s answer for thirty days.';

create function public.purge_ai_answers() returns integer
language plpgsql security definer set search_path = '' as $$
declare
  purged integer;
begin
  delete from private.ai_answers a where a.expires_at <= now();
  get diagnostics purged = row_count;
  return purged;
end
$$;
comment on function public.purge_ai_answers() is 'Removes answers that have expired. A daily job. Returns how many.';

create function public.ai_validation_facts(p_facts jsonb, p_batch uuid default null) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  if auth.uid() is not null then
    perform private.require_access();
  end if;
  -- Under the caller's policies: what one may not read is neither compared nor counted.
  return jsonb_build_object(
    'standards', (select coalesce(jsonb_agg(c.standard order by c.standard), '[]') from public.credit_rules c),
    'today', (now() at time zone 'UTC')::date,
    'batch_known', exists (select 1 from public.batches b where b.id = p_batch),
    'project', (
      select jsonb_build_object('name', p.name, 'location', p.location, 'standard', p.standard)
      from public.batches b join public.projects p on p.id = b.project_id where b.id = p_batch
    ),
    'period', (
      select jsonb_build_object('start', b.period_start, 'end', b.period_end) from public.batches b where b.id = p_batch
    ),
    'duplicates', (
      select count(*) from public.batches b
      where b.id is distinct from p_batch and b.status <> 'rejected'
        and b.tons_or_kwh = (p_facts ->> 'tons_or_kwh')::numeric
        and b.date_submitted = (p_facts ->> 'date_submitted')::date
        and lower(btrim(b.location)) = lower(btrim(p_facts ->> 'location'))
    )
  );
end
$$;
comment on function public.ai_validation_facts(jsonb, uuid) is
  'What the rules of ai-validation compare a batch with: standards, its project and period, and how many others have its quantity, date and place.';
create index batches_same_quantity on public.batches (date_submitted, tons_or_kwh);

create function public.ai_validation_batch(p_batch uuid) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object(
    'standard', b.standard, 'tons_or_kwh', b.tons_or_kwh, 'location', b.location, 'date_submitted', b.date_submitted,
    'description', b.description
  )
  from public.batches b
  where b.id = p_batch
$$;
comment on function public.ai_validation_batch(uuid) is 'A batch as ai-validation takes it, for the job that validates it.';

create function public.store_ai_validation(p_batch uuid, p_result jsonb) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  if p_result is null or jsonb_typeof(p_result) <> 'object' then
    raise exception using errcode = 'PT400', message = 'A result of a validation is an object.', detail = 'invalid_request',
      hint = 'Send the result of ai-validation.';
  end if;
  perform private.lock_batches(array[p_batch]);
  update public.batches b set ai_validation_result = p_result
  where b.id = p_batch and b.ai_validation_result is distinct from p_result;
  return found;
end
$$;
comment on function public.store_ai_validation(uuid, jsonb) is
  'Keeps the result of a validation on its batch. False where it is the one that is there, or there is no such batch.';

create function public.request_ai_validation(p_batch uuid) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  hash text;
begin
  perform private.require_access();
  if not private.can_read_batch(p_batch) then
    raise exception using errcode = 'PT404', message = 'There is no such batch among those that you may read.', detail = 'not_found',
      hint = 'Fetch the list again.';
  end if;
  select b.content_hash into hash from public.batches b where b.id = p_batch;
  -- Once a day for the same content: what the rules find depends on the date too.
  return private.enqueue_job('ai.validate', jsonb_build_object('batch_id', p_batch),
    format('ai:%s:%s:%s', p_batch, hash, (now() at time zone 'UTC')::date)) is not null;
end
$$;
comment on function public.request_ai_validation(uuid) is
  'Asks for a batch to be validated and the result kept on it. False where that was asked for today with the same content.';

revoke all on private.ai_answers from public, anon, authenticated;
grant all on private.ai_answers to service_role;
revoke all on function
  public.find_ai_answer(text), public.keep_ai_answer(text, text, jsonb), public.purge_ai_answers(),
  public.ai_validation_facts(jsonb, uuid), public.ai_validation_batch(uuid), public.store_ai_validation(uuid, jsonb),
  public.request_ai_validation(uuid)
from public, anon, authenticated;
grant execute on function public.ai_validation_facts(jsonb, uuid) to authenticated, service_role;
grant execute on function public.request_ai_validation(uuid) to authenticated;
grant execute on function
  public.find_ai_answer(text), public.keep_ai_answer(text, text, jsonb), public.ai_validation_batch(uuid),
  public.store_ai_validation(uuid, jsonb), public.purge_ai_answers()
to service_role;
