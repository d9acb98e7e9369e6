import { createPublicKey, verify as verifySignature } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { grantBody } from '../../shared/wire/grant-body.ts'
import { accessGrantDto } from '../../shared/wire/rows.ts'
import type { MutationDto } from '../../shared/wire/sync.ts'
import { grantAccess, signGrants } from './grants.ts'
import { Mirror, readableRows } from './mirror.ts'
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
  smallRubric,
  startCloud,
} from './support.ts'

const timeout = SERVER_TEST_MS
let cloud: Cloud
let rubric: string
let admin: { id: string; session: Session }
let recycler: string
let auditor: { id: string; session: Session }
let batch: string

const person = async (facts: Parameters<typeof addPerson>[1]) => {
  const id = await addPerson(cloud.owner, facts)
  return { id, session: await cloud.openAs(id) }
}
beforeAll(async () => {
  cloud = await startCloud()
  rubric = await publishRubric(cloud.owner)
  admin = await person({ role: 'admin' })
}, timeout)
afterAll(() => cloud.stop())

/** An approved batch of a new recycler, assigned to a new auditor who holds nothing yet. */
beforeEach(async () => {
  recycler = await addPerson(cloud.owner, { role: 'recycler' })
  auditor = await person({ role: 'verifier', subRole: 'accredited_auditor' })
  batch = await approvedBatch()
}, timeout)

const approvedBatch = async (): Promise<string> => {
  const [id = ''] = await addBatches(cloud.owner, await addProject(cloud.owner, recycler), 1, 'approved')
  await assign(cloud.owner, [id], auditor.id, 'accredited_auditor')
  return id
}
const verification = async (id: string, rest: Partial<MutationDto> = {}): Promise<MutationDto> => {
  const scores = smallRubric.criteria.map(({ code }) =>
    mutation('score.set', id, {
      rubric_id: rubric,
      criterion_code: code,
      points: 5,
      not_applicable_reason: null,
      note: '',
      evidence_ids: [],
    }),
  )
  await push(auditor.session, scores)
  return decision(
    id,
    await batchNow(cloud.owner, id),
    {
      action: 'verify',
      reason_code: 'verified',
      reason: 'Verified',
      score: '5.00',
      rubric_id: rubric,
      opinion: 'unmodified',
      assurance_level: 'reasonable',
    },
    { occurred_at: new Date().toISOString(), clock_offset_ms: 0, ...rest },
  )
}
const verify = async (rest: Partial<MutationDto> = {}, id = batch) =>
  pushOne(auditor.session, await verification(id, rest))
const declaration = (said: 'none' | 'conflict', rest: Partial<MutationDto> = {}): MutationDto =>
  mutation(
    'independence.declare',
    batch,
    { declaration: said, statement: '' },
    { occurred_at: new Date().toISOString(), clock_offset_ms: 0, ...rest },
  )
const accreditation = { standards: ['APRS', 'APRS'], body: ' Accreditation Service ', number: 'AS-1' }
const issue = (
  by: Session,
  to: string,
  from = '2020-01-01Z',
  until = '2100-01-01Z',
  subject: unknown = accreditation,
) =>
  by.call<string>('issue_access_grant', {
    p_user: to,
    p_kind: 'accreditation',
    p_subject: subject,
    p_valid_from: from,
    p_valid_until: until,
  })

test('a verification needs an accreditation for the standard and a declaration of independence', {
  timeout,
}, async () => {
  expect(await verify()).toMatchObject({ status: 'rejected', code: 'accreditation' })
  await grantAccess(cloud.owner, auditor.id, { standards: ['PCX'] })
  expect(await verify()).toMatchObject({ status: 'rejected', code: 'accreditation' })
  await grantAccess(cloud.owner, auditor.id, { standards: ['APRS'] })
  expect(await verify()).toMatchObject({ status: 'rejected', code: 'independence' })
  await grantAccess(cloud.owner, auditor.id, { independentOf: [recycler] })
  expect(await verify()).toMatchObject({ status: 'applied' })
})

test('an accreditation that is not signed opens nothing', { timeout }, async () => {
  await grantAccess(cloud.owner, auditor.id, { independentOf: [recycler] })
  await issue(admin.session, auditor.id)
  expect(await verify()).toMatchObject({ status: 'rejected', code: 'accreditation' })
  expect(await signGrants(cloud.owner)).toBeGreaterThan(0)
  expect(await verify()).toMatchObject({ status: 'applied' })
})

test('a decision made in time and sent after the end is refused, and so is one made before the beginning', {
  timeout,
}, async () => {
  const day = 86_400_000
  const at = (days: number) => new Date(Date.now() + days * day).toISOString()
  await grantAccess(cloud.owner, auditor.id, { standards: ['APRS'], validFrom: at(-9), validUntil: at(-1) })
  await grantAccess(cloud.owner, auditor.id, { independentOf: [recycler] })
  expect(await verify({ occurred_at: at(-2) })).toMatchObject({ status: 'rejected', code: 'accreditation' })
  await grantAccess(cloud.owner, auditor.id, { standards: ['APRS'], validFrom: at(-1), validUntil: at(9) })
  // The new one was not in force two days ago, the old one is not now.
  expect(await verify({ occurred_at: at(-12) })).toMatchObject({ status: 'rejected', code: 'accreditation' })
  // A clock a year ahead is put right by its offset, one without an offset is never believed to be in the future.
  expect(await verify({ occurred_at: at(365), clock_offset_ms: Math.round(-365.1 * day) })).toMatchObject({
    status: 'applied',
  })
  batch = await approvedBatch()
  expect(await verify({ occurred_at: at(365), clock_offset_ms: null }, batch)).toMatchObject({ status: 'applied' })
})

test('what was revoked while a decision waited offline has it rejected, with words that say so', {
  timeout,
}, async () => {
  const [grant = ''] = await grantAccess(cloud.owner, auditor.id, { standards: ['APRS'], independentOf: [recycler] })
  const made = await verification(batch)
  await admin.session.call('revoke_access_grant', { p_grant: grant, p_reason: 'Withdrawn by the accreditation body' })
  expect(await pushOne(auditor.session, made)).toMatchObject({
    status: 'rejected',
    code: 'accreditation',
    message: 'Your accreditation for APRS was revoked.',
  })
  expect((await batchNow(cloud.owner, batch)).status).toBe('approved')
})

test('a declaration that comes with the decision counts before it is signed', { timeout }, async () => {
  await grantAccess(cloud.owner, auditor.id, { standards: ['APRS'] })
  const declared = declaration('none', { occurred_at: new Date(Date.now() - 60_000).toISOString() })
  expect(await push(auditor.session, [declared, await verification(batch)])).toMatchObject([
    { status: 'applied', rows: [] },
    { status: 'applied' },
  ])
  expect(await push(auditor.session, [declared])).toMatchObject([{ status: 'duplicate' }])
})

test('a declared conflict stops a verification at once, and only an administrator lifts it', { timeout }, async () => {
  await grantAccess(cloud.owner, auditor.id, { standards: ['APRS'], independentOf: [recycler] })
  const conflict = declaration('conflict')
  expect(await pushOne(auditor.session, conflict)).toMatchObject({ status: 'applied' })
  expect(await verify()).toMatchObject({ status: 'rejected', code: 'conflict_of_interest' })
  expect(await pushOne(auditor.session, declaration('none'))).toMatchObject({
    status: 'rejected',
    code: 'conflict_declared',
  })
  await admin.session.call('revoke_access_grant', { p_grant: conflict.row_id, p_reason: 'The shares were sold' })
  expect(await pushOne(auditor.session, declaration('none'))).toMatchObject({ status: 'applied' })
  expect(await verify()).toMatchObject({ status: 'applied' })
})

test('a conflict stops an approval too, although an approval needs no grants', { timeout }, async () => {
  const desk = await person({ role: 'verifier', subRole: 'desk_verifier' })
  const [id = ''] = await addBatches(cloud.owner, await addProject(cloud.owner, recycler), 1, 'under_review')
  await assign(cloud.owner, [id], desk.id)
  await desk.session.call('declare_independence', {
    p_about_kind: 'recycler',
    p_about_id: recycler,
    p_declaration: 'conflict',
    p_statement: 'My brother works there.',
  })
  const approve = async () => pushOne(desk.session, decision(id, await batchNow(cloud.owner, id)))
  expect(await approve()).toMatchObject({ status: 'rejected', code: 'conflict_of_interest' })
  await admin.session.call('revoke_access_grant', {
    p_grant: (await desk.session.query<{ id: string }>('select id from public.access_grants'))[0]?.id,
    p_reason: 'Not a relative',
  })
  expect(await approve()).toMatchObject({ status: 'applied' })
})

test('rotation is counted from the first assignment, and used up by verifications', { timeout }, async () => {
  await grantAccess(cloud.owner, auditor.id, { standards: ['APRS'], independentOf: [recycler] })
  const counted = await cloud.owner.query(
    `select subject from public.access_grants where user_id = $1 and kind = 'rotation'`,
    [auditor.id],
  )
  expect(counted.rows).toMatchObject([{ subject: { recycler_id: recycler, counted: 0, engagements: 250 } }])
  await admin.session.call('issue_access_grant', {
    p_user: auditor.id,
    p_kind: 'rotation',
    p_subject: { recycler_id: recycler, engagements: 1 },
    p_valid_from: '2020-01-01Z',
    p_valid_until: '2100-01-01Z',
  })
  expect(await verify()).toMatchObject({ status: 'applied' })
  const next = await approvedBatch()
  expect(await verify({}, next)).toMatchObject({ status: 'rejected', code: 'rotation' })
  await admin.session.call('issue_access_grant', {
    p_user: auditor.id,
    p_kind: 'rotation',
    p_subject: { recycler_id: recycler, engagements: 2 },
    p_valid_from: '2020-01-01Z',
    p_valid_until: '2100-01-01Z',
  })
  expect(await verify({}, next)).toMatchObject({ status: 'applied' })
})

test('a rule that is switched off needs nothing', { timeout }, async () => {
  await cloud.owner.query(`update public.gate_rules set required = false where standard = 'APRS'`)
  try {
    expect(await verify()).toMatchObject({ status: 'applied' })
  } finally {
    await cloud.owner.query(
      `update public.gate_rules set required = true where standard = 'APRS' and action = 'verify'`,
    )
  }
})

test('nobody issues or revokes a grant of their own, and only administrators do', { timeout }, async () => {
  const both = await person({ role: 'admin' })
  await cloud.owner.query(`update public.users set role = 'verifier' where id = $1`, [auditor.id])
  await expect(issue(both.session, both.id)).rejects.toMatchObject({ detail: 'four_eyes' })
  await expect(issue(auditor.session, auditor.id)).rejects.toMatchObject({ detail: 'not_allowed' })
  await expect(issue(both.session, recycler)).rejects.toMatchObject({ detail: 'invalid_grant' })
  await expect(issue(both.session, auditor.id, '2030-01-01Z', '2029-01-01Z')).rejects.toMatchObject({
    detail: 'invalid_grant',
  })
  for (const subject of [
    {},
    { ...accreditation, standards: [] },
    { ...accreditation, standards: ['XXXX'] },
    { ...accreditation, number: ' ' },
  ])
    await expect(issue(both.session, auditor.id, '2020-01-01Z', '2100-01-01Z', subject)).rejects.toMatchObject({
      detail: 'invalid_grant',
    })
  const made = await issue(both.session, auditor.id)
  await expect(auditor.session.call('revoke_access_grant', { p_grant: made, p_reason: 'x' })).rejects.toMatchObject({
    detail: 'not_allowed',
  })
  await expect(both.session.call('revoke_access_grant', { p_grant: made, p_reason: ' ' })).rejects.toMatchObject({
    detail: 'invalid_request',
  })
})

test('a grant stays as it was issued, signed and revoked, whoever asks', { timeout }, async () => {
  const [grant = ''] = await grantAccess(cloud.owner, auditor.id, { standards: ['APRS'] })
  for (const change of [
    `valid_until = '2200-01-01Z'`,
    `subject = '{"standards": ["PCX"]}'`,
    'signature = null, key_id = null',
    `user_id = '${admin.id}'`,
  ])
    await expect(
      cloud.owner.query(`update public.access_grants set ${change} where id = $1`, [grant]),
    ).rejects.toMatchObject({
      detail: 'immutable',
    })
  await expect(cloud.owner.query('delete from public.access_grants where id = $1', [grant])).rejects.toMatchObject({
    detail: 'immutable',
  })
})

test('a signature of an unknown or retired key, or over another text, is not kept', { timeout }, async () => {
  const made = await issue(admin.session, auditor.id)
  const store = (key: string, body: string) =>
    cloud.owner.query(`select public.store_access_grant_signature($1, $2, $3, $4) as kept`, [
      made,
      body,
      key,
      `${'A'.repeat(86)}==`,
    ])
  const { rows } = await cloud.owner.query('select body from public.access_grants where id = $1', [made])
  await expect(store('0123456789abcdef', rows[0].body)).rejects.toMatchObject({ detail: 'unknown_key' })
  await cloud.owner.query(
    `insert into public.grant_keys (key_id, public_key, retired_at) values ('fedcba9876543210', $1, now()) on conflict do nothing`,
    [`${'A'.repeat(59)}=`],
  )
  await expect(store('fedcba9876543210', rows[0].body)).rejects.toMatchObject({ detail: 'unknown_key' })
  await signGrants(cloud.owner)
  const known = await cloud.owner.query(`select key_id from public.access_grants where id = $1`, [made])
  expect((await store(known.rows[0].key_id, `${rows[0].body} `)).rows).toEqual([{ kept: false }])
})

test('the body is canonical JSON, says all that the grant says, and carries its signature', { timeout }, async () => {
  const made = await issue(admin.session, auditor.id)
  await signGrants(cloud.owner)
  const rows = await auditor.session.query<{ body: unknown }>(
    `select body from private.wire_rows where tbl = 'access_grants' and id = $1`,
    [made],
  )
  const row = accessGrantDto.parse(rows[0]?.body)
  const body = grantBody.parse(JSON.parse(row.body))
  expect(body).toMatchObject({
    id: made,
    user_id: auditor.id,
    kind: 'accreditation',
    subject: { standards: ['APRS'], body: 'Accreditation Service', number: 'AS-1' },
    valid_until: '2100-01-01T00:00:00.000Z',
    issued_by: admin.id,
  })
  const sort = (value: unknown): unknown =>
    Array.isArray(value)
      ? value.map(sort)
      : typeof value === 'object' && value !== null
        ? Object.fromEntries(
            Object.entries(value)
              .sort(([a], [b]) => (a < b ? -1 : 1))
              .map(([k, v]) => [k, sort(v)]),
          )
        : value
  expect(row.body).toBe(JSON.stringify(sort(body)))
  const { rows: keys } = await cloud.owner.query('select public_key from public.grant_keys where key_id = $1', [
    row.key_id,
  ])
  const key = createPublicKey({ key: Buffer.from(keys[0].public_key, 'base64'), format: 'der', type: 'spki' })
  expect(verifySignature(null, Buffer.from(row.body), key, Buffer.from(row.signature, 'base64'))).toBe(true)
})

test('one job is asked for every grant, in the transaction that makes it', { timeout }, async () => {
  const made = await issue(admin.session, auditor.id)
  const { rows } = await cloud.owner.query(`select kind, payload from private.job_queue where idempotency_key = $1`, [
    `access_grant.sign:${made}`,
  ])
  expect(rows).toEqual([{ kind: 'access_grant.sign', payload: { grant_id: made } }])
})

test('a mirror holds one’s own signed grants with keys and rules, the register all, and follows what is revoked', {
  timeout,
}, async () => {
  const held = async (session: Session, scopes: readonly string[], mirrors: Mirror[]) => {
    const all: Record<string, number> = {}
    for (const [index, scope] of scopes.entries()) {
      const mirror = mirrors[index] ?? new Mirror(session, scope, 7)
      if (mirrors[index] === undefined) {
        mirrors.push(mirror)
        await mirror.bootstrap()
      }
      await mirror.pull()
      Object.assign(all, mirror.versions())
    }
    expect(Object.fromEntries(Object.entries(all).sort())).toEqual(await readableRows(session))
    return Object.keys(all).filter((key) => key.startsWith('access_grants/')).length
  }
  const [mine, whole]: [Mirror[], Mirror[]] = [[], []]
  const scopes = ['reference', `person:${auditor.id}`, 'pool']
  await signGrants(cloud.owner)
  expect(await held(auditor.session, scopes, mine)).toBe(1)
  await held(admin.session, ['reference', 'register'], whole)
  await pushOne(auditor.session, declaration('none'))
  expect(await held(auditor.session, scopes, mine)).toBe(1)
  const [grant = ''] = await grantAccess(cloud.owner, auditor.id, { standards: ['APRS'] })
  expect(await held(auditor.session, scopes, mine)).toBe(3)
  const before = await held(admin.session, ['reference', 'register'], whole)
  await admin.session.call('revoke_access_grant', { p_grant: grant, p_reason: 'Ended' })
  await admin.session.call('change_gate_rule', {
    p_standard: 'PCX',
    p_action: 'approve',
    p_gate: 'accreditation',
    p_required: true,
  })
  expect(await held(auditor.session, scopes, mine)).toBe(3)
  expect(mine[1]?.rows.get(`access_grants/${grant}`)?.row).toMatchObject({ revocation_reason: 'Ended' })
  expect(await held(admin.session, ['reference', 'register'], whole)).toBe(before)
  const { rows } = await cloud.owner.query('select private.rebuild_feed() as written')
  expect(rows).toEqual([{ written: '0' }])
})

test('two who assign the same auditor at once make one limit', { timeout }, async () => {
  const other = await person({ role: 'verifier', subRole: 'accredited_auditor' })
  const batches = await addBatches(cloud.owner, await addProject(cloud.owner, recycler), 12, 'approved')
  const clients = await Promise.all(batches.map(() => cloud.connect()))
  await Promise.all(
    batches.map((id, index) =>
      clients[index]?.query('insert into public.assignments (batch_id, user_id, role) values ($1, $2, $3)', [
        id,
        other.id,
        'accredited_auditor',
      ]),
    ),
  )
  const { rows } = await cloud.owner.query(`select count(*)::integer from public.access_grants where user_id = $1`, [
    other.id,
  ])
  expect(rows).toEqual([{ count: 1 }])
})
