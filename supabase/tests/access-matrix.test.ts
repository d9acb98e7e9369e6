import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Area, Ending, Reading } from './matrix/area.ts'
import { describeEverything } from './matrix/areas.ts'
import { type Actor, actors, makeWorld, type World } from './matrix/world.ts'
import { type Cloud, SERVER_TEST_MS, startCloud } from './support.ts'

const timeout = SERVER_TEST_MS
let cloud: Cloud
let world: World
let matrix: Area
beforeAll(async () => {
  cloud = await startCloud()
  world = await makeWorld(cloud)
  matrix = describeEverything(world)
}, timeout)
afterAll(() => cloud.stop())

const read = async (actor: Actor, table: string, label: string): Promise<Reading> => {
  try {
    const rows = await world.sessions[actor].query<{ label: string }>(
      `select ${label.replace('$recycler', world.people.recycler)} as label from public.${table}`,
    )
    return rows.map((row) => world.nameOf(row.label)).sort()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === '42501') return 'denied'
    throw error
  }
}

/** Everybody whom policies bind. */
const clients = actors.filter((actor) => actor !== 'service')

const tables = async (kinds = ['r', 'p', 'v', 'm']): Promise<string[]> => {
  const { rows } = await cloud.owner.query<{ name: string }>(
    `select relname as name from pg_class
     where relnamespace = 'public'::regnamespace and relkind::text = any ($1) and not relispartition order by 1`,
    [kinds],
  )
  return rows.map(({ name }) => name)
}

test('every table has its row in the matrix', async () => {
  expect(Object.keys(matrix.tables).sort()).toEqual(await tables())
})

/** All that there is in a table, whoever may see it. */
const readAll = async (table: string, label: string): Promise<readonly string[]> => {
  const { rows } = await cloud.owner.query<{ label: string }>(
    `select ${label.replace('$recycler', world.people.recycler)} as label from public.${table}`,
  )
  return rows.map((row) => world.nameOf(row.label)).sort()
}

test('every actor reads exactly the rows of the matrix', { timeout }, async () => {
  for (const [table, { label, rows }] of Object.entries(matrix.tables)) {
    const all = await readAll(table, label)
    const expected: Partial<Record<Actor, Reading>> = {}
    const seen: Partial<Record<Actor, Reading>> = {}
    for (const actor of actors) {
      expected[actor] = rows[actor] === 'everything' ? all : rows[actor]
      seen[actor] = await read(actor, table, label)
    }
    expect(seen, table).toEqual(expected)
  }
})

test('the helper of policies and the policy on batches give the same answer', { timeout }, async () => {
  const ids = Object.values(world.batches)
  for (const actor of actors) {
    if (actor === 'anon' || actor === 'service') continue
    const rows = await world.sessions[actor].query(
      `select id, private.can_read_batch(id) as helper, exists (select 1 from public.batches b where b.id = t.id) as policy
       from unnest($1::uuid[]) as t (id)`,
      [ids],
    )
    for (const row of rows) expect(row.helper, `${actor} ${world.nameOf(row.id)}`).toBe(row.policy)
  }
})

/** What happened to a statement: refused, without effect, or done. It is rolled back in every case. */
const attempt = async (
  actor: Actor,
  sql: string,
  values: readonly unknown[] = [],
): Promise<'denied' | 'nothing' | 'done'> => {
  const { client, begin } = world.sessions[actor]
  await begin()
  try {
    const { rowCount } = await client.query(sql, [...values])
    return rowCount === 0 ? 'nothing' : 'done'
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === '42501' || String(error.code).startsWith('PT')))
      return 'denied'
    throw error
  } finally {
    await client.query('rollback')
  }
}

test('nobody deletes from or truncates any table', { timeout }, async () => {
  for (const table of await tables(['r', 'p']))
    for (const actor of clients) {
      expect(await attempt(actor, `delete from public.${table}`), `${actor} ${table}`).toBe('denied')
      expect(await attempt(actor, `truncate public.${table} cascade`), `${actor} ${table}`).toBe('denied')
    }
})

test('only these columns are written other than by functions', async () => {
  const { rows } = await cloud.owner.query<{ table: string; column: string; verb: 'insert' | 'update' }>(
    `select c.relname as table, a.attname as column, v.verb
     from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
     cross join (values ('insert'), ('update')) v (verb)
     where c.relnamespace in ('public'::regnamespace, 'private'::regnamespace) and c.relkind in ('r', 'p', 'v')
       and has_column_privilege('authenticated', c.oid, a.attnum, v.verb)
     order by 1, 3, 2`,
  )
  const found: Record<string, { insert: string[]; update: string[] }> = {}
  for (const { table, column, verb } of rows) {
    found[table] ??= { insert: [], update: [] }
    found[table][verb].push(column)
  }
  expect(found).toEqual(matrix.writableColumns)
})

test('only recyclers submit batches, of their own projects, and correct them until they are reviewed', {
  timeout,
}, async () => {
  const insert = `insert into public.batches (user_id, project_id, standard, tons_or_kwh, location, date_submitted)
                  values ($1, $2, 'APRS', 1, 'x', now())`
  for (const actor of clients) {
    const self = world.selfOf(actor)
    const may = actor === 'recycler' ? 'done' : 'denied'
    expect(await attempt(actor, insert, [self, world.projects.mine]), actor).toBe(may)
    expect(await attempt(actor, insert, [self, world.projects.theirs]), actor).toBe('denied')
    const project = `insert into public.projects (user_id, name, standard, location) values ($1, 'x', 'APRS', 'x')`
    expect(await attempt(actor, project, [self]), actor).toBe(may)
    expect(await attempt(actor, project, [world.otherRecycler]), actor).toBe('denied')
    const change = 'update public.batches set tons_or_kwh = 2 where id = $1'
    const none = actor === 'anon' ? 'denied' : 'nothing'
    expect(await attempt(actor, change, [world.batches.pool]), actor).toBe(actor === 'recycler' ? 'done' : none)
    expect(await attempt(actor, change, [world.batches.mine]), actor).toBe(none)
    expect(await attempt(actor, change, [world.batches.theirs]), actor).toBe(none)
    expect(
      await attempt(actor, `update public.batches set status = 'approved' where id = $1`, [world.batches.pool]),
      actor,
    ).toBe('denied')
    expect(await attempt(actor, `update public.projects set name = 'y'`), actor).toBe(
      actor === 'recycler' ? 'done' : none,
    )
  }
})

test('evidence is added by the recycler before, and by whoever works on the batch during the review', {
  timeout,
}, async () => {
  const insert = `insert into public.evidence_files (batch_id, bucket, object_path, sha256, byte_size, media_type, kind, title, uploaded_by)
                  values ($1, 'batch-photos', $2::text || '/x', repeat('a', 64), 1, 'image/jpeg', 'photo', 'x', $2::uuid)`
  const allowed: Partial<Record<Actor, readonly string[]>> = {
    recycler: ['pool'],
    field_agent: ['mine'],
    desk_verifier: ['mine'],
    auditor: ['theirs'],
  }
  for (const actor of clients)
    for (const [name, batch] of Object.entries(world.batches)) {
      const self = world.selfOf(actor)
      const expected = allowed[actor]?.includes(name) ? 'done' : 'denied'
      expect(await attempt(actor, insert, [batch, self]), `${actor} ${name}`).toBe(expected)
      if (self !== world.people.recycler)
        expect(await attempt(actor, insert, [batch, world.people.recycler]), `${actor} for another, ${name}`).toBe(
          'denied',
        )
    }
  const withdraw = 'update public.evidence_files set deleted_at = now() where batch_id = $1'
  expect(await attempt('recycler', withdraw, [world.batches.pool])).toBe('done')
  expect(await attempt('recycler', withdraw, [world.batches.mine])).toBe('nothing')
  expect(await attempt('desk_verifier', withdraw, [world.batches.mine])).toBe('nothing')
})

test('every function that clients or the service role may call has its row in the matrix', async () => {
  const { rows } = await cloud.owner.query<{ name: string }>(
    `select distinct p.proname::text as name from pg_proc p
     where p.pronamespace = 'public'::regnamespace and p.prorettype not in ('trigger'::regtype, 'event_trigger'::regtype)
       and (has_function_privilege('authenticated', p.oid, 'execute') or has_function_privilege('service_role', p.oid, 'execute'))
     order by 1`,
  )
  expect(rows.map(({ name }) => name)).toEqual(Object.keys(matrix.functions).sort())
})

test('every call ends for every actor as in the matrix', { timeout }, async () => {
  for (const [name, { parameters, ends }] of Object.entries(matrix.functions)) {
    const seen: Partial<Record<Actor, Ending>> = {}
    for (const actor of actors) {
      const self = world.selfOf(actor)
      try {
        await world.sessions[actor].call(name, parameters(self))
        seen[actor] = 'ok'
      } catch (error) {
        if (!(error instanceof Error) || !('code' in error)) throw error
        seen[actor] = error.code === '42501' ? '42501' : 'detail' in error ? String(error.detail) : error.message
      }
    }
    expect(seen, name).toEqual(ends)
  }
})

test('no helper can be called with somebody else in mind', async () => {
  const { rows } = await cloud.owner.query<{ name: string }>(
    `select p.oid::regprocedure::text as name from pg_proc p
     where p.pronamespace = 'private'::regnamespace and p.prosecdef and p.provolatile = 'v'
       and has_function_privilege('authenticated', p.oid, 'execute')`,
  )
  // It counts a request of whoever is signed in, and takes nobody's name.
  const counted = ['private.admit(text)']
  expect(
    rows.map(({ name }) => name).filter((name) => !counted.includes(name)),
    'nothing that writes as the owner is callable outside the functions',
  ).toEqual([])
})
