import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Actor, actors, makeWorld, type World } from './matrix-world.ts'
import { type Cloud, SERVER_TEST_MS, smallRubric, startCloud } from './support.ts'

const timeout = SERVER_TEST_MS
let cloud: Cloud
let world: World
beforeAll(async () => {
  cloud = await startCloud()
  world = await makeWorld(cloud)
}, timeout)
afterAll(() => cloud.stop())

/** What an actor reads of a table: names of rows, or `denied` where even asking is refused. */
type Reading = readonly string[] | 'denied'
type Readings = Readonly<Record<Actor, Reading>>

const nobody: Reading = []
const everything = ['mine', 'pool', 'settled', 'theirs']
const readings = (given: Partial<Record<Actor, Reading>>): Readings => {
  const filled = Object.fromEntries(actors.map((actor) => [actor, given[actor] ?? nobody])) as Record<Actor, Reading>
  return { ...filled, anon: 'denied' }
}
const deniedToAll = Object.fromEntries(actors.map((actor) => [actor, 'denied'])) as Record<Actor, Reading>
const letIn = (rows: Reading, others: Partial<Record<Actor, Reading>> = {}): Readings =>
  readings({
    recycler: rows,
    buyer: rows,
    field_agent: rows,
    desk_verifier: rows,
    auditor: rows,
    compliance: rows,
    admin: rows,
    ...others,
  })

const reviewing = {
  field_agent: ['mine'],
  desk_verifier: ['mine'],
  auditor: ['theirs'],
  compliance: everything,
  admin: everything,
}
const withRecycler = { ...reviewing, recycler: ['mine', 'pool'] }
const withPool = { ...withRecycler, desk_verifier: ['mine', 'pool'], auditor: ['pool', 'theirs'] }

/** Every table of `public`: the expression that names its rows, and who reads which. */
const selectMatrix: Readonly<Record<string, { readonly label: string; readonly rows: () => Readings }>> = {
  batches: { label: 'id', rows: () => readings(withPool) },
  evidence_files: { label: 'batch_id', rows: () => readings(withPool) },
  projects: {
    label: `case user_id when '$recycler' then 'mine' else 'theirs' end`,
    rows: () =>
      readings({
        recycler: ['mine'],
        field_agent: ['mine'],
        desk_verifier: ['mine'],
        auditor: ['mine', 'theirs'],
        compliance: ['mine', 'theirs'],
        admin: ['mine', 'theirs'],
      }),
  },
  assignments: {
    label: 'batch_id',
    rows: () => {
      const all = ['mine', 'mine', 'mine', 'mine', 'settled', 'theirs', 'theirs', 'theirs']
      const mine = ['mine', 'mine', 'mine', 'mine']
      return readings({
        field_agent: mine,
        desk_verifier: mine,
        auditor: ['theirs', 'theirs', 'theirs'],
        compliance: all,
        admin: all,
      })
    },
  },
  scores: { label: 'batch_id', rows: () => readings(reviewing) },
  findings: { label: 'batch_id', rows: () => readings(withRecycler) },
  finding_rounds: { label: 'batch_id', rows: () => readings(withRecycler) },
  decisions: { label: 'batch_id', rows: () => readings(withRecycler) },
  certificates: { label: 'batch_id', rows: () => readings(withRecycler) },
  signatures: { label: 'batch_id', rows: () => readings(withRecycler) },
  verifications: { label: 'batch_id', rows: () => readings(withRecycler) },
  users: {
    label: 'id',
    rows: () =>
      readings({
        ...Object.fromEntries(actors.map((actor) => [actor, [actor]])),
        admin: [...actors.filter((actor) => actor !== 'anon'), 'other recycler'].sort(),
      }),
  },
  people: {
    label: 'id',
    rows: () => letIn([...actors.filter((actor) => actor !== 'anon' && actor !== 'pending'), 'other recycler'].sort()),
  },
  organizations: { label: 'name', rows: () => letIn(['Works']) },
  trust_anchors: { label: 'name', rows: () => letIn(['in force']) },
  rubrics: { label: 'standard', rows: () => letIn(['APRS'], { admin: ['APRS', 'PCX'] }) },
  credit_rules: { label: `'rule'`, rows: () => letIn(Array.from({ length: 6 }, () => 'rule')) },
  user_grants: {
    label: 'user_id',
    rows: () => readings({ compliance: ['compliance', 'pending'], admin: ['compliance', 'pending'] }),
  },
  devices: {
    label: 'user_id',
    rows: () => readings({ recycler: ['recycler'], auditor: ['auditor'], admin: ['auditor', 'recycler'] }),
  },
  audit_logs: { label: `distinct 'entries'`, rows: () => readings({ compliance: ['entries'], admin: ['entries'] }) },
  sync_feed: {
    label: `distinct case when scope like 'person:%' then 'person' else scope end`,
    rows: () =>
      letIn(['reference'], {
        field_agent: ['person', 'reference'],
        desk_verifier: ['person', 'pool', 'reference'],
        auditor: ['person', 'pool', 'reference'],
        compliance: ['reference', 'register'],
        admin: ['reference', 'register'],
      }),
  },
  sync_mutations: { label: 'mutation_id', rows: () => deniedToAll },
  server_state: { label: 'server_epoch', rows: () => deniedToAll },
}

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

const tables = async (): Promise<string[]> => {
  const { rows } = await cloud.owner.query<{ name: string }>(
    `select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm') order by 1`,
  )
  return rows.map(({ name }) => name)
}

test('every table has its row in the matrix', async () => {
  expect(Object.keys(selectMatrix).sort()).toEqual(await tables())
})

test('every actor reads exactly the rows of the matrix', { timeout }, async () => {
  for (const [table, { label, rows }] of Object.entries(selectMatrix)) {
    const seen: Partial<Record<Actor, Reading>> = {}
    for (const actor of actors) seen[actor] = await read(actor, table, label)
    expect(seen, table).toEqual(rows())
  }
})

test('the helper of policies and the policy on batches give the same answer', { timeout }, async () => {
  const ids = Object.values(world.batches)
  for (const actor of actors) {
    if (actor === 'anon') continue
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
  for (const table of await tables())
    for (const actor of actors) {
      expect(await attempt(actor, `delete from public.${table}`), `${actor} ${table}`).toBe('denied')
      expect(await attempt(actor, `truncate public.${table} cascade`), `${actor} ${table}`).toBe('denied')
    }
})

const writableColumns: Readonly<
  Record<string, { readonly insert: readonly string[]; readonly update: readonly string[] }>
> = {
  batches: {
    insert:
      'date_submitted description documents id location period_end period_start photos project_id standard tons_or_kwh user_id'.split(
        ' ',
      ),
    update: 'date_submitted description documents location period_end period_start photos tons_or_kwh'.split(' '),
  },
  projects: {
    insert: 'coordinates credit_price description id latitude location longitude name standard time_zone user_id'.split(
      ' ',
    ),
    update: 'coordinates credit_price description latitude location longitude name time_zone'.split(' '),
  },
  evidence_files: {
    insert: 'batch_id bucket byte_size effective_at id kind media_type object_path sha256 title uploaded_by'.split(' '),
    update: ['deleted_at'],
  },
  users: {
    insert: [],
    update: 'compliance_certifications kyb_document_urls license_number mobile name organization_name'.split(' '),
  },
}

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
  expect(found).toEqual(writableColumns)
})

test('only recyclers submit batches, of their own projects, and correct them until they are reviewed', {
  timeout,
}, async () => {
  const insert = `insert into public.batches (user_id, project_id, standard, tons_or_kwh, location, date_submitted)
                  values ($1, $2, 'APRS', 1, 'x', now())`
  for (const actor of actors) {
    const self = actor === 'anon' ? world.people.recycler : world.people[actor]
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
                  values ($1, 'batch-photos', 'x', repeat('a', 64), 1, 'image/jpeg', 'photo', 'x', $2)`
  const allowed: Partial<Record<Actor, readonly string[]>> = {
    recycler: ['pool'],
    field_agent: ['mine'],
    desk_verifier: ['mine'],
    auditor: ['theirs'],
  }
  for (const actor of actors)
    for (const [name, batch] of Object.entries(world.batches)) {
      const self = actor === 'anon' ? world.people.recycler : world.people[actor]
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

/** How a call of a function ends for each actor: `ok`, or the machine code of the refusal. */
type Ending = string
const endings = (rest: Ending, given: Partial<Record<Actor, Ending>> = {}): Readonly<Record<Actor, Ending>> => ({
  ...(Object.fromEntries(actors.map((actor) => [actor, rest])) as Record<Actor, Ending>),
  anon: '42501',
  pending: 'account_pending',
  suspended: 'account_suspended',
  ...given,
})

const functionMatrix: Readonly<
  Record<
    string,
    {
      readonly parameters: (self: string) => Readonly<Record<string, unknown>>
      readonly ends: Readonly<Record<Actor, Ending>>
    }
  >
> = {
  workstation_handshake: {
    parameters: () => ({ p_request: { protocol_version: 1, schema_version: 1, device_id: randomUUID() } }),
    ends: endings('ok'),
  },
  sync_bootstrap: {
    parameters: () => ({ p_scope: 'register', p_table: 'batches', p_after: null, p_limit: 10 }),
    ends: endings('scope_not_held', { compliance: 'ok', admin: 'ok' }),
  },
  sync_pull: {
    parameters: () => ({ p_scope: 'pool', p_cursor: '1:1:', p_upto: null, p_after: null, p_limit: 10 }),
    ends: endings('scope_not_held', { desk_verifier: 'ok', auditor: 'ok' }),
  },
  sync_digest: { parameters: () => ({ p_scope: 'reference' }), ends: endings('ok') },
  sync_push: { parameters: () => ({ p_mutations: [] }), ends: endings('ok') },
  batch_content_hash: {
    parameters: () => ({ batch_id: world.batches.mine }),
    ends: endings('ok', { pending: 'ok', suspended: 'ok' }),
  },
  calculate_batch_credits: {
    parameters: () => ({ batch_id: world.batches.pool }),
    ends: endings('not_allowed', { recycler: 'ok', admin: 'ok', pending: 'not_allowed', suspended: 'not_allowed' }),
  },
  record_user_login: {
    parameters: (self) => ({ user_id: self }),
    ends: endings('ok', { pending: 'ok', suspended: 'ok' }),
  },
  change_person: {
    parameters: () => ({ p_user: world.people.buyer, p_changes: { sub_role: null } }),
    ends: endings('not_allowed', { admin: 'ok' }),
  },
  publish_rubric: {
    parameters: () => ({ p_standard: 'ARCS', p_title: 'x', p_body: smallRubric }),
    ends: endings('not_allowed', { admin: 'ok' }),
  },
  assign_batches: {
    parameters: () => ({ p_batches: [world.batches.pool], p_user: world.people.auditor, p_role: 'accredited_auditor' }),
    ends: endings('not_allowed', { admin: 'ok' }),
  },
  end_assignments: {
    parameters: () => ({ p_batches: [world.batches.pool], p_user: world.people.auditor }),
    ends: endings('not_allowed', { admin: 'ok' }),
  },
}

test('every function that clients may call has its row in the matrix', async () => {
  const { rows } = await cloud.owner.query<{ name: string }>(
    `select p.proname as name from pg_proc p
     where p.pronamespace = 'public'::regnamespace and has_function_privilege('authenticated', p.oid, 'execute') order by 1`,
  )
  expect(rows.map(({ name }) => name)).toEqual(Object.keys(functionMatrix).sort())
})

test('every call ends for every actor as in the matrix', { timeout }, async () => {
  for (const [name, { parameters, ends }] of Object.entries(functionMatrix)) {
    const seen: Partial<Record<Actor, Ending>> = {}
    for (const actor of actors) {
      const self = actor === 'anon' ? world.people.recycler : world.people[actor]
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
  expect(rows, 'nothing that writes as the owner is callable outside the functions').toEqual([])
})
