import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addBatches, addPerson, addProject, assign, type Cloud, SERVER_TEST_MS, startCloud } from './support.ts'

const timeout = SERVER_TEST_MS
let cloud: Cloud
let project: string
const ids = { recycler: '', admin: '', verifier: '', boundAdmin: '', otherAdmin: '', bodyOne: '', bodyTwo: '' }
beforeAll(async () => {
  cloud = await startCloud()
  const addBody = async (name: string): Promise<string> => {
    const { rows } = await cloud.owner.query(
      `insert into public.organizations (name, kind, country) values ($1, 'verification_body', 'KE') returning id`,
      [name],
    )
    return rows[0].id
  }
  ids.bodyOne = await addBody('Body one')
  ids.bodyTwo = await addBody('Body two')
  ids.recycler = await addPerson(cloud.owner, { role: 'recycler' })
  ids.admin = await addPerson(cloud.owner, { role: 'admin' })
  ids.boundAdmin = await addPerson(cloud.owner, { role: 'admin', organizationId: ids.bodyOne })
  ids.otherAdmin = await addPerson(cloud.owner, { role: 'admin', organizationId: ids.bodyTwo })
  ids.verifier = await addPerson(cloud.owner, { role: 'verifier', subRole: 'desk_verifier' })
  project = await addProject(cloud.owner, ids.recycler)
  const one = await addBatches(cloud.owner, project, 3, 'under_review')
  await cloud.owner.query('update public.batches set verification_body_id = $2 where id = any ($1)', [one, ids.bodyOne])
  await addBatches(cloud.owner, project, 2, 'pending')
  await cloud.owner.query(
    `insert into public.findings (id, batch_id, kind, title, description, raised_by, raised_at, due_at)
     values ($1, $2, 'car', 'x', '', $3, now() - interval '40 days', now() - interval '1 day')`,
    [randomUUID(), one[0], ids.verifier],
  )
  await cloud.owner.query(
    `insert into public.decisions (id, batch_id, actor_id, action, from_status, to_status, reason_code, reason, content_hash, decided_at)
     values ($1, $2, $3, 'approve', 'under_review', 'approved', 'x', '', repeat('a', 64), now())`,
    [randomUUID(), one[0], ids.verifier],
  )
  await cloud.owner.query('select public.refresh_statistics()')
}, timeout)
afterAll(() => cloud.stop())

interface Statistics {
  readonly as_of: string
  readonly verification_body_id: string | null
  readonly batches: readonly { status: string; batches: number; tons_or_kwh: string }[]
  readonly verifiers: readonly { verifier_id: string; approved: number }[]
  readonly findings: readonly unknown[]
  readonly credits: readonly { issued: string; sold: string; retired: string }[]
}
const read = async (person: string): Promise<Statistics> =>
  (await cloud.openAs(person)).call<Statistics>('dashboard_statistics')
const counted = ({ batches }: Statistics): number => batches.reduce((sum, row) => sum + Number(row.batches), 0)

test('readers of the register see all, and say as of when', { timeout }, async () => {
  const statistics = await read(ids.admin)
  expect(counted(statistics)).toBe(5)
  expect(statistics.verifiers).toMatchObject([{ verifier_id: ids.verifier, approved: 1 }])
  expect(statistics.findings).toMatchObject([
    { kind: 'car', status: 'open', age_days: '31-90', findings: 1, overdue: 1 },
  ])
  const tons = statistics.batches.map((row) => row.tons_or_kwh)
  for (const figure of tons) expect(figure).toMatch(/^\d+\.\d\d$/)

  await addBatches(cloud.owner, project, 1, 'pending')
  const still = await read(ids.admin)
  expect(still).toEqual(statistics)
  await cloud.owner.query('select public.refresh_statistics()')
  const fresh = await read(ids.admin)
  expect(counted(fresh)).toBe(6)
  expect(Date.parse(fresh.as_of)).toBeGreaterThan(Date.parse(statistics.as_of))
})

test('a reader bound to a verification body sees its batches only', { timeout }, async () => {
  const bound = await read(ids.boundAdmin)
  expect(bound.verification_body_id).toBe(ids.bodyOne)
  expect(counted(bound)).toBe(3)
  expect(bound.findings).toHaveLength(1)
  const other = await read(ids.otherAdmin)
  expect({ ...other, as_of: '' }).toEqual({
    as_of: '',
    verification_body_id: ids.bodyTwo,
    batches: [],
    verifiers: [],
    findings: [],
    credits: [],
  })
})

test('verifiers, recyclers and visitors are refused, and the views are nobody’s', { timeout }, async () => {
  for (const person of [ids.verifier, ids.recycler])
    await expect(read(person)).rejects.toMatchObject({ code: 'PT403', detail: 'not_allowed' })
  const visitor = await cloud.openAs(null)
  await expect(visitor.call('dashboard_statistics')).rejects.toMatchObject({ code: '42501' })
  for (const person of [ids.admin, ids.verifier])
    for (const view of ['batch_statistics', 'verifier_statistics', 'finding_statistics', 'credit_statistics'])
      await expect((await cloud.openAs(person)).query(`select 1 from private.${view}`)).rejects.toMatchObject({
        code: '42501',
      })
})

test('statistics are read while they are made, and two refreshes do not wait for each other', { timeout }, async () => {
  const [first, second] = [await cloud.connect(), await cloud.connect()]
  await first.query('begin')
  await first.query('select public.refresh_statistics()')
  expect(counted(await read(ids.admin))).toBe(6)
  expect((await second.query('select public.refresh_statistics() as at')).rows).toEqual([{ at: null }])
  await first.query('commit')
})

test('credits issued are those of verified batches', { timeout }, async () => {
  const [verified] = await addBatches(cloud.owner, project, 1, 'verified')
  await cloud.owner.query(
    'update public.batches set verified_at = now(), calculated_plastic_credits = 12.5 where id = $1',
    [verified],
  )
  await cloud.owner.query('select public.refresh_statistics()')
  expect((await read(ids.admin)).credits).toMatchObject([
    { standard: 'APRS', issued: '12.50', sold: '0.00', retired: '0.00' },
  ])
})

test('health tells everybody whether it works, and only readers of the register how much there is', {
  timeout,
}, async () => {
  const seen = await (await cloud.openAs(ids.verifier)).call<Record<string, unknown>>('health')
  expect(Object.keys(seen).sort()).toEqual(['as_of', 'figures', 'reasons', 'status'])
  expect(seen.status).toBe('ok')
  expect(Object.keys(seen.figures ?? {}).sort()).toEqual(['feed_age_seconds', 'oldest_job_seconds'])
  expect(await (await cloud.openAs(ids.admin)).call('health')).toHaveProperty('queue')
  await expect((await cloud.openAs(null)).call('health')).rejects.toMatchObject({ code: '42501' })
})

const health = async () => (await cloud.owner.query('select private.health_report() as report')).rows[0].report

test('a job that nobody takes, and one that failed for good, are reasons', { timeout }, async () => {
  await cloud.owner.query(
    `insert into private.job_queue (kind, run_after) values ('test.late', now() - interval '10 minutes')`,
  )
  expect(await health()).toMatchObject({
    status: 'degraded',
    reasons: [{ measure: 'oldest_job_seconds', level: 'degraded' }],
  })
  await cloud.owner.query(
    `update private.job_queue set run_after = now() - interval '3 hours' where kind = 'test.late'`,
  )
  expect(await health()).toMatchObject({ status: 'down', reasons: [{ measure: 'oldest_job_seconds', level: 'down' }] })
  await cloud.owner.query(`delete from private.job_queue where kind = 'test.late'`)
  expect(await health()).toMatchObject({ status: 'ok', reasons: [] })
})

test('a change that the feed misses is found, shown and repaired by the daily comparison', { timeout }, async () => {
  const [lost = ''] = await addBatches(cloud.owner, project, 1, 'under_review')
  await assign(cloud.owner, [lost], ids.verifier)
  expect((await health()).figures.feed_age_seconds).toBe(0)
  await cloud.owner.query(`delete from public.sync_feed where row_id = $1`, [lost])
  expect((await health()).figures.feed_age_seconds).toBeGreaterThan(0)
  const digest = async () => (await cloud.owner.query('select public.digest_scopes() as digest')).rows[0].digest
  const found = await digest()
  expect(found.differing).toBeGreaterThanOrEqual(2)
  expect(found.repaired).toBeGreaterThanOrEqual(2)
  expect(await health()).toMatchObject({
    reasons: [{ measure: 'digest_differences' }],
    figures: { feed_age_seconds: 0 },
  })
  expect(await digest()).toMatchObject({ differing: 0, repaired: 0 })
  expect((await health()).status).toBe('ok')
})
