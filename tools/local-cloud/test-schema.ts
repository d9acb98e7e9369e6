/** A small schema that shows what the REST and storage interfaces do; the product's own is in `supabase/migrations`. */
export const TEST_SCHEMA: Readonly<Record<string, string>> = {
  '20260101000000_test.sql': `
create table public.notes (
  id int primary key,
  amount numeric(10, 2) check (amount > 0),
  body jsonb,
  owner uuid not null default auth.uid()
);
alter table public.notes enable row level security;
create policy own_notes on public.notes for all to authenticated
  using (owner = (select auth.uid())) with check (owner = (select auth.uid()));
revoke all on public.notes from anon;

create function public.echo(value jsonb, label text default null) returns jsonb language sql as $$
  select jsonb_build_object('value', value, 'type', jsonb_typeof(value), 'label', label, 'user', auth.uid())
$$;
create function public.refuse() returns jsonb language plpgsql as $$ begin
  raise exception 'This batch is not assigned to you.'
    using errcode = 'PT403', detail = 'not_assigned', hint = 'Ask for the assignment.';
end $$;
create function public.collide(state text) returns jsonb language plpgsql as $$ begin
  raise exception 'Somebody else was quicker.' using errcode = state, detail = 'the detail';
end $$;
create function public.numbers(how_many int) returns setof int language sql as $$
  select generate_series(1, how_many)
$$;
create function public.pieces(up_to int default 2) returns table (piece int, half numeric(10, 2)) language sql as $$
  select n, n / 2.0 from generate_series(1, up_to) n
$$;
create function public.nothing() returns void language sql as '';
create function public.teapot() returns jsonb language plpgsql as $$ begin
  perform set_config('response.status', '418', true),
    set_config('response.headers', '[{"Retry-After": "7"}, {"X-Kind": "tea"}]', true);
  return jsonb_build_object('path', current_setting('request.path'), 'method', current_setting('request.method'),
    'client', current_setting('request.headers')::jsonb ->> 'x-client');
end $$;
create function public.chosen() returns jsonb language plpgsql as $$ begin
  raise sqlstate 'PGRST' using message = '{"code": "busy", "message": "Come back later."}', detail = '{"status": 429, "headers": {"Retry-After": "3"}}';
end $$;
create function public.whoever() returns text language sql as 'select current_user::text';

insert into storage.buckets (id, name, file_size_limit, allowed_mime_types) values
  ('documents', 'documents', 1048576, null),
  ('photos', 'photos', null, '{image/*}');
create policy own_folder on storage.objects for all to authenticated
  using ((storage.foldername(name))[1] = (select auth.uid())::text)
  with check ((storage.foldername(name))[1] = (select auth.uid())::text);
`,
}

/** People who can sign in to a cloud that was seeded for tests. */
export const PEOPLE = {
  amina: { id: '11111111-1111-4111-8111-111111111111', email: 'amina@example.org', password: 'plastic-neutral' },
  bram: { id: '22222222-2222-4222-8222-222222222222', email: 'bram@example.org', password: 'carbon-neutral' },
} as const
