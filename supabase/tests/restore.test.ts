import { afterAll, beforeAll, expect, test } from 'vitest'
import { addBatches, addPerson, addProject, assign, type Cloud, SERVER_TEST_MS, startCloud } from './support.ts'

const timeout = SERVER_TEST_MS
let cloud: Cloud
let batches: string[]
let verifier: string
beforeAll(async () => {
  cloud = await startCloud()
  const recycler = await addPerson(cloud.owner, { role: 'recycler' })
  verifier = await addPerson(cloud.owner, { role: 'verifier', subRole: 'desk_verifier' })
  batches = await addBatches(cloud.owner, await addProject(cloud.owner, recycler), 5, 'under_review')
  await assign(cloud.owner, batches, verifier)
}, timeout)
afterAll(() => cloud.stop())

const finish = async () => (await cloud.owner.query('select private.finish_restore() as report')).rows[0].report
const epoch = async () => (await cloud.owner.query('select server_epoch from public.server_state')).rows[0].server_epoch
/** Changes rows as a faulty restore would, with no trigger looking. */
const behindTheTriggers = async (sql: string): Promise<void> => {
  await cloud.owner.query(`set session_replication_role = 'replica'`)
  await cloud.owner.query(sql)
  await cloud.owner.query(`set session_replication_role = 'origin'`)
}

test('fault 8: each restore is another epoch, and what remembers the old server begins anew', { timeout }, async () => {
  const before = await epoch()
  await cloud.owner.query(`update public.server_state set feed_horizon = '99'::xid8`)
  await cloud.owner.query(`insert into private.feed_marks (oldest_xid) values ('99'::xid8)`)
  const report = await finish()
  expect(report).toMatchObject({ ok: true, chain: { ok: true }, feed: { differences: 0 } })
  expect(report.server_epoch).not.toBe(before)
  expect(await epoch()).toBe(report.server_epoch)
  const { rows } = await cloud.owner.query(
    `select (select feed_horizon from public.server_state)::text as horizon, (select count(*) from private.feed_marks)::integer as marks`,
  )
  expect(rows).toEqual([{ horizon: '0', marks: 0 }])
})

test('a feed of another server, incomplete and ahead of this one, is made anew', { timeout }, async () => {
  await behindTheTriggers(`update public.sync_feed set xid = '9000000000'::xid8`)
  await behindTheTriggers(`delete from public.sync_feed where row_id = '${batches[0]}'`)
  expect(await finish()).toMatchObject({ ok: true, feed: { differences: 0 } })
  const session = await cloud.openAs(verifier)
  const pulled = await session.call<{ changes: { id: string }[] }>('sync_pull', {
    p_scope: `person:${verifier}`,
    p_cursor: '3:3:',
    p_upto: null,
    p_after: null,
    p_limit: 1000,
  })
  const ids = pulled.changes.map(({ id }) => id)
  for (const batch of batches) expect(ids).toContain(batch)
})

test('sequences move behind what was given out, and jobs of lost workers go back', { timeout }, async () => {
  await cloud.owner.query(`select setval('private.audit_bundles', 1)`)
  await cloud.owner.query(
    `insert into private.job_queue (kind, state, locked_by, locked_until) values ('test.lost', 'running', 'gone', now() + interval '1 day')`,
  )
  expect(await finish()).toMatchObject({ ok: true, sequences_advanced: 1, jobs_released: 1 })
  const { rows } = await cloud.owner.query(`select state, locked_by from private.job_queue where kind = 'test.lost'`)
  expect(rows).toEqual([{ state: 'waiting', locked_by: null }])
  const entry = await cloud.owner.query(
    `select new_values ->> 'server_epoch' as epoch from public.audit_logs where action = 'RESTORE' order by created_at desc limit 1`,
  )
  expect(entry.rows[0].epoch).toBe(await epoch())
})

test('an audit trail that was altered is said so, and the restore is not all right', { timeout }, async () => {
  await behindTheTriggers(
    `update public.audit_logs set new_values = new_values || '{"status": "verified"}'
     where record_id = '${batches[1]}' and table_name = 'batches' and action = 'INSERT'`,
  )
  expect(await finish()).toMatchObject({ ok: false, chain: { ok: false } })
})

test('nobody but the database’s owner and the service ends a restore', { timeout }, async () => {
  const admin = await cloud.openAs(await addPerson(cloud.owner, { role: 'admin' }))
  await expect(admin.query('select private.finish_restore()')).rejects.toMatchObject({ code: '42501' })
})
