import type pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { migrate } from '../../tools/local-cloud/index.ts'
import { describeCatalogue } from './catalogue.ts'
import { Mirror } from './mirror.ts'
import { batchNow, decision, push, pushOne } from './mutations.ts'
import { type Cloud, migrationsDirectory, openSession, SERVER_TEST_MS, startCloud } from './support.ts'
import { fillRegister, migrateToPreviousRelease, readEverything, type SmallRegister } from './upgrade.ts'

/* The release before this one, with rows in it and a workstation that mirrors them, brought to this one. */

const timeout = SERVER_TEST_MS
let cloud: Cloud
let client: pg.Client
let register: SmallRegister
let mirror: Mirror
let tables: readonly string[]
let before: Awaited<ReturnType<typeof readEverything>>
let feedBefore: readonly string[]
beforeAll(async () => {
  cloud = await startCloud()
  client = await cloud.emptyDatabase()
  const files = await migrateToPreviousRelease(client)
  register = await fillRegister(client)
  mirror = new Mirror(openSession(client, register.desk), `person:${register.desk}`, 20)
  await mirror.bootstrap()
  const { rows } = await client.query<{ name: string }>(
    `select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' order by 1`,
  )
  tables = rows.map(({ name }) => name)
  before = await readEverything(client, tables)
  feedBefore = await feed()
  const applied = await migrate(client, migrationsDirectory)
  expect([files, applied.length]).toEqual([22, expect.any(Number)])
  expect(applied.length).toBeGreaterThan(1)
}, timeout)
afterAll(() => cloud.stop())

const readTrail = async () => ({
  audit_logs: (await readEverything(client, ['audit_entries'])).audit_entries ?? [],
})
const feed = async (): Promise<readonly string[]> => {
  const { rows } = await client.query<{ line: string }>(
    `select concat_ws(' ', scope, tbl, row_id, op, version) as line from public.sync_feed order by 1`,
  )
  return rows.map(({ line }) => line)
}

test('the register of the previous release had something of everything', () => {
  const empty = Object.entries(before)
    .filter(([, rows]) => rows.length === 0)
    .map(([table]) => table)
  expect(empty).toEqual(['certificates', 'signatures', 'trust_anchors'])
  expect(before.audit_logs?.length).toBeGreaterThan(50)
})

test('a verification of the previous release counts for rotation', async () => {
  const { rows } = await client.query<{ counted: number }>(
    'select cardinality(private.verifications_of($1, $2)) as counted',
    [register.auditor, register.recycler],
  )
  expect(rows[0]?.counted).toBe(1)
})

/** What a migration may bring up to date in a row of the previous release: counts of changes, who changed it last, and sums. */
const counted = new Set(['version', 'xid', 'updated_at', 'total_credits_generated', 'total_credits_sold'])

test('every row of the previous release is there with what it said', async () => {
  // The trail keeps what is personal apart; its view puts it back in its place.
  const after: typeof before = { ...(await readEverything(client, tables)), ...(await readTrail()) }
  for (const table of tables) {
    const now = after[table] ?? []
    const columns = Object.keys(before[table]?.[0] ?? {})
    const known = (rows: readonly Readonly<Record<string, unknown>>[]) =>
      rows.map((row) => JSON.stringify(columns.filter((name) => !counted.has(name)).map((name) => [name, row[name]])))
    const there = new Set(known(now))
    expect(
      known(before[table] ?? []).filter((row) => !there.has(row)),
      table,
    ).toEqual([])
  }
})

test('what was mirrored is still fed, nothing that mirrors know was lost', async () => {
  const { rows } = await client.query(
    `select coalesce(l.scope, f.scope) as scope, coalesce(l.tbl, f.tbl) as tbl, l.version as live, f.version as fed
     from private.scope_rows l
     full join (select * from public.sync_feed where op = 'U') f on f.scope = l.scope and f.tbl = l.tbl and f.row_id = l.row_id
     where f.version is distinct from l.version`,
  )
  expect(rows).toEqual([])
  const keys = (lines: readonly string[]) => new Set(lines.map((line) => line.split(' ').slice(0, 3).join(' ')))
  const now = keys(await feed())
  expect([...keys(feedBefore)].filter((key) => !now.has(key))).toEqual([])
})

test('content hashes are those of before, and what they are computed from gives the same', async () => {
  const { rows } = await client.query<{ id: string; stored: string; computed: string }>(
    'select id, content_hash as stored, public.batch_content_hash(id) as computed from public.batches',
  )
  const old = new Map((before.batches ?? []).map((row) => [row.id, row.content_hash]))
  for (const { id, stored, computed } of rows) expect([stored, computed], id).toEqual([old.get(id), old.get(id)])
  expect(rows).toHaveLength(12)
})

test('a workstation of the previous release pulls on from where it was', { timeout }, async () => {
  await mirror.pull()
  const fresh = new Mirror(openSession(client, register.desk), `person:${register.desk}`, 20)
  await fresh.bootstrap()
  const versions = (of: Mirror) => [...of.rows].map(([key, { version }]) => `${key} ${version}`).sort()
  expect(versions(mirror)).toEqual(versions(fresh))
  expect(mirror.rows.size).toBeGreaterThan(20)
})

test('the review that was open goes on, and a change that was sent before is a duplicate', { timeout }, async () => {
  const desk = openSession(client, register.desk)
  const [open = '', openToo = ''] = register.open
  expect(await pushOne(desk, decision(open, await batchNow(client, open)))).toMatchObject({ code: 'open_findings' })
  const sent = decision(openToo, await batchNow(client, openToo), { action: 'reject', reason_code: 'evidence_missing' })
  expect(await push(desk, [sent, register.applied])).toMatchObject([{ status: 'applied' }, { status: 'duplicate' }])
})

test('the trail of the previous release is in the chain, and holds', { timeout }, async () => {
  const { rows } = await client.query<{ answer: { ok: boolean; entries: number } }>(
    'select public.verify_audit_chain() as answer',
  )
  expect(rows[0]?.answer).toMatchObject({ ok: true, first_break: null })
  expect(rows[0]?.answer.entries).toBeGreaterThanOrEqual(before.audit_logs?.length ?? 0)
})

test('the schema is the one of an empty database', { timeout }, async () => {
  expect(await describeCatalogue(client)).toEqual(await describeCatalogue(cloud.owner))
})
