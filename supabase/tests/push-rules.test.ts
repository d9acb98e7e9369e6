import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { MutationDto, MutationPayload } from '../../shared/wire/sync.ts'
import { grantAccess } from './grants.ts'
import { batchNow, decision, mutation, push, pushOne } from './mutations.ts'
import {
  addBatches,
  addEvidence,
  addOrganization,
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
let works: string
let recycler: string
let project: string
let desk: { id: string; session: Session }
let auditor: { id: string; session: Session }
let batch: string

const verifier = async (
  subRole: 'desk_verifier' | 'accredited_auditor' | 'field_agent',
  organizationId: string | null = null,
) => {
  const id = await addPerson(cloud.owner, { role: 'verifier', subRole, organizationId })
  return { id, session: await cloud.openAs(id) }
}
beforeAll(async () => {
  cloud = await startCloud()
  rubric = await publishRubric(cloud.owner)
  works = await addOrganization(cloud.owner, 'Works')
  recycler = await addPerson(cloud.owner, { role: 'recycler', organizationId: works })
  project = await addProject(cloud.owner, recycler)
  desk = await verifier('desk_verifier')
  auditor = await verifier('accredited_auditor')
  await grantAccess(cloud.owner, auditor.id, { standards: ['APRS'], independentOf: [recycler] })
}, timeout)
afterAll(() => cloud.stop())

/** A batch under review by the desk verifier. */
beforeEach(async () => {
  batch = await newBatch('under_review', desk.id)
})
const newBatch = async (status: string, person: string | null, role = 'desk_verifier'): Promise<string> => {
  const [id = ''] = await addBatches(cloud.owner, project, 1, status)
  if (person !== null) await assign(cloud.owner, [id], person, role)
  return id
}
const decide = async (
  session: Session,
  id: string,
  payload: Partial<MutationPayload<'decision.record'>> = {},
  rest: Partial<MutationDto> = {},
) => pushOne(session, decision(id, await batchNow(cloud.owner, id), payload, rest))
const verification = {
  action: 'verify',
  reason_code: 'verified',
  score: '5.00',
  opinion: 'unmodified',
  assurance_level: 'limited',
} as const
const mark = (
  id: string,
  code: string,
  points: number | null,
  rest: Partial<MutationDto> = {},
  reason: string | null = null,
) =>
  mutation(
    'score.set',
    id,
    { rubric_id: rubric, criterion_code: code, points, not_applicable_reason: reason, note: '', evidence_ids: [] },
    rest,
  )
const scoreAll = (session: Session, id: string, points: readonly [number, number, number]) =>
  push(
    session,
    ['E-01', 'Q-01', 'D-01'].map((code, index) => mark(id, code, points[index] ?? null)),
  )
const raise = (id: string, kind: 'car' | 'cl' | 'far' | 'observation') =>
  mutation('finding.raise', id, {
    round_id: randomUUID(),
    kind,
    title: 'Something',
    description: 'Something is missing.',
    criterion_code: null,
    evidence_file_id: null,
    due_at: null,
    misstatement: null,
  })
const statusOf = async (id: string) => (await batchNow(cloud.owner, id)).status

test('a desk verifier approves, rejects or asks for changes, and the registry keeps its own record of each', {
  timeout,
}, async () => {
  const expected = [
    ['approve', 'approved', 'approved'],
    ['reject', 'rejected', 'rejected'],
    ['request_changes', 'changes_requested', 'pending'],
  ] as const
  for (const [action, status, recorded] of expected) {
    const id = await newBatch('under_review', desk.id)
    const result = await decide(desk.session, id, { action, reason_code: 'other', reason: 'In my own words' })
    expect(result).toMatchObject({
      status: 'applied',
      rows: [{ row: { status } }, { row: { from_status: 'under_review', to_status: status } }],
    })
    const { rows } = await cloud.owner.query(
      'select status, notes, verifier_id from public.verifications where batch_id = $1',
      [id],
    )
    expect(rows).toEqual([{ status: recorded, notes: 'In my own words', verifier_id: desk.id }])
  }
})

test('nobody decides on a batch that they are not, or no longer, assigned to', { timeout }, async () => {
  const stranger = await verifier('desk_verifier')
  expect(await decide(stranger.session, batch)).toMatchObject({ status: 'rejected', code: 'not_assigned', rows: [] })
  await cloud.owner.query('select public.end_assignments($1, $2)', [[batch], desk.id])
  expect(await decide(desk.session, batch)).toMatchObject({ status: 'rejected', code: 'not_assigned', rows: [] })
  const nowhere = randomUUID()
  const unknown = decision(nowhere, { version: 1, content_hash: 'a'.repeat(64), status: 'pending' })
  expect(await pushOne(desk.session, unknown)).toMatchObject({ status: 'rejected', code: 'not_assigned' })
  expect(await statusOf(batch)).toBe('under_review')
})

test('the transition table and the kind of verifier decide who may do what', { timeout }, async () => {
  expect(await decide(desk.session, batch, verification)).toMatchObject({ status: 'rejected', code: 'transition' })
  const approved = await newBatch('approved', desk.id)
  expect(await decide(desk.session, approved, { action: 'reject' })).toMatchObject({ status: 'rejected', code: 'role' })
  const agent = await verifier('field_agent')
  await assign(cloud.owner, [batch], agent.id, 'field_agent')
  expect(await decide(agent.session, batch)).toMatchObject({ status: 'rejected', code: 'role' })
  expect(await pushOne(agent.session, mark(batch, 'E-01', 5))).toMatchObject({ status: 'rejected', code: 'role' })
  expect(await pushOne(agent.session, raise(batch, 'cl'))).toMatchObject({ status: 'rejected', code: 'role' })
  const admin = await addPerson(cloud.owner, { role: 'admin' })
  expect(await decide(await cloud.openAs(admin), batch)).toMatchObject({ status: 'rejected', code: 'not_assigned' })
  const recyclerSession = await cloud.openAs(recycler)
  expect(await decide(recyclerSession, batch)).toMatchObject({ status: 'rejected', code: 'not_assigned' })
})

test('four eyes: own batch, own organization, own approval', { timeout }, async () => {
  const insider = await verifier('desk_verifier', works)
  await assign(cloud.owner, [batch], insider.id)
  expect(await decide(insider.session, batch)).toMatchObject({ status: 'rejected', code: 'four_eyes' })

  const submitter = await verifier('desk_verifier')
  const own = await addBatches(cloud.owner, await addProject(cloud.owner, submitter.id), 1, 'under_review')
  await assign(cloud.owner, own, submitter.id)
  expect(await decide(submitter.session, own[0] ?? '')).toMatchObject({ status: 'rejected', code: 'four_eyes' })

  // Once a desk verifier, now an auditor: still the same pair of eyes.
  const both = await verifier('desk_verifier')
  await assign(cloud.owner, [batch], both.id)
  expect(await decide(both.session, batch)).toMatchObject({ status: 'applied' })
  await cloud.owner.query(`update public.users set sub_role = 'accredited_auditor' where id = $1`, [both.id])
  await scoreAll(both.session, batch, [5, 5, 5])
  expect(await decide(both.session, batch, { ...verification, rubric_id: rubric })).toMatchObject({
    status: 'rejected',
    code: 'four_eyes',
  })
  await assign(cloud.owner, [batch], auditor.id, 'accredited_auditor')
  await scoreAll(auditor.session, batch, [5, 5, 5])
  expect(await decide(auditor.session, batch, { ...verification, rubric_id: rubric })).toMatchObject({
    status: 'applied',
  })
})

test('open corrective actions and clarifications block a positive decision until they are closed or withdrawn', {
  timeout,
}, async () => {
  const far = raise(batch, 'far')
  const car = raise(batch, 'car')
  const clarification = raise(batch, 'cl')
  expect((await push(desk.session, [far, car, clarification])).map(({ status }) => status)).toEqual([
    'applied',
    'applied',
    'applied',
  ])
  expect(await decide(desk.session, batch)).toMatchObject({ status: 'rejected', code: 'open_findings' })
  const step = (kind: 'finding.close' | 'finding.withdraw', finding: MutationDto, base: number) =>
    mutation(kind, batch, { round_id: randomUUID(), body: 'Done.' }, { row_id: finding.row_id, base_version: base })
  const answer = (body: string, onBehalfOf: string | null, base: number) =>
    mutation(
      'finding.respond',
      batch,
      { round_id: randomUUID(), body, on_behalf_of: onBehalfOf },
      { row_id: car.row_id, base_version: base },
    )
  expect(await pushOne(desk.session, step('finding.close', car, 1))).toMatchObject({
    status: 'rejected',
    code: 'finding_unanswered',
  })
  expect(await pushOne(desk.session, answer('By phone', null, 1))).toMatchObject({
    status: 'rejected',
    code: 'invalid_body',
  })
  expect(await pushOne(await cloud.openAs(recycler), answer('Here it is', null, 1))).toMatchObject({
    status: 'applied',
    rows: [
      { row: { status: 'answered', round: 2 } },
      { row: { kind: 'response', author_id: recycler, on_behalf_of: null } },
    ],
  })
  expect(await decide(desk.session, batch)).toMatchObject({ status: 'rejected', code: 'open_findings' })
  expect(await pushOne(desk.session, step('finding.close', car, 1))).toMatchObject({
    status: 'conflict',
    code: 'version_changed',
    rows: [{ table: 'findings' }],
  })
  expect(await pushOne(desk.session, step('finding.close', car, 2))).toMatchObject({
    status: 'applied',
    rows: [{ row: { status: 'closed', closed_by: desk.id, round: 2 } }, { row: { kind: 'review' } }],
  })
  expect(await pushOne(desk.session, step('finding.withdraw', clarification, 1))).toMatchObject({ status: 'applied' })
  expect(await pushOne(desk.session, step('finding.withdraw', clarification, 2))).toMatchObject({
    status: 'rejected',
    code: 'finding_settled',
  })
  expect(await decide(desk.session, batch)).toMatchObject({ status: 'applied' })
})

test('a verification needs every criterion, no knock-out and the very score that the cloud computes', {
  timeout,
}, async () => {
  const id = await newBatch('approved', auditor.id, 'accredited_auditor')
  const verify = (payload: Partial<MutationPayload<'decision.record'>> = {}) =>
    decide(auditor.session, id, { ...verification, rubric_id: rubric, ...payload })
  expect(await verify()).toMatchObject({ status: 'rejected', code: 'incomplete_scores' })
  await push(auditor.session, [mark(id, 'E-01', 4), mark(id, 'Q-01', 5)])
  expect(await verify()).toMatchObject({ status: 'rejected', code: 'incomplete_scores' })
  const last = mark(id, 'D-01', null, {}, 'There is no such step here')
  expect(await pushOne(auditor.session, last)).toMatchObject({ status: 'applied' })
  expect(await verify({ score: '4.30' })).toMatchObject({ status: 'rejected', code: 'score_mismatch' })
  expect(await verify({ score: '4.333' })).toMatchObject({ status: 'rejected', code: 'invalid_body' })
  expect(await verify({ score: '4.33', opinion: 'adverse' })).toMatchObject({
    status: 'rejected',
    code: 'invalid_body',
  })
  expect(await verify({ score: '4.33', rubric_id: randomUUID() })).toMatchObject({
    status: 'rejected',
    code: 'rubric_superseded',
  })
  const { rows } = await cloud.owner.query(
    `select id, version from public.scores where batch_id = $1 and criterion_code = 'E-01'`,
    [id],
  )
  const zero = mark(id, 'E-01', 0, { row_id: rows[0].id, base_version: rows[0].version })
  expect(await pushOne(auditor.session, zero)).toMatchObject({
    status: 'applied',
    rows: [{ row: { points: 0, version: 2 } }],
  })
  expect(await verify({ score: '1.67' })).toMatchObject({ status: 'rejected', code: 'knock_out' })
  const again = mark(id, 'E-01', 4, { row_id: rows[0].id, after_mutation_id: zero.mutation_id })
  expect(await pushOne(auditor.session, again)).toMatchObject({ status: 'applied' })
  expect(await verify({ score: '4.33' })).toMatchObject({
    status: 'applied',
    rows: [{ row: { status: 'verified', verification_score: '4.33', verified_by: auditor.id } }, {}],
  })
  expect(await pushOne(auditor.session, raise(id, 'observation'))).toMatchObject({
    status: 'rejected',
    code: 'batch_settled',
  })
})

test('a score names a criterion of the rubric in force and evidence of its batch, and is one per person and criterion', {
  timeout,
}, async () => {
  const other = await newBatch('under_review', null)
  const foreign = await addEvidence(cloud.owner, other, recycler)
  const own = await addEvidence(cloud.owner, batch, recycler)
  const withEvidence = (evidence: string) => {
    const sent = mark(batch, 'E-01', 3)
    return { ...sent, payload: { ...sent.payload, evidence_ids: [evidence] } }
  }
  expect(await pushOne(desk.session, withEvidence(foreign))).toMatchObject({ status: 'rejected', code: 'invalid_body' })
  expect(await pushOne(desk.session, mark(batch, 'Z-99', 3))).toMatchObject({
    status: 'rejected',
    code: 'invalid_body',
  })
  expect(await pushOne(desk.session, mark(batch, 'E-01', null, {}, 'never allowed here'))).toMatchObject({
    status: 'rejected',
    code: 'invalid_body',
  })
  expect(await pushOne(desk.session, withEvidence(own))).toMatchObject({
    status: 'applied',
    rows: [{ row: { evidence_ids: [own] } }],
  })
  expect(await pushOne(desk.session, mark(batch, 'E-01', 4))).toMatchObject({
    status: 'conflict',
    code: 'version_changed',
    rows: [{ table: 'scores', row: { points: 3 } }],
  })
})

test('a decision on content that has changed meanwhile is a conflict with the batch as it is', {
  timeout,
}, async () => {
  const before = await batchNow(cloud.owner, batch)
  await addEvidence(cloud.owner, batch, recycler)
  const stale = await pushOne(desk.session, decision(batch, before))
  expect(stale).toMatchObject({
    status: 'conflict',
    code: 'content_changed',
    rows: [{ table: 'batches', row: { id: batch } }],
  })
  const now = await batchNow(cloud.owner, batch)
  expect(stale.rows[0]?.row.content_hash).toBe(now.content_hash)
  expect(await pushOne(desk.session, decision(batch, { ...now, content_hash: 'f'.repeat(64) }))).toMatchObject({
    code: 'content_changed',
  })
  expect(await pushOne(desk.session, decision(batch, { ...now, version: now.version - 1 }))).toMatchObject({
    status: 'conflict',
    code: 'version_changed',
  })
  expect(await pushOne(desk.session, decision(batch, now))).toMatchObject({ status: 'applied' })
})

test('two verifiers who claim the same batch: the first has it, the second is told so', { timeout }, async () => {
  const id = await newBatch('pending', null)
  const second = await verifier('desk_verifier')
  const claim = () => mutation('batch.claim', id, { assignment_id: randomUUID() }, { base_version: 1 })
  const [left, right] = await Promise.all([pushOne(desk.session, claim()), pushOne(second.session, claim())])
  expect([left.status, right.status].sort()).toEqual(expect.arrayContaining(['applied']))
  expect([left, right].filter(({ status }) => status === 'applied')).toHaveLength(1)
  const { rows } = await cloud.owner.query(
    'select count(*)::int as count from public.assignments where batch_id = $1 and ended_at is null',
    [id],
  )
  expect(rows[0].count).toBe(1)
  const agent = await verifier('field_agent')
  const free = await newBatch('pending', null)
  expect(await pushOne(agent.session, mutation('batch.claim', free, { assignment_id: randomUUID() }))).toMatchObject({
    status: 'rejected',
  })
})

test('a certificate belongs to one verification of its issuer and to its content', { timeout }, async () => {
  const id = await newBatch('approved', auditor.id, 'accredited_auditor')
  await scoreAll(auditor.session, id, [5, 5, 5])
  const now = await batchNow(cloud.owner, id)
  const verify = decision(id, now, { ...verification, rubric_id: rubric })
  const digits = 'ef'.repeat(32)
  const issue = (payload: Partial<MutationPayload<'certificate.issue'>> = {}, rest: Partial<MutationDto> = {}) =>
    mutation(
      'certificate.issue',
      id,
      {
        decision_id: verify.row_id,
        certificate_number: `VD-${randomUUID()}`,
        opinion: 'unmodified',
        assurance_level: 'limited',
        object_path: `${id}/${randomUUID()}.pdf`,
        sha256: digits,
        byte_range_digest: digits,
        byte_size: 10,
        signature_id: randomUUID(),
        signer_subject: 'CN=x',
        signer_serial: '1',
        signer_fingerprint: digits,
        level: 'B-B',
        claimed_at: '2026-11-20T21:33:00.000Z',
        ...payload,
      },
      { content_hash: now.content_hash, ...rest },
    )
  expect(await pushOne(auditor.session, issue())).toMatchObject({ status: 'rejected', code: 'decision_missing' })
  expect(await pushOne(auditor.session, verify)).toMatchObject({ status: 'applied' })
  expect(await pushOne(auditor.session, issue({}, { content_hash: 'f'.repeat(64) }))).toMatchObject({
    status: 'rejected',
    code: 'content_changed',
  })
  expect(await pushOne(auditor.session, issue({ opinion: 'qualified' }))).toMatchObject({
    status: 'rejected',
    code: 'invalid_body',
  })
  expect(await pushOne(auditor.session, issue({ sha256: 'not a hash' }))).toMatchObject({
    status: 'rejected',
    code: 'invalid_body',
  })
  const other = await verifier('accredited_auditor')
  await assign(cloud.owner, [id], other.id, 'accredited_auditor')
  expect(await pushOne(other.session, issue())).toMatchObject({ status: 'rejected', code: 'decision_missing' })
  const first = issue()
  expect(await pushOne(auditor.session, first)).toMatchObject({
    status: 'applied',
    rows: [{ table: 'certificates' }, { table: 'signatures' }],
  })
  expect(await pushOne(auditor.session, issue())).toMatchObject({ status: 'rejected', code: 'already_issued' })
})
