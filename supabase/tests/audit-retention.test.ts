import { createHash } from 'node:crypto'
import { copyFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type pg from 'pg'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { AuditAnchor } from '../../shared/domain/audit-chain.ts'
import { verifyAuditChain } from '../../shared/domain/verify-audit-chain.ts'
import { auditDigest, readAuditChain } from '../../tools/audit-chain/read-audit-chain.ts'
import { migrate } from '../../tools/local-cloud/index.ts'
import { addOrganization, addPerson, type Cloud, migrationsDirectory, SERVER_TEST_MS, startCloud } from './support.ts'

const timeout = SERVER_TEST_MS
const firstOfChain = '20261121110000_audit_chain.sql'
let cloud: Cloud
beforeAll(async () => {
  cloud = await startCloud()
}, timeout)
afterAll(() => cloud.stop())

/** Entries as the version before wrote them: [created_at, table, name]. */
const oldEntries = [
  ['2018-01-31T23:59:59.999999Z', 'organizations', 'First'],
  ['2018-01-01T00:00:00Z', 'organizations', 'Zeroth'],
  ['2018-02-01T00:00:00Z', 'organizations', 'Second'],
  ['2018-03-10T12:00:00Z', 'users', 'Known by name'],
  ['2024-05-01T00:00:00Z', 'organizations', 'Young'],
] as const

/** A database whose audit log was written by the version before this one, and then migrated. */
let old: pg.Client
let before: readonly { readonly id: string }[]
let person: string
beforeEach(async () => {
  old = await cloud.emptyDatabase()
  const former = mkdtempSync(path.join(os.tmpdir(), 'veridesk-former-'))
  try {
    for (const file of readdirSync(migrationsDirectory))
      if (file < firstOfChain) copyFileSync(path.join(migrationsDirectory, file), path.join(former, file))
    await migrate(old, former)
  } finally {
    rmSync(former, { recursive: true })
  }
  person = await addPerson(old, { role: 'buyer', name: 'Earlier', grants: [] })
  await old.query('insert into public.audit_logs (action, created_at) values ($1, null)', ['UNDATED'])
  for (const [at, table, name] of oldEntries)
    await old.query(
      `insert into public.audit_logs (user_id, action, table_name, record_id, old_values, new_values, ip_address, user_agent, created_at)
       values ($1, 'UPDATE', $2, $1, $3, $4, '10.1.2.3', 'old', $5)`,
      [person, table, { id: person, name: 'Before' }, { id: person, name }, at],
    )
  const columns =
    'id, user_id, action, table_name, record_id, old_values, new_values, host(ip_address) as ip_address, user_agent, created_at::text'
  before = (await old.query(`select ${columns} from public.audit_logs where created_at is not null order by id`)).rows
  await migrate(old, migrationsDirectory)
  // Migrations that came later are on record themselves.
  const carried = await old.query(`select ${columns} from public.audit_entries where id = any ($1) order by id`, [
    before.map(({ id }) => id),
  ])
  expect(carried.rows).toEqual(before)
}, timeout)

const check = async (client: pg.Client) => {
  const { rows } = await client.query('select public.verify_audit_chain() as answer')
  const here = verifyAuditChain(await readAuditChain(client), auditDigest)
  expect(here).toEqual(rows[0].answer)
  return here
}

const partitions = async (): Promise<string[]> => {
  const { rows } = await old.query('select month::date::text as month from private.audit_partitions() order by 1')
  return rows.map(({ month }) => month)
}

test('a log of the version before is carried over, entry by entry, into months that are sealed', {
  timeout,
}, async () => {
  expect((await partitions()).slice(0, 4)).toEqual(['2018-01-01', '2018-02-01', '2018-03-01', '2024-05-01'])
  const { rows } = await old.query(
    `select s.seq::int, s.entries, min(l.tableoid::regclass::text) as part from public.audit_seals s
     join public.audit_logs l using (bundle) where l.created_at < '2025-01-01' group by s.seq, s.entries order by s.seq`,
  )
  expect(rows).toEqual([
    { seq: 1, entries: 2, part: 'private.audit_logs_2018_01' },
    { seq: 2, entries: 1, part: 'private.audit_logs_2018_02' },
    { seq: 3, entries: 1, part: 'private.audit_logs_2018_03' },
    { seq: 4, entries: 1, part: 'private.audit_logs_2024_05' },
  ])
  await addOrganization(old, 'After')
  expect(await check(old)).toMatchObject({ ok: true })
  const { rows: shown } = await old.query(
    `select new_values ->> 'name' as name from public.audit_logs where created_at = '2018-03-10T12:00:00Z'`,
  )
  expect(shown[0].name, 'a name is not in the entry itself').toMatch(/^\{"sha256": "[0-9a-f]{64}"\}$/)
  const { rows: undated } = await old.query(`select count(*)::int from public.audit_logs where action = 'UNDATED'`)
  expect(undated).toEqual([{ count: 1 }])
})

test('months older than seven years go behind an anchor, younger ones stay, and the rest can be checked', {
  timeout,
}, async () => {
  const archived = await readAuditChain(old)
  await expect(old.query(`select private.retire_audit_partitions(now() + interval '1 day')`)).rejects.toMatchObject({
    code: 'PT400',
    detail: 'too_early',
  })
  const whole = await check(old)
  expect((await old.query(`select private.retire_audit_partitions('2025-02-28T23:59:59Z') as count`)).rows).toEqual([
    { count: 1 },
  ])
  expect((await partitions())[0]).toBe('2018-02-01')
  expect(await check(old)).toMatchObject({ ok: true, entries: whole.entries - 2 + 1, seals: whole.seals - 1 + 1 })
  expect((await old.query(`select private.retire_audit_partitions('2026-11-01T00:00:00Z') as count`)).rows).toEqual([
    { count: 2 },
  ])
  expect((await old.query(`select private.retire_audit_partitions('2026-11-01T00:00:00Z') as count`)).rows).toEqual([
    { count: 0 },
  ])
  expect((await partitions())[0]).toBe('2024-05-01')
  await addOrganization(old, 'After')
  expect(await check(old)).toMatchObject({ ok: true, entries: whole.entries - 4 + 3 + 1 })

  const { rows } = await old.query<{ list: AuditAnchor[] }>('select public.audit_anchor_list() as list')
  const anchors = rows[0]?.list ?? []
  expect(
    anchors.map(({ kind, seal_seq, first_seal, last_seal, entries }) => [
      kind,
      seal_seq,
      first_seal,
      last_seal,
      entries,
    ]),
  ).toEqual([
    ['retirement', 1, 1, 1, 2],
    ['retirement', 2, 2, 2, 1],
    ['retirement', 3, 3, 3, 1],
  ])
  // An archived copy of what was removed is proved by the anchors that were exported.
  for (const anchor of anchors) {
    const seals = archived.seals.filter(({ seq }) => seq >= (anchor.first_seal ?? 0) && seq <= (anchor.last_seal ?? 0))
    const digest = createHash('sha256')
      .update(Buffer.from(seals.map(({ hash }) => hash).join(''), 'hex'))
      .digest('hex')
    expect(digest).toBe(anchor.digest)
    const prove = async (given: object) =>
      (await old.query('select public.prove_audit_anchor($1) as proved', [JSON.stringify(given)])).rows[0].proved
    expect(await prove(anchor)).toBe(true)
    expect(await prove({ ...anchor, entries: 7 })).toBe(false)
    expect(await prove({ ...anchor, hash: '0'.repeat(64) })).toBe(false)
  }
  const { rows: told } = await old.query(
    `select new_values ->> 'hash' as hash, severity from public.audit_logs where action = 'RETIRE' order by bundle`,
  )
  expect(told).toEqual(anchors.map(({ hash }) => ({ hash, severity: 'warning' })))
  const { rows: values } = await old.query(`select 1 from public.audit_values where entry_created_at < '2019-01-01'`)
  expect(values, 'personal values go with their month').toEqual([])
})

test('a seal that was made after younger ones stays until they go', { timeout }, async () => {
  // As if the transaction of February had waited for the one of March.
  await old.query(`begin; set local session_replication_role = replica`)
  await old.query('update public.audit_seals set entries_at = $1 where seq = 2', ['2018-03-01T00:00:00Z'])
  await old.query('update public.audit_seals set entries_at = $1 where seq = 3', ['2018-02-28T00:00:00Z'])
  await old.query(`update public.audit_logs set bundle = 5 - bundle where bundle in (2, 3)`)
  await old.query(
    `update public.audit_logs l set entry_hash = private.text_hash(private.audit_entry_text(l)) where bundle in (2, 3)`,
  )
  await old.query(
    `update public.audit_seals s set entries_hash = sha256(l.entry_hash) from public.audit_logs l where l.bundle = s.bundle and s.seq in (2, 3)`,
  )
  for (const seq of [2, 3, 4, 5]) {
    await old.query(
      `update public.audit_seals s set previous_hash = p.hash from public.audit_seals p where p.seq = s.seq - 1 and s.seq = $1`,
      [seq],
    )
    await old.query(
      'update public.audit_seals s set hash = private.text_hash(private.audit_seal_text(s)) where seq = $1',
      [seq],
    )
  }
  await old.query(
    'delete from public.audit_logs l using public.audit_seals s where s.bundle = l.bundle and s.seq > 5; delete from public.audit_seals where seq > 5',
  )
  await old.query('commit')
  expect(await check(old)).toMatchObject({ ok: true })
  await old.query(`select private.retire_audit_partitions('2025-03-01T00:00:00Z')`)
  const { rows } = await old.query('select seq::int from public.audit_seals order by seq limit 2')
  expect(rows, 'the seal of March is the second, that of February the third').toEqual([{ seq: 2 }, { seq: 3 }])
  expect(await check(old)).toMatchObject({ ok: true })
  await old.query(`select private.retire_audit_partitions('2025-04-01T00:00:00Z')`)
  expect((await old.query('select min(seq)::int as seq from public.audit_seals')).rows).toEqual([{ seq: 4 }])
  expect(await check(old)).toMatchObject({ ok: true })
})

test('nothing is removed of a chain that is broken', { timeout }, async () => {
  await old.query(`begin; set local session_replication_role = replica`)
  await old.query(`update public.audit_logs set action = 'x' where created_at = '2018-02-01T00:00:00Z'`)
  await old.query('commit')
  await expect(old.query(`select private.retire_audit_partitions('2026-11-01T00:00:00Z')`)).rejects.toMatchObject({
    detail: 'chain_broken',
  })
  expect((await partitions())[0]).toBe('2018-01-01')
})

test('seals go only with the months that an anchor stands for', { timeout }, async () => {
  const refused = { code: 'PT409', detail: 'immutable' }
  await expect(old.query('delete from public.audit_seals where seq = 1')).rejects.toMatchObject(refused)
  await old.query(`select private.retire_audit_partitions('2026-11-01T00:00:00Z')`)
  await expect(old.query('delete from public.audit_seals')).rejects.toMatchObject(refused)
})

test('a month without a partition is caught, and gets one later', { timeout }, async () => {
  const { rows } = await old.query<{ part: string }>(
    `select to_char(now() at time zone 'UTC', '"private.audit_logs_"YYYY_MM') as part`,
  )
  const part = rows[0]?.part ?? ''
  // This month's entries are copied away and back, so that its partition can be missing.
  await old.query('begin')
  await old.query('set constraints all immediate')
  await old.query(`create table private.saved as select * from ${part}`)
  await old.query(`drop table ${part}`)
  await old.query(
    `set local session_replication_role = replica; insert into public.audit_logs select * from private.saved`,
  )
  await old.query('commit')
  await addOrganization(old, 'Caught')
  const caught = await old.query('select count(*)::int as count from private.audit_logs_default')
  expect(caught.rows[0].count).toBeGreaterThan(1)
  expect(await check(old)).toMatchObject({ ok: true })
  expect((await old.query('select private.prepare_audit_partitions(14) as made')).rows).toEqual([{ made: 3 }])
  expect((await old.query('select count(*)::int as count from private.audit_logs_default')).rows).toEqual([
    { count: 0 },
  ])
  expect((await old.query(`select count(*)::int as count from ${part}`)).rows).toEqual(caught.rows)
  await addOrganization(old, 'In its month')
  expect(await check(old)).toMatchObject({ ok: true })
  await expect(old.query(`delete from ${part}`)).rejects.toMatchObject({ code: 'PT409' })
  expect((await old.query('select private.prepare_audit_partitions(14) as made')).rows).toEqual([{ made: 0 }])
})

test('a day of maintenance makes months ahead, retires old ones and anchors the head, and another one does nothing', {
  timeout,
}, async () => {
  await old.query('set role service_role')
  const maintain = async () => (await old.query('select public.maintain_audit_log() as done')).rows[0].done
  const first = await maintain()
  expect(first).toMatchObject({ partitions_made: 0, partitions_retired: 3, anchor: 4 })
  // What the first one wrote of itself was sealed when it committed.
  expect(await maintain()).toEqual({ partitions_made: 0, partitions_retired: 0, anchor: 5 })
  expect(await maintain()).toEqual({ partitions_made: 0, partitions_retired: 0, anchor: null })
  await old.query('reset role')
  expect(await check(old)).toMatchObject({ ok: true })
  const buyer = await cloud.openAs(await addPerson(cloud.owner, { role: 'buyer' }))
  await expect(buyer.query('select public.maintain_audit_log()')).rejects.toMatchObject({ code: '42501' })
})
