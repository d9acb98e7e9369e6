import { expect, test } from 'vitest'
import { batchStatuses } from './batch.ts'
import { decisionActions } from './decision.ts'
import { roles, subRoles } from './person.ts'
import { actionsOf, isPositive, nextStatus, statusAfter, transitions } from './transitions.ts'

const actors = roles.flatMap((role) => [null, ...subRoles].map((subRole) => ({ role, subRole })))

test('every step of the table is open to somebody, and to nobody else than the table says', () => {
  const open = batchStatuses.flatMap((from) =>
    decisionActions.flatMap((action) =>
      actors
        .filter((actor) => nextStatus(from, action, actor) !== null)
        .map((actor) => `${from} ${action} ${actor.role}/${actor.subRole ?? '-'}`),
    ),
  )
  expect(open).toEqual([
    'pending claim verifier/desk_verifier',
    'pending claim verifier/accredited_auditor',
    'under_review approve verifier/desk_verifier',
    'under_review reject verifier/desk_verifier',
    'under_review request_changes verifier/desk_verifier',
    'changes_requested resubmit recycler/-',
    'changes_requested resubmit recycler/field_agent',
    'changes_requested resubmit recycler/desk_verifier',
    'changes_requested resubmit recycler/accredited_auditor',
    'approved reject verifier/accredited_auditor',
    'approved request_changes verifier/accredited_auditor',
    'approved verify verifier/accredited_auditor',
    'verified retire buyer/-',
    'verified retire buyer/field_agent',
    'verified retire buyer/desk_verifier',
    'verified retire buyer/accredited_auditor',
  ])
})

test('no administrator and no field agent decides', () => {
  expect(actionsOf({ role: 'admin', subRole: null })).toEqual([])
  expect(actionsOf({ role: 'verifier', subRole: 'field_agent' })).toEqual([])
})

test('a step is listed once, so that its target is never ambiguous', () => {
  const steps = transitions.map(({ from, action }) => `${from} ${action}`)
  expect(new Set(steps).size).toBe(steps.length)
})

test('only approving and verifying are positive', () => {
  expect(decisionActions.filter(isPositive)).toEqual(['approve', 'verify'])
})

test('each action leads to one state, from wherever it is taken', () => {
  for (const { action, to } of transitions) expect(statusAfter(action), action).toBe(to)
})
