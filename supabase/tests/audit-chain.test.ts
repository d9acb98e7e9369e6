import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { verifyAuditChain } from '../../shared/domain/verify-audit-chain.ts'
import { auditDigest, readAuditChain } from '../../tools/audit-chain/read-audit-chain.ts'
import { addOrganization, addPerson, type Cloud, SERVER_TEST_MS, startCloud } from './support.ts'

const timeout = SERVER_TEST_MS
let cloud: Cloud
beforeAll(async () => {
  cloud = await startCloud()
}, timeout)
afterAll(() => cloud.stop())

const one = async <Row extends object>(sql: string, values: readonly unknown[] = []): Promise<Row> => {
  const { rows } = await cloud.owner.query<Row & { [column: string]: unknown }>(sql, [...values])
  const [row] = rows
  if (row === undefined) throw new Error(`No row from ${sql}`)
  return row
}

/** Checks the chain in the cloud and here, and gives the answer that both must give. */
const check = async () => {
  const { answer } = await one<{ answer: unknown }>('select public.verify_audit_chain() as answer')
  const here = verifyAuditChain(await readAuditChain(cloud.owner), auditDigest)
  expect(here).toEqual(answer)
  return here
}

const head = async (): Promise<number> => {
  const { seq } = await one<{ seq: string }>('select seq from private.audit_head()')
  return Number(seq)
}

const insertOrganization = `insert into public.organizations (id, name) values ($1, 'Sealed')`

test('a transaction is sealed once, with all that it wrote', { timeout }, async () => {
  const before = await head()
  await cloud.owner.query('begin')
  for (let count = 0; count < 3; count++) await cloud.owner.query(insertOrganization, [randomUUID()])
  expect(await head(), 'nothing is sealed before the commit').toBe(before)
  await cloud.owner.query('commit')
  expect(await one('select seq::int, entries from public.audit_seals order by seq desc limit 1')).toEqual({
    seq: before + 1,
    entries: 3,
  })
  expect(await check()).toMatchObject({ ok: true, head: { seal: before + 1 } })
})

test('what is rolled back, whole or to a savepoint, leaves neither gap nor entry', { timeout }, async () => {
  const before = await head()
  const kept = [randomUUID(), randomUUID()]
  const { owner } = cloud
  await owner.query('begin')
  await owner.query(insertOrganization, [randomUUID()])
  await owner.query('rollback')
  await owner.query('begin')
  // The first entry of the transaction is taken back: the next one is the first.
  await owner.query('savepoint one')
  await owner.query(insertOrganization, [randomUUID()])
  await owner.query('rollback to one')
  await owner.query(insertOrganization, [kept[0]])
  await owner.query('savepoint two')
  await owner.query(insertOrganization, [randomUUID()])
  await owner.query('rollback to two')
  await owner.query(insertOrganization, [kept[1]])
  await owner.query('commit')
  await owner.query('begin')
  await owner.query('savepoint whole')
  await owner.query(insertOrganization, [randomUUID()])
  await owner.query('rollback to whole')
  await owner.query('commit')
  expect(await head()).toBe(before + 1)
  const { rows } = await owner.query(
    `select l.record_id, l.ordinal from public.audit_logs l join public.audit_seals s using (bundle) where s.seq = $1 order by ordinal`,
    [before + 1],
  )
  expect(rows).toEqual(kept.map((record_id, index) => ({ record_id, ordinal: index + 1 })))
  expect(await check()).toMatchObject({ ok: true })
})

test('a transaction that is sealed early goes on under a second seal', { timeout }, async () => {
  const before = await head()
  const { owner } = cloud
  await owner.query('begin')
  await owner.query(insertOrganization, [randomUUID()])
  await owner.query('set constraints all immediate')
  await owner.query(insertOrganization, [randomUUID()])
  await owner.query('set constraints all deferred')
  await owner.query('savepoint here')
  await owner.query(insertOrganization, [randomUUID()])
  await owner.query('set constraints all immediate')
  await owner.query('rollback to here')
  await owner.query('commit')
  expect(await head()).toBe(before + 2)
  expect(await check()).toMatchObject({ ok: true })
})

test('writers at once, some of whom roll back, make one chain without gap and fork', { timeout }, async () => {
  const before = await head()
  const connections = await Promise.all(Array.from({ length: 16 }, () => cloud.connect()))
  let committed = 0
  await Promise.all(
    connections.map(async (client, writer) => {
      for (let round = 0; round < 25; round++) {
        await client.query('begin')
        for (let row = 0; row <= round % 3; row++) await client.query(insertOrganization, [randomUUID()])
        await client.query('savepoint inner_part')
        await client.query(insertOrganization, [randomUUID()])
        if ((round + writer) % 3 === 0) await client.query('rollback to inner_part')
        if ((round + writer) % 5 === 0) await client.query('rollback')
        else {
          await client.query('commit')
          committed += 1
        }
      }
    }),
  )
  expect(await head()).toBe(before + committed)
  expect(await check()).toMatchObject({ ok: true, head: { seal: before + committed } })
  const { rows } = await cloud.owner.query(
    'select 1 from public.audit_seals group by previous_hash having count(*) > 1',
  )
  expect(rows, 'no two seals follow the same one').toEqual([])
})

test('an audited row is refused under another isolation level', { timeout }, async () => {
  for (const level of ['repeatable read', 'serializable']) {
    await cloud.owner.query(`begin isolation level ${level}`)
    await expect(cloud.owner.query(insertOrganization, [randomUUID()])).rejects.toMatchObject({
      code: 'PT409',
      detail: 'isolation_level',
    })
    await cloud.owner.query('rollback')
  }
})

test('twenty thousand rows in one transaction are one seal', { timeout }, async () => {
  await cloud.owner.query(
    `insert into public.organizations (name) select 'Bulk ' || n from generate_series(1, 20000) n`,
  )
  expect(await one('select entries from public.audit_seals order by seq desc limit 1')).toEqual({ entries: 20_000 })
  expect(await check()).toMatchObject({ ok: true })
})

test('nobody changes or removes entries, seals, values or anchors, in no partition', { timeout }, async () => {
  await cloud.owner.query('select private.anchor_audit_head()')
  const { rows: parts } = await cloud.owner.query<{ name: string }>(
    `select inhrelid::regclass::text as name from pg_inherits where inhparent = 'public.audit_logs'::regclass`,
  )
  expect(parts.length).toBeGreaterThan(12)
  const tables = ['public.audit_logs', ...parts.map(({ name }) => name), 'public.audit_seals', 'public.audit_anchors']
  const refused = { code: 'PT409', detail: 'immutable' }
  for (const table of tables) {
    const column = table.includes('logs') ? 'created_at = created_at' : 'hash = hash'
    for (const sql of [`update ${table} set ${column}`, `delete from ${table}`, `truncate ${table}`])
      await expect(cloud.owner.query(sql), sql).rejects.toMatchObject(refused)
  }
  await expect(cloud.owner.query(`update public.audit_values set salt = salt`)).rejects.toMatchObject(refused)
  await expect(cloud.owner.query('truncate public.audit_values')).rejects.toMatchObject(refused)
  const admin = await cloud.openAs(await addPerson(cloud.owner, { role: 'admin' }))
  const service = await cloud.connect()
  await service.query('set role service_role')
  for (const table of [...tables, 'public.audit_values'])
    for (const sql of [`delete from ${table}`, `truncate ${table}`]) {
      await expect(admin.query(sql), sql).rejects.toMatchObject({ code: '42501' })
      await expect(service.query(sql), sql).rejects.toMatchObject({ code: '42501' })
    }
  await expect(admin.query(`insert into public.audit_logs (action) values ('x')`)).rejects.toMatchObject({
    code: '42501',
  })
  for (const table of ['public.audit_seals', 'public.audit_anchors', 'public.audit_values'])
    await expect(service.query(`insert into ${table} default values`)).rejects.toMatchObject({ code: '42501' })
})

test('an entry of the service role has the place, hash and time that the database gives it', { timeout }, async () => {
  const service = await cloud.connect()
  await service.query('set role service_role')
  await service.query(
    `insert into public.audit_logs (action, bundle, ordinal, entry_hash) values ('EXPORT', 1, 7, repeat('x', 32)::bytea)`,
  )
  expect(await check()).toMatchObject({ ok: true })
  await expect(
    service.query(`insert into public.audit_logs (action, created_at) values ('EXPORT', now() - interval '1 day')`),
  ).rejects.toMatchObject({ code: 'PT400' })
})

test('an entry tells whether a person, an agent or the system acted, and how grave it is', { timeout }, async () => {
  const { owner } = cloud
  const person = await addPerson(owner, { role: 'buyer', name: 'Somebody' })
  const session = await cloud.openAs(person)
  await session.query(`update public.users set mobile = '1'`)
  const organization = await addOrganization(owner, 'By the system')
  await owner.query(`begin; set local veridesk.agent = 'export-robot'`)
  await owner.query(`update public.organizations set name = 'By an agent' where id = $1`, [organization])
  await owner.query('commit')
  await owner.query(`begin; set local veridesk.job = 'statistics.refresh'`)
  await owner.query(`update public.organizations set name = 'By a job' where id = $1`, [organization])
  await owner.query('commit')
  await owner.query('update public.users set active = false where id = $1', [person])
  const { rows } = await owner.query(
    `select l.actor_type, l.actor, l.action, l.severity from public.audit_logs l join public.audit_seals s using (bundle)
     where record_id = any ($1) order by s.seq`,
    [[person, organization]],
  )
  expect(rows).toEqual([
    { actor_type: 'system', actor: 'system:postgres', action: 'INSERT', severity: 'info' },
    { actor_type: 'system', actor: 'system:postgres', action: 'UPDATE', severity: 'warning' },
    { actor_type: 'person', actor: person, action: 'UPDATE', severity: 'info' },
    { actor_type: 'system', actor: 'system:postgres', action: 'INSERT', severity: 'info' },
    { actor_type: 'agent', actor: 'agent:export-robot', action: 'UPDATE', severity: 'info' },
    { actor_type: 'system', actor: 'system:statistics.refresh', action: 'UPDATE', severity: 'info' },
    { actor_type: 'system', actor: 'system:postgres', action: 'UPDATE', severity: 'warning' },
  ])
})

test('a maintenance transaction leaves one entry that says who and when', { timeout }, async () => {
  const { owner } = cloud
  const before = await head()
  await owner.query(`begin; set local veridesk.bulk = 'on'; set local application_name = 'night shift'`)
  await owner.query(insertOrganization, [randomUUID()])
  await owner.query(insertOrganization, [randomUUID()])
  await owner.query('delete from public.people')
  await owner.query('commit')
  const { rows } = await owner.query(
    `select action, severity, actor, new_values ->> 'session_user' as who, new_values ->> 'application' as application,
       (new_values ->> 'at')::timestamptz between now() - interval '1 hour' and now() as lately
     from public.audit_logs l join public.audit_seals s using (bundle) where s.seq > $1`,
    [before],
  )
  expect(rows).toEqual([
    {
      action: 'BULK',
      severity: 'warning',
      actor: 'system:postgres',
      who: 'postgres',
      application: 'night shift',
      lately: true,
    },
  ])
})

test('a table is audited by one call, and again by a second one', { timeout }, async () => {
  const { owner } = cloud
  await owner.query('create table public.notes (id uuid primary key default gen_random_uuid(), author uuid, body text)')
  await owner.query(`select private.audit_table('public.notes')`)
  await owner.query(`select private.audit_table('public.notes', 'author', '{body}')`)
  await expect(owner.query(`select private.audit_table('public.notes', 'author', '{text}')`)).rejects.toThrow(
    'has no column text',
  )
  const author = randomUUID()
  await owner.query(`insert into public.notes (author, body) values ($1, 'Mine')`, [author])
  const { rows } = await owner.query(
    `select l.new_values -> 'body' ? 'sha256' as hidden, e.new_values ->> 'body' as shown, v.person_id
     from public.audit_logs l join public.audit_entries e using (id) join public.audit_values v on v.entry_id = l.id
     where l.table_name = 'notes'`,
  )
  expect(rows).toEqual([{ hidden: true, shown: 'Mine', person_id: author }])
  expect(await check()).toMatchObject({ ok: true })
  await owner.query('drop table public.notes')
})

test('only compliance and administrators check the chain', { timeout }, async () => {
  for (const role of ['recycler', 'buyer', 'verifier'] as const) {
    const session = await cloud.openAs(await addPerson(cloud.owner, { role }))
    await expect(session.call('verify_audit_chain')).rejects.toMatchObject({ code: 'PT403', detail: 'not_allowed' })
  }
  for (const facts of [{ role: 'admin' }, { role: 'verifier', grants: ['compliance'] }] as const) {
    const session = await cloud.openAs(await addPerson(cloud.owner, facts))
    expect(await session.call('verify_audit_chain')).toMatchObject({ ok: true })
  }
})

test('a part of the chain is checked by the numbers of its seals', { timeout }, async () => {
  const last = await head()
  const { answer } = await one<{ answer: object }>('select public.verify_audit_chain(3, 5) as answer')
  expect(answer).toMatchObject({ ok: true, seals: 3, head: { seal: 5 } })
  const { rest } = await one<{ rest: object }>('select public.verify_audit_chain($1) as rest', [last - 1])
  expect(rest).toMatchObject({ ok: true, seals: 2, head: { seal: last } })
})
