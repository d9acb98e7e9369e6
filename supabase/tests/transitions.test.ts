import { afterAll, beforeAll, expect, test } from 'vitest'
import { batchStatuses } from '../../shared/domain/batch.ts'
import { decisionActions } from '../../shared/domain/decision.ts'
import { roles, subRoles } from '../../shared/domain/person.ts'
import { nextStatus } from '../../shared/domain/transitions.ts'
import { type Cloud, SERVER_TEST_MS, startCloud } from './support.ts'

let cloud: Cloud
beforeAll(async () => {
  cloud = await startCloud()
}, SERVER_TEST_MS)
afterAll(() => cloud.stop())

test('workstation and cloud lead every state, action and role to the same place', async () => {
  const steps = batchStatuses.flatMap((from) =>
    decisionActions.flatMap((action) =>
      roles.flatMap((role) => [null, ...subRoles].map((subRole) => ({ from, action, role, subRole }))),
    ),
  )
  const { rows } = await cloud.owner.query(
    `select private.decision_transition(s ->> 'from', s ->> 'action', s ->> 'role', s ->> 'subRole') as next
     from jsonb_array_elements($1::jsonb) with ordinality as t (s, o) order by o`,
    [JSON.stringify(steps)],
  )
  const workstation = steps.map((step) => ({ ...step, next: nextStatus(step.from, step.action, step) }))
  expect(steps.map((step, index) => ({ ...step, next: rows[index]?.next }))).toEqual(workstation)
  expect(workstation.filter(({ next }) => next !== null).length).toBeGreaterThan(8)
})
