import { afterEach, beforeEach, expect, test } from 'vitest'
import { mutationDto, mutationPayloads } from '../../shared/wire/sync.ts'
import { getBatchDetail } from '../batches/get-batch-detail.ts'
import type { CaseContext } from '../database/case-context.ts'
import { fixture, openTestWorkspace, people, type TestWorkspace } from '../database/testing.ts'
import { settleMutation } from '../outbox/settle-mutation.ts'
import { takeForPush } from '../outbox/take-for-push.ts'
import { setScore } from '../scores/set-score.ts'
import { declareIndependence } from './declare-independence.ts'
import { listGrants } from './list-grants.ts'
import { openTestRegistry, type SaidGrant, type TestRegistry } from './testing.ts'

const batchId = fixture.batch(0)
const day = 86_400_000
const me = people.auditor
let workspace: TestWorkspace
let registry: TestRegistry

beforeEach(() => {
  workspace = openTestWorkspace({ batches: 1, evidencePerBatch: 0, statusOf: () => 'approved' })
  registry = workspace.database.write((handle) => openTestRegistry(handle))
  for (const criterionCode of fixture.criteria)
    expect(
      setScore(workspace.as(me), {
        batchId,
        criterionCode,
        points: 4,
        notApplicableReason: null,
        note: '',
        evidenceFileIds: [],
      }).ok,
    ).toBe(true)
})
afterEach(() => workspace.dispose())

const accreditation: SaidGrant = {
  kind: 'accreditation',
  subject: { standards: ['APRS'], body: 'Accreditation Service', number: 'AS-1' },
}
const independence = (declaration: 'none' | 'conflict'): SaidGrant => ({
  kind: 'independence',
  subject: { declaration, about_kind: 'recycler', about_id: people.recycler.id, statement: '' },
})
const rotation = (engagements: number, counted: number): SaidGrant => ({
  kind: 'rotation',
  subject: { recycler_id: people.recycler.id, engagements, counted, counted_at: '2026-06-01T00:00:00.000Z' },
})
const give = (said: SaidGrant, more: Readonly<Record<string, unknown>> = {}): string =>
  workspace.database.write((handle) => registry.grant(handle, me.id, said, more))
const change = (statement: string, ...values: readonly unknown[]): void =>
  workspace.database.write((handle) => {
    handle.prepare(statement).run(...values)
  })
const detail = (more: Partial<CaseContext> = {}) => {
  const result = getBatchDetail(workspace.as(me, more), { batchId })
  if (!result.ok) throw new Error(result.error.message)
  return result.value
}
const gates = (more: Partial<CaseContext> = {}) =>
  detail(more).actions.find(({ action }) => action === 'verify')?.gates ?? []
const codes = (more: Partial<CaseContext> = {}) => gates(more).map(({ code }) => code)
const declare = (declaration: 'none' | 'conflict', statement = '') =>
  declareIndependence(workspace.as(me), { batchId, declaration, statement })

test('without grants a verification is closed twice, with them it is open', () => {
  expect(gates()).toMatchObject([
    { code: 'accreditation', severity: 'blocks', message: 'You hold no accreditation for APRS.' },
    { code: 'independence', message: 'You have not declared your independence from this recycler.' },
  ])
  give(accreditation)
  give(independence('none'))
  expect(codes()).toEqual([])
})

test('a register that asks for nothing closes nothing', () => {
  change('update gate_rule set required = 0')
  expect(codes()).toEqual([])
})

test('an accreditation ends offline, at the end of its period, and says on which day', () => {
  give({ ...accreditation, validUntil: '2026-11-22T09:00:00.000Z' })
  give(independence('none'))
  workspace.clock.advance(2 * day - 1)
  expect(codes()).toEqual([])
  workspace.clock.advance(1)
  expect(gates()).toMatchObject([
    {
      code: 'accreditation',
      message: 'Your accreditation for APRS ended on 22 November 2026.',
      action: 'Ask an administrator to renew it, then sync.',
    },
  ])
})

test('a clock a year off is put right by the offset that was measured', () => {
  give({ ...accreditation, validUntil: '2026-12-01T00:00:00.000Z' })
  give(independence('none'))
  workspace.clock.advance(365 * day)
  expect(codes()).toEqual(['accreditation', 'independence'])
  expect(codes({ clockOffsetMilliseconds: -365 * day })).toEqual([])
  expect(codes({ clockOffsetMilliseconds: 365 * day })).toEqual(['accreditation', 'independence'])
})

test('a clock that is set back offline brings no ended grant to life', () => {
  give({ ...accreditation, validUntil: '2026-11-10T00:00:00.000Z' })
  give(independence('none'))
  expect(codes()).toEqual(['accreditation'])
  change(`insert into workspace_fact (key, value) values ('sync.last_pulled_at', '"2026-11-20T09:00:00.000Z"')`)
  workspace.clock.advance(-20 * day)
  expect(codes()).toEqual(['accreditation'])
})

test('a revoked accreditation closes the gate and says when', () => {
  give(accreditation, { revoked_at: '2026-11-19T10:00:00.000Z', revocation_reason: 'Withdrawn' })
  give(independence('none'))
  expect(gates()).toMatchObject([
    { code: 'accreditation', message: 'Your accreditation for APRS was revoked on 19 November 2026.' },
  ])
  expect(listGrants(workspace.as(me))).toMatchObject({
    value: [{ state: 'in_force' }, { state: 'revoked', revocationReason: 'Withdrawn' }],
  })
})

test.each([
  ['a longer period', `body = replace(body, '2026-06', '2036-06')`],
  ['another standard', `body = replace(body, 'PCX', 'APRS')`],
  ['another person’s grant', `user_id = '${me.id}'`],
  ['an unknown key', `key_id = '0000000000000000'`],
  ['another signature', `signature = '${'A'.repeat(86)}=='`],
  ['no JSON', `body = 'x' || body`],
])('a row with %s opens no gate and is shown as not verified', (_, tampering) => {
  give(independence('none'))
  const other = tampering.startsWith('user_id')
  const standards = tampering.includes('PCX') ? ['PCX' as const] : ['APRS' as const]
  const id = workspace.database.write((handle) =>
    registry.grant(handle, other ? people.otherDesk.id : me.id, {
      kind: 'accreditation',
      subject: { standards, body: 'x', number: '1' },
      validUntil: tampering.includes('2036') ? '2026-06-01T00:00:00.000Z' : '2027-01-01T00:00:00.000Z',
    }),
  )
  change(`update access_grant set ${tampering} where id = ?`, id)
  expect(codes()).toEqual(['accreditation'])
  expect(listGrants(workspace.as(me))).toMatchObject({ value: [{ state: 'in_force' }, { id, state: 'unbelieved' }] })
})

test('a key that was retired before, or put in another’s place, signs nothing', () => {
  give(accreditation)
  give(independence('none'))
  change(`update grant_key set retired_at = '2026-01-01T00:00:00.000Z'`)
  expect(codes()).toEqual([])
  change(`update grant_key set retired_at = '2025-12-31T00:00:00.000Z'`)
  expect(codes()).toEqual(['accreditation', 'independence'])
  change('update grant_key set retired_at = null')
  expect(codes()).toEqual([])
  change(`update grant_key set public_key = 'MCowBQYDK2VwAyEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA='`)
  expect(codes()).toEqual(['accreditation', 'independence'])
})

test('a declaration made here counts at once as not confirmed, goes with the next push, and stays until it is signed', () => {
  give(accreditation)
  const declared = declare('none', 'I hold no shares.')
  expect(declared).toMatchObject({
    ok: true,
    value: {
      standings: [
        { gate: 'accreditation', state: 'in_force' },
        {
          gate: 'independence',
          state: 'unconfirmed',
          message: 'Declared here on 20 November 2026, not yet confirmed by the registry.',
        },
        { gate: 'rotation', state: 'in_force' },
      ],
    },
  })
  expect(codes()).toEqual([])
  const bodies = workspace.database.write((handle) => takeForPush(handle, workspace.clock, 10))
  const body = bodies.find(({ kind }) => kind === 'independence.declare')
  expect(mutationDto.parse(body)).toMatchObject({ batch_id: batchId, base_version: 0 })
  expect(mutationPayloads['independence.declare'].parse(body?.payload)).toEqual({
    declaration: 'none',
    statement: 'I hold no shares.',
  })
  const settle = (status: 'applied' | 'rejected') =>
    workspace.database.write((handle) =>
      settleMutation(handle, workspace.as(me), {
        mutation_id: body?.mutation_id ?? '',
        status,
        code: null,
        message: null,
        action: null,
        rows: [],
      }),
    )
  settle('applied')
  expect(codes()).toEqual([])
  expect(listGrants(workspace.as(me))).toMatchObject({ value: [{ state: 'in_force' }, { state: 'unconfirmed' }] })
})

test('a declaration that the register wants signed first does not count before', () => {
  give(accreditation)
  change('update gate_rule set unconfirmed = 0')
  expect(declare('none').ok).toBe(true)
  expect(codes()).toEqual(['independence'])
})

test('a declared conflict closes verification at once and cannot be taken back here', () => {
  give(accreditation)
  give(independence('none'))
  expect(declare('conflict', 'My brother works there.')).toMatchObject({
    ok: true,
    value: { standings: [{ gate: 'conflict_of_interest', state: 'declared' }, {}, {}] },
  })
  expect(codes()).toEqual(['conflict_of_interest'])
  expect(declare('none')).toMatchObject({ ok: false, error: { code: 'blocked' } })
  expect(codes()).toEqual(['conflict_of_interest'])
})

test('a conflict closes even when its signature does not hold', () => {
  give(accreditation)
  give(independence('none'))
  give(independence('conflict'), { signature: `${'A'.repeat(86)}==` })
  expect(codes()).toEqual(['conflict_of_interest'])
})

test('rotation counts what the cloud counted and what was verified since', () => {
  give(accreditation)
  give(independence('none'))
  const limit = give(rotation(3, 2))
  expect(codes()).toEqual([])
  expect(detail().standings[2]).toMatchObject({
    message: '2 of 3 verifications for this recycler, until 1 January 2027.',
  })
  change(
    `insert into decision (id, batch_id, actor_id, action, from_status, to_status, reason_code, reason, content_hash,
       unviewed_evidence_count, decided_at, received_at, version, scopes)
     values ('d', ?, ?, 'verify', 'approved', 'verified', 'verified', '', 'x', 0, '2026-07-01T00:00:00.000Z', '2026-07-01T00:00:00.000Z', 1, 1)`,
    batchId,
    me.id,
  )
  expect(gates()).toMatchObject([
    {
      code: 'rotation',
      message: 'You have done all 3 verifications that rotation allows you for this recycler.',
    },
  ])
  change('update access_grant set revoked_at = ? where id = ?', '2026-11-01T00:00:00.000Z', limit)
  expect(codes()).toEqual([])
})

test('whoever is not assigned, or only visits the site, declares nothing', () => {
  const as = (person: typeof me) =>
    declareIndependence(workspace.as(person), { batchId, declaration: 'none', statement: '' })
  expect(as(people.otherDesk)).toMatchObject({ ok: false, error: { code: 'not_allowed' } })
  expect(as(people.recycler)).toMatchObject({ ok: false, error: { code: 'not_allowed' } })
})
