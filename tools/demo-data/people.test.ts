import { expect, test } from 'vitest'
import { demoOrganizations, demoPeople, demoPeopleOfKind, demoPeopleWithoutAccess } from './people.ts'

test('there are three of each verifying kind, one administrator and five recyclers', () => {
  const counts = (
    ['accredited_auditor', 'desk_verifier', 'field_agent', 'compliance_officer', 'admin', 'recycler'] as const
  ).map((kind) => demoPeopleOfKind(kind).length)
  expect(counts).toEqual([3, 3, 3, 3, 1, 5])
  expect(demoPeopleWithoutAccess().map((person) => person.account)).toEqual(['pending', 'rejected', 'suspended'])
})

test('nobody who verifies works for a recycler, and every organization is known', () => {
  const kinds = new Map(demoOrganizations.map((organization) => [organization.name, organization.kind]))
  for (const person of [...demoPeople(), ...demoPeopleWithoutAccess()]) {
    expect(kinds.get(person.organization) === 'recycler').toBe(person.kind === 'recycler')
    expect(kinds.has(person.organization)).toBe(true)
  }
})

test('addresses and ids belong to one person each', () => {
  const everybody = [...demoPeople(), ...demoPeopleWithoutAccess()]
  expect(new Set(everybody.map((person) => person.email)).size).toBe(everybody.length)
  expect(new Set(everybody.map((person) => person.id)).size).toBe(everybody.length)
})
