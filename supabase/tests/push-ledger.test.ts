import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type MutationDto, schemaVersion } from '../../shared/wire/sync.ts'
import { batchNow, decision, mutation, push, pushOne } from './mutations.ts'
import {
  addBatches,
  addPerson,
  addProject,
  assign,
  type Cloud,
  publishRubric,
  SERVER_TEST_MS,
  type Session,
  startCloud,
} from './support.ts'

const timeout = SERVER_TEST_MS
let cloud: Cloud
let rubric: string
let project: string
let desk: string
let session: Session
beforeAll(async () => {
  cloud = await startCloud()
  rubric = await publishRubric(cloud.owner)
  project = await addProject(cloud.owner, await addPerson(cloud.owner, { role: 'recycler' }))
  desk = await addPerson(cloud.owner, { role: 'verifier', subRole: 'desk_verifier' })
  session = await cloud.openAs(desk)
}, timeout)
afterAll(() => cloud.stop())

const underReview = async (count = 1): Promise<string[]> => {
  const batches = await addBatches(cloud.owner, project, count, 'under_review')
  await assign(cloud.owner, batches, desk)
  return batches
}
const one = async (): Promise<string> => (await underReview())[0] ?? ''
const mark = (batch: string, points: number, rest: Partial<MutationDto> = {}) =>
  mutation(
    'score.set',
    batch,
    { rubric_id: rubric, criterion_code: 'E-01', points, not_applicable_reason: null, note: '', evidence_ids: [] },
    rest,
  )
const countOf = async (table: string, batch: string): Promise<number> => {
  const { rows } = await cloud.owner.query(`select count(*)::int as count from public.${table} where batch_id = $1`, [
    batch,
  ])
  return rows[0].count
}

test('fault 5: a change that is sent again is answered from the ledger and applied once', { timeout }, async () => {
  const batch = await one()
  const sent = decision(batch, await batchNow(cloud.owner, batch))
  const first = await pushOne(session, sent)
  expect(first.status).toBe('applied')
  expect(await pushOne(session, sent)).toEqual({ ...first, status: 'duplicate' })
  expect(await countOf('decisions', batch)).toBe(1)
  const refused = decision(batch, await batchNow(cloud.owner, batch))
  const answer = await pushOne(session, refused)
  expect(answer).toMatchObject({ status: 'rejected' })
  expect(await pushOne(session, refused), 'a refusal stays a refusal').toEqual(answer)
})

test('fault 5: an id that comes with another body or from another person is refused', { timeout }, async () => {
  const batch = await one()
  const sent = mark(batch, 3)
  await pushOne(session, sent)
  expect(await pushOne(session, { ...sent, payload: { ...sent.payload, points: 5 } })).toMatchObject({
    status: 'rejected',
    code: 'mutation_reused',
  })
  const other = await addPerson(cloud.owner, { role: 'verifier', subRole: 'desk_verifier' })
  await assign(cloud.owner, [batch], other)
  expect(await pushOne(await cloud.openAs(other), sent)).toMatchObject({
    status: 'rejected',
    code: 'mutation_reused',
    rows: [],
  })
  const { rows } = await cloud.owner.query('select points, verifier_id from public.scores where batch_id = $1', [batch])
  expect(rows).toEqual([{ points: 3, verifier_id: desk }])
})

test('fault 5: the same changes sent twice at once are applied once', { timeout }, async () => {
  const second = await cloud.openAs(desk)
  for (const batch of await underReview(25)) {
    const sent = [mark(batch, 4), decision(batch, await batchNow(cloud.owner, batch))]
    const answers = await Promise.all([push(session, sent), push(second, sent)])
    expect(answers.map((fates) => fates.map(({ status }) => status).join()).sort()).toEqual([
      'applied,applied',
      'duplicate,duplicate',
    ])
    expect([
      await countOf('decisions', batch),
      await countOf('scores', batch),
      await countOf('verifications', batch),
    ]).toEqual([1, 1, 1])
  }
})

test('two people who push the same batches in opposite orders do not block each other for good', {
  timeout,
}, async () => {
  const other = await addPerson(cloud.owner, { role: 'verifier', subRole: 'desk_verifier' })
  const otherSession = await cloud.openAs(other)
  const batches = await underReview(10)
  await assign(cloud.owner, batches, other)
  for (let round = 0; round < 10; round += 1) {
    const shuffled = [...batches].reverse()
    const finding = (batch: string) =>
      mutation('finding.raise', batch, {
        round_id: randomUUID(),
        kind: 'observation',
        title: 'Seen',
        description: '',
        criterion_code: null,
        evidence_file_id: null,
        due_at: null,
        misstatement: null,
      })
    const answers = await Promise.all([push(session, batches.map(finding)), push(otherSession, shuffled.map(finding))])
    expect(answers.flat().every(({ status }) => status === 'applied')).toBe(true)
  }
})

test('fault 12: one bad change in the middle is refused alone, whatever is wrong with it', { timeout }, async () => {
  const [first = '', second = '', third = ''] = await underReview(3)
  const good = [mark(first, 3), mark(second, 3)] as const
  const score = mark(third, 3)
  const decided = decision(third, await batchNow(cloud.owner, third))
  const bad: (readonly [string, MutationDto])[] = [
    ['rejected', { ...score, batch_id: 'no uuid' }],
    ['rejected', { ...score, row_id: 'no uuid' }],
    ['rejected', { ...score, payload: {} }],
    ['rejected', { ...score, payload: { ...score.payload, points: 99 } }],
    ['rejected', { ...score, payload: { ...score.payload, points: 'many' } }],
    ['rejected', { ...score, payload: { ...score.payload, evidence_ids: 'none' } }],
    ['conflict', { ...score, base_version: 7 }],
    ['rejected', { ...decided, occurred_at: 'yesterday-ish' }],
    ['rejected', { ...decided, payload: { action: 'approve' } }],
    ['rejected', { ...decided, clock_offset_ms: 1e300 }],
    ['rejected', { ...score, kind: 'batch.explode' as 'score.set' }],
  ]
  const sent = [good[0], ...bad.map(([, change]) => ({ ...change, mutation_id: randomUUID() })), good[1]]
  const fates = await push(session, sent)
  expect(fates.map(({ status }) => status)).toEqual(['applied', ...bad.map(([status]) => status), 'applied'])
  expect(fates.map(({ mutation_id }) => mutation_id)).toEqual(sent.map(({ mutation_id }) => mutation_id))
  expect([await countOf('scores', third), await countOf('decisions', third)]).toEqual([0, 0])
})

test('a change waits for the earlier one that it builds on, and is taken once that is applied', {
  timeout,
}, async () => {
  const batch = await one()
  const earlier = mark(batch, 2)
  const later = mark(batch, 4, { row_id: earlier.row_id, after_mutation_id: earlier.mutation_id })
  expect(await pushOne(session, later)).toMatchObject({ status: 'conflict', code: 'earlier_not_applied' })
  expect((await push(session, [earlier, later])).map(({ status }) => status)).toEqual(['applied', 'applied'])
  const { rows } = await cloud.owner.query('select points, version from public.scores where batch_id = $1', [batch])
  expect(rows).toEqual([{ points: 4, version: 2 }])
})

test('a call that is no list, is too long or names no ids is refused as a whole', { timeout }, async () => {
  const batch = await one()
  for (const sent of [{ a: 1 }, [1], [{ kind: 'score.set' }], [{ ...mark(batch, 1), mutation_id: 'x' }]])
    await expect(session.call('sync_push', { p_mutations: sent })).rejects.toMatchObject({
      code: 'PT400',
      detail: 'invalid_request',
    })
  const many = Array.from({ length: 101 }, () => mark(batch, 1))
  await expect(session.call('sync_push', { p_mutations: many })).rejects.toMatchObject({
    code: 'PT413',
    detail: 'too_many',
  })
  expect(await countOf('scores', batch)).toBe(0)
})

test('fault 14: a body of two versions before is taken; one from the future is not, and may come again', {
  timeout,
}, async () => {
  const [first = '', other = '', second = ''] = await underReview(3)
  const oldest = mark(first, 1, { schema_version: schemaVersion - 2 })
  expect(await pushOne(session, oldest)).toMatchObject({ status: 'applied' })
  expect(await pushOne(session, oldest), 'known by the words it came with').toMatchObject({ status: 'duplicate' })
  const older = mark(other, 2, { schema_version: schemaVersion - 1 })
  expect(await pushOne(session, older)).toMatchObject({ status: 'applied' })
  expect(await pushOne(session, mark(second, 1, { schema_version: schemaVersion - 3 }))).toMatchObject({
    status: 'rejected',
    code: 'schema_unsupported',
  })
  const early = mark(second, 1, { schema_version: schemaVersion + 1 })
  expect(await pushOne(session, early)).toMatchObject({ status: 'rejected', code: 'schema_unsupported' })
  const { rows } = await cloud.owner.query('select 1 from public.sync_mutations where mutation_id = $1', [
    early.mutation_id,
  ])
  expect(rows).toEqual([])
})

test('a device that was taken out of use neither comes in nor pushes', { timeout }, async () => {
  const batch = await one()
  const device = randomUUID()
  const request = { protocol_version: 1, schema_version: 1, device_id: device, device_name: 'Laptop' }
  await session.call('workstation_handshake', { p_request: request })
  await cloud.owner.query('update public.devices set revoked_at = now() where id = $1', [device])
  await expect(session.call('workstation_handshake', { p_request: request })).rejects.toMatchObject({
    code: 'PT403',
    detail: 'device_revoked',
  })
  await expect(push(session, [mark(batch, 1, { device_id: device })])).rejects.toMatchObject({
    code: 'PT403',
    detail: 'device_revoked',
  })
  expect(await countOf('scores', batch)).toBe(0)
})
