import { afterAll, beforeAll, expect, test } from 'vitest'
import { verifyAuditChain } from '../../shared/domain/verify-audit-chain.ts'
import { auditDigest, readAuditChain } from '../../tools/audit-chain/read-audit-chain.ts'
import {
  addBatches,
  addOrganization,
  addPerson,
  addProject,
  assign,
  type Cloud,
  SERVER_TEST_MS,
  startCloud,
} from './support.ts'

const timeout = SERVER_TEST_MS
let cloud: Cloud
beforeAll(async () => {
  cloud = await startCloud()
}, timeout)
afterAll(() => cloud.stop())

const rowsOf = async (sql: string, values: readonly unknown[] = []) => (await cloud.owner.query(sql, [...values])).rows

const check = async () => {
  const [row] = await rowsOf('select public.verify_audit_chain() as answer')
  const here = verifyAuditChain(await readAuditChain(cloud.owner), auditDigest)
  expect(here).toEqual(row.answer)
  return here
}

/** Deletes rows in a maintenance transaction, the only one that may. */
const remove = async (table: string, ids: readonly string[]) => {
  await cloud.owner.query(`begin; set local veridesk.bulk = 'on'`)
  await cloud.owner.query(`delete from public.${table} where id = any ($1)`, [ids])
  await cloud.owner.query('commit')
}

test('an erased person is gone from the audit trail, and the chain holds', { timeout }, async () => {
  const person = await addPerson(cloud.owner, { role: 'buyer', name: 'Ines Farewell' })
  const other = await addPerson(cloud.owner, { role: 'buyer', name: 'Otto Remains' })
  const session = await cloud.openAs(person)
  await session.query(
    `update public.users set mobile = '+254 700 000000', license_number = 'L-77', organization_name = 'Farewell Ltd'`,
  )
  await cloud.owner.query(
    `insert into public.devices (id, user_id, name) values (gen_random_uuid(), $1, 'Ines laptop')`,
    [person],
  )
  const traces = async () => {
    const found: string[] = []
    for (const table of ['public.audit_logs', 'public.audit_entries', 'public.audit_values'])
      for (const word of ['Ines', 'Farewell', '700 000000', 'L-77', `${person}@example.org`])
        if ((await rowsOf(`select 1 from ${table} t where t::text like '%' || $1 || '%' limit 1`, [word])).length > 0)
          found.push(`${table} ${word}`)
    return found
  }
  expect(
    (await traces()).filter((trace) => trace.startsWith('public.audit_logs ')),
    'entries hold digests only',
  ).toEqual([])
  expect((await traces()).filter((trace) => trace.startsWith('public.audit_entries '))).toHaveLength(5)
  expect(await check()).toMatchObject({ ok: true })

  // As the erasing of a person does it: first their own rows, then the trail, in one transaction.
  await cloud.owner.query('begin')
  await cloud.owner.query(
    `update public.users set name = 'Erased', email = id || '@erased.invalid', mobile = null, license_number = null, organization_name = null
     where id = $1`,
    [person],
  )
  await cloud.owner.query(`update public.devices set name = '', revoked_at = now() where user_id = $1`, [person])
  await cloud.owner.query('select private.erase_audit_values($1)', [person])
  await cloud.owner.query('commit')

  expect(await traces()).toEqual([])
  expect(await rowsOf('select 1 from public.audit_values where person_id = $1', [person])).toEqual([])
  expect(await check()).toMatchObject({ ok: true })
  expect(
    await rowsOf(
      `select action, severity, (new_values ->> 'entries')::int > 3 as some from public.audit_logs where action = 'ERASE' and record_id = $1`,
      [person],
    ),
  ).toEqual([{ action: 'ERASE', severity: 'warning', some: true }])
  const [kept] = await rowsOf(
    `select new_values ->> 'name' as name, new_values -> 'role' as role from public.audit_entries where record_id = $1 and action = 'INSERT'`,
    [other],
  )
  expect(kept, 'others keep their values').toEqual({ name: 'Otto Remains', role: 'recycler' })
})

test('one sees that a value changed or stayed after it was erased, and not what it was', { timeout }, async () => {
  const person = await addPerson(cloud.owner, { role: 'buyer', name: 'Same' })
  await cloud.owner.query(`update public.users set mobile = '1' where id = $1`, [person])
  await cloud.owner.query(`update public.users set name = 'Other' where id = $1`, [person])
  await cloud.owner.query('select private.erase_audit_values($1)', [person])
  expect(
    await rowsOf(
      `select old_values -> 'name' = new_values -> 'name' as same from public.audit_entries l
       where record_id = $1 and action = 'UPDATE' order by bundle`,
      [person],
    ),
  ).toEqual([{ same: true }, { same: true }, { same: false }])
  const { rows } = await cloud.owner.query(
    `select count(distinct new_values -> 'name')::int as digests, count(*)::int as entries from public.audit_logs
     where record_id = $1 and table_name = 'users'`,
    [person],
  )
  expect(rows[0].digests, 'every entry has a salt of its own').toBe(rows[0].entries)
})

test('nobody but the functions removes values', { timeout }, async () => {
  const admin = await cloud.openAs(await addPerson(cloud.owner, { role: 'admin' }))
  await expect(admin.query('delete from public.audit_values')).rejects.toMatchObject({ code: '42501' })
  await expect(admin.query('select private.erase_audit_values($1)', [null])).rejects.toMatchObject({ code: '42501' })
  await expect(cloud.owner.query('select private.erase_audit_values(null)')).rejects.toMatchObject({ code: 'PT400' })
})

test('a deleted row is kept whole, and comes back as it was with a newer version', { timeout }, async () => {
  const recycler = await addPerson(cloud.owner, { role: 'recycler' })
  const verifier = await addPerson(cloud.owner, { role: 'verifier', subRole: 'desk_verifier' })
  const [batch = ''] = await addBatches(cloud.owner, await addProject(cloud.owner, recycler), 1, 'under_review')
  await assign(cloud.owner, [batch], verifier)
  const whole = 'select to_jsonb(t) as row from public.batches t where id = $1'
  const [before] = await rowsOf(whole, [batch])
  await remove(
    'assignments',
    (await rowsOf('select id from public.assignments where batch_id = $1', [batch])).map(({ id }) => id),
  )
  await remove('batches', [batch])
  const kept = await rowsOf(
    'select id, table_name, "row", deleted_by, restored_at from private.deleted_rows where record_id = $1',
    [batch],
  )
  expect(kept).toEqual([
    { id: kept[0].id, table_name: 'batches', row: before.row, deleted_by: null, restored_at: null },
  ])

  expect(await rowsOf('select private.restore_deleted_row($1) as id', [kept[0].id])).toEqual([{ id: batch }])
  expect(await rowsOf(whole, [batch])).toEqual([{ row: { ...before.row, version: before.row.version + 1 } }])
  await expect(rowsOf('select private.restore_deleted_row($1)', [kept[0].id])).rejects.toMatchObject({ code: 'PT409' })
  await expect(rowsOf('select private.restore_deleted_row(0)')).rejects.toMatchObject({ code: 'PT404' })
  expect(
    await rowsOf(`select table_name, severity from public.audit_logs where action = 'RESTORE' and record_id = $1`, [
      batch,
    ]),
  ).toEqual([{ table_name: 'batches', severity: 'warning' }])
  // Its triggers work again.
  await cloud.owner.query(`update public.batches set description = 'Changed' where id = $1`, [batch])
  expect(await rowsOf('select version from public.batches where id = $1', [batch])).toEqual([
    { version: before.row.version + 2 },
  ])
  await cloud.owner.query('select private.rebuild_feed()')
  expect(await check()).toMatchObject({ ok: true })
})

test('a row whose parent is gone does not come back, and stays kept', { timeout }, async () => {
  const recycler = await addPerson(cloud.owner, { role: 'recycler' })
  const project = await addProject(cloud.owner, recycler)
  const [batch = ''] = await addBatches(cloud.owner, project, 1)
  await remove('batches', [batch])
  await remove('projects', [project])
  const [kept] = await rowsOf('select id from private.deleted_rows where record_id = $1', [batch])
  await expect(rowsOf('select private.restore_deleted_row($1)', [kept.id])).rejects.toMatchObject({ code: '23503' })
  expect(await rowsOf('select restored_at from private.deleted_rows where id = $1', [kept.id])).toEqual([
    { restored_at: null },
  ])
})

test('a deletion outside maintenance is in the audit trail with the whole row', { timeout }, async () => {
  const organization = await addOrganization(cloud.owner, 'Granted')
  const person = await addPerson(cloud.owner, {
    role: 'verifier',
    organizationId: organization,
    grants: ['compliance'],
  })
  await cloud.owner.query('delete from public.user_grants where user_id = $1', [person])
  expect(
    await rowsOf(
      `select l.action, l.severity, l.old_values = d."row" as same from public.audit_logs l
       join private.deleted_rows d on d.record_id = l.record_id and d.table_name = l.table_name where l.action = 'DELETE'`,
    ),
  ).toEqual([{ action: 'DELETE', severity: 'warning', same: true }])
})

test('erasing a person takes personal values out of rows that were deleted', { timeout }, async () => {
  const person = await addPerson(cloud.owner, { role: 'buyer' })
  await cloud.owner.query(
    `insert into public.devices (id, user_id, name) values (gen_random_uuid(), $1, 'Secret laptop')`,
    [person],
  )
  await cloud.owner.query('delete from public.devices where user_id = $1', [person])
  const named = `select "row" ->> 'name' as name, "row" ->> 'user_id' as user_id from private.deleted_rows where table_name = 'devices'`
  expect(await rowsOf(named)).toEqual([{ name: 'Secret laptop', user_id: person }])
  await cloud.owner.query('select private.erase_audit_values($1)', [person])
  expect(await rowsOf(named)).toEqual([{ name: null, user_id: person }])
})

test('deleted rows are kept for seven years and not longer', { timeout }, async () => {
  const kept = () => rowsOf(`select record_id from private.deleted_rows where table_name = 'kept' order by deleted_at`)
  const [young, old] = ['00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000002']
  for (const [id, age] of [
    [young, '7 years -1 day'],
    [old, '7 years 1 day'],
  ])
    await cloud.owner.query(
      `insert into private.deleted_rows (table_name, record_id, "row", deleted_at) values ('kept', $1, '{}', now() - $2::interval)`,
      [id, age],
    )
  expect(await kept()).toEqual([{ record_id: old }, { record_id: young }])
  await cloud.owner.query('select private.retire_audit_partitions()')
  expect(await kept()).toEqual([{ record_id: young }])
})
