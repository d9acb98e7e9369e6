import { afterAll, beforeAll, expect, test } from 'vitest'
import { mirroredTableNames } from '../../shared/wire/rows.ts'
import { lintRules, offenders } from './lint.ts'
import { type Cloud, SERVER_TEST_MS, startCloud } from './support.ts'

let cloud: Cloud
beforeAll(async () => {
  cloud = await startCloud()
}, SERVER_TEST_MS)
afterAll(() => cloud.stop())

for (const lint of lintRules)
  test(lint.rule, async () => {
    expect(await offenders(cloud.owner, lint), lint.why).toEqual([])
  })

test('every mirrored table counts the changes of its rows', async () => {
  const { rows } = await cloud.owner.query<{ name: string }>(
    `select t as name from unnest($1::text[]) t
     where not exists (
       select 1 from pg_attribute a where a.attrelid = ('public.' || t)::regclass and a.attname = 'version'
         and a.atttypid = 'integer'::regtype and a.attnotnull
     ) or not exists (
       select 1 from pg_trigger g join pg_proc p on p.oid = g.tgfoid
       where g.tgrelid = ('public.' || t)::regclass and p.proname = 'count_version'
     )`,
    [mirroredTableNames],
  )
  expect(rows, 'workstations tell new from old by it: version integer not null and private.count_version()').toEqual([])
})

/** What each rule must find when it is broken on purpose. */
const mistakes = `
create table public.mistake (id uuid primary key, batch_id uuid references public.batches (id), at timestamp, price real, amount numeric(10, 3));
create table private.mistake (id uuid primary key);
grant select on public.mistake to anon;
grant delete on public.mistake to authenticated;
grant select on private.mistake to authenticated;
create view public.mistaken_view as select 1 as one;
create materialized view public.mistaken_summary as select 1 as one;
grant select on public.mistaken_summary to authenticated;
create function public.mistaken() returns uuid language sql volatile security definer as 'select null::uuid';
create function private.mistaken() returns uuid language sql stable set search_path = '' as 'select null::uuid';
grant execute on function public.mistaken() to anon;
revoke all on function private.mistaken() from public;
create policy mistake on public.mistake using (batch_id = public.mistaken() or id = auth.uid() or id = private.mistaken());
`

test('every rule finds a mistake', async () => {
  await cloud.owner.query('begin')
  try {
    await cloud.owner.query(mistakes)
    const silent: string[] = []
    for (const lint of lintRules) {
      const found = await offenders(cloud.owner, lint)
      if (!found.some((name) => name.includes('mistak'))) silent.push(lint.rule)
    }
    expect(silent).toEqual([])
  } finally {
    await cloud.owner.query('rollback')
  }
})
