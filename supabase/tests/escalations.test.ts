import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addBatches, addPerson, addProject, type Cloud, SERVER_TEST_MS, startCloud } from './support.ts'

const timeout = SERVER_TEST_MS
let cloud: Cloud
let people: Record<'recycler' | 'verifier' | 'assigner' | 'other', string>
let batch: string
beforeAll(async () => {
  cloud = await startCloud()
  people = {
    recycler: await addPerson(cloud.owner, { role: 'recycler' }),
    verifier: await addPerson(cloud.owner, { role: 'verifier', subRole: 'desk_verifier' }),
    assigner: await addPerson(cloud.owner, { role: 'admin' }),
    other: await addPerson(cloud.owner, { role: 'verifier', subRole: 'desk_verifier' }),
  }
  batch = await newBatch(people.assigner)
}, timeout)
afterAll(() => cloud.stop())

const newBatch = async (assigner: string | null): Promise<string> => {
  const [id = ''] = await addBatches(cloud.owner, await addProject(cloud.owner, people.recycler), 1, 'under_review')
  await cloud.owner.query(
    `insert into public.assignments (batch_id, user_id, role, assigned_by) values ($1, $2, 'desk_verifier', $3)`,
    [id, people.verifier, assigner],
  )
  return id
}
const raise = async (of: string, overdue: string | null, status = 'open', title = 'Weigh\nbridge'): Promise<string> => {
  const id = randomUUID()
  await cloud.owner.query(
    `insert into public.findings (id, batch_id, kind, title, description, raised_by, status, due_at)
     values ($1, $2, 'car', $6, '', $3, $4, now() - $5::interval)`,
    [id, of, people.verifier, status, overdue, title],
  )
  return id
}
const escalate = async (): Promise<{ reminded: number; escalated: number }> =>
  (await cloud.owner.query('select public.escalate_overdue_findings() as answer')).rows[0].answer
const toldOf = async (finding: string): Promise<string[]> => {
  const { rows } = await cloud.owner.query(
    'select level, recipient_id from public.escalations where finding_id = $1 order by level',
    [finding],
  )
  const nameOf = (id: string) => Object.entries(people).find(([, known]) => known === id)?.[0]
  return rows.map((row) => `${row.level} ${nameOf(row.recipient_id)}`)
}
const mailsTo = async (person: string): Promise<number> => {
  const { rows } = await cloud.owner.query(
    `select count(*) as n from private.mails m join private.job_queue q on q.payload ->> 'mail_id' = m.id::text
     where q.kind = 'mail.send' and m.user_id = $1 and m.direction = 'to_person'`,
    [person],
  )
  return Number(rows[0].n)
}

test('the recycler is reminded after a day, the assigner told after three, each once', { timeout }, async () => {
  const notYet = await raise(batch, '23 hours')
  const late = await raise(batch, '2 days')
  const veryLate = await raise(batch, '4 days')
  const answered = await raise(batch, '4 days', 'answered')
  const withoutDeadline = await raise(batch, null)
  expect(await escalate()).toEqual({ reminded: 2, escalated: 1 })
  expect(await escalate()).toEqual({ reminded: 0, escalated: 0 })
  expect(await toldOf(late)).toEqual(['1 recycler'])
  expect(await toldOf(veryLate)).toEqual(['1 recycler', '2 assigner'])
  for (const finding of [notYet, answered, withoutDeadline]) expect(await toldOf(finding)).toEqual([])
  expect(await mailsTo(people.recycler)).toBe(2)
  expect(await mailsTo(people.assigner)).toBe(1)
})

test('a finding with an endless title keeps nobody from being told', { timeout }, async () => {
  const [endless, late] = [await raise(batch, '2 days', 'open', 'a'.repeat(30_000)), await raise(batch, '2 days')]
  expect(await escalate()).toEqual({ reminded: 2, escalated: 0 })
  for (const finding of [endless, late]) expect(await toldOf(finding)).toEqual(['1 recycler'])
})

test('a new deadline that passes is told again', { timeout }, async () => {
  const finding = await raise(batch, '2 days')
  await escalate()
  await cloud.owner.query(`update public.findings set due_at = now() + interval '2 days' where id = $1`, [finding])
  expect(await escalate()).toEqual({ reminded: 0, escalated: 0 })
  await cloud.owner.query(`update public.findings set due_at = now() - interval '30 hours' where id = $1`, [finding])
  expect(await escalate()).toEqual({ reminded: 1, escalated: 0 })
})

test('where nobody assigned the batch, whoever raised the finding is told', { timeout }, async () => {
  const finding = await raise(await newBatch(null), '4 days')
  await escalate()
  expect(await toldOf(finding)).toEqual(['1 recycler', '2 verifier'])
})

test('whoever is suspended is not written to, and two runs at once tell once', { timeout }, async () => {
  const finding = await raise(batch, '4 days')
  await cloud.owner.query('update public.users set active = false where id = $1', [people.assigner])
  const [one, other] = [await cloud.connect(), await cloud.connect()]
  await Promise.all([one, other].map((client) => client.query('select public.escalate_overdue_findings()')))
  expect(await toldOf(finding)).toEqual(['1 recycler'])
  await cloud.owner.query('update public.users set active = true where id = $1', [people.assigner])
})

test('told are seen by whom they concern, and stay', { timeout }, async () => {
  const read = async (person: string) =>
    (await (await cloud.openAs(person)).query('select 1 from public.escalations')).length
  expect(await read(people.recycler)).toBeGreaterThan(0)
  expect(await read(people.verifier)).toBeGreaterThan(0)
  expect(await read(people.other)).toBe(0)
  await expect(cloud.owner.query('update public.escalations set level = 3')).rejects.toMatchObject({ code: 'PT409' })
})
