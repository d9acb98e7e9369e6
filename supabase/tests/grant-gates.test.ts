import { afterAll, beforeAll, expect, test } from 'vitest'
import type { AccessGrant, AccessGrantSubject } from '../../shared/domain/access-grant.ts'
import { type GateRule, type GrantFacts, grantedActions, grantGates } from '../../shared/domain/grant-gates.ts'
import type { Instant } from '../../shared/domain/ids.ts'
import { type Cloud, SERVER_TEST_MS, startCloud } from './support.ts'

let cloud: Cloud
beforeAll(async () => {
  cloud = await startCloud()
}, SERVER_TEST_MS)
afterAll(() => cloud.stop())

const at = '2026-06-01T12:00:00.000Z' as Instant
const periods = [
  ['2026-01-01T00:00:00.000Z', '2027-01-01T00:00:00.000Z'],
  ['2026-06-01T12:00:00.000Z', '2027-01-01T00:00:00.000Z'],
  ['2026-01-01T00:00:00.000Z', '2026-06-01T12:00:00.000Z'],
  ['2026-06-01T12:00:00.001Z', '2027-01-01T00:00:00.000Z'],
] as const
const recycler = '11111111-1111-4111-8111-111111111111'
const organization = '22222222-2222-4222-8222-222222222222'
const project = '33333333-3333-4333-8333-333333333333'

const subjects: readonly AccessGrantSubject[] = [
  { kind: 'accreditation', standards: ['APRS', 'PCX'], body: 'x', number: '1' },
  { kind: 'accreditation', standards: ['ARCS'], body: 'x', number: '1' },
  ...(['none', 'conflict'] as const).flatMap((declaration) =>
    (
      [
        ['recycler', recycler],
        ['organization', organization],
        ['project', project],
        ['project', recycler],
      ] as const
    ).map(([aboutKind, aboutId]) => ({
      kind: 'independence' as const,
      declaration,
      aboutKind,
      aboutId,
      statement: '',
    })),
  ),
  ...[recycler, project].flatMap((recyclerId) =>
    [0, 1, 2].map((counted) => ({
      kind: 'rotation' as const,
      recyclerId,
      engagements: 2,
      counted,
      countedAt: '2026-03-01T00:00:00.000Z' as Instant,
    })),
  ),
]
const grants: readonly AccessGrant[] = subjects.flatMap((subject) =>
  periods.flatMap(([validFrom, validUntil]) =>
    [null, '2026-05-01T00:00:00.000Z'].flatMap((revokedAt) =>
      [true, false].map((confirmed) => ({
        id: 'grant',
        subject,
        validFrom: validFrom as Instant,
        validUntil: validUntil as Instant,
        revokedAt: revokedAt as Instant | null,
        confirmed,
      })),
    ),
  ),
)
const ruleSets: readonly (readonly GateRule[])[] = [true, false].flatMap((required) =>
  [true, false].map((unconfirmed) =>
    grantedActions.flatMap((action) =>
      (['accreditation', 'independence', 'rotation'] as const)
        .filter((gate) => gate !== 'rotation' || action !== 'certificate.issue')
        .map((gate) => ({ standard: 'APRS' as const, action, gate, required, unconfirmed })),
    ),
  ),
)
const verifications = [[], ['2026-03-01T00:00:00.000Z'], ['2026-02-01T00:00:00.000Z', '2026-03-02T00:00:00.000Z']]

/** The facts as the cloud's function reads them. */
const toCloud = (facts: GrantFacts) => ({
  action: facts.action,
  standard: facts.standard,
  at: facts.at,
  about: facts.about,
  rules: facts.rules,
  verified_at: facts.verifiedAt,
  grants: facts.grants.map(({ subject: { kind, ...subject }, validFrom, validUntil, revokedAt, confirmed }) => ({
    kind,
    subject: Object.fromEntries(
      Object.entries(subject).map(([name, value]) => [
        name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
        value,
      ]),
    ),
    valid_from: validFrom,
    valid_until: validUntil,
    revoked_at: revokedAt,
    confirmed,
  })),
})

const compare = async (all: readonly GrantFacts[]): Promise<ReadonlyMap<string, number>> => {
  const { rows } = await cloud.owner.query<{ closed: string[] }>(
    `select private.grant_gates(f) as closed from jsonb_array_elements($1::jsonb) with ordinality as t (f, o) order by o`,
    [JSON.stringify(all.map(toCloud))],
  )
  const seen = new Map<string, number>()
  for (const [index, facts] of all.entries()) {
    const here = grantGates(facts).map(({ gate, state }) => `${gate}/${state}`)
    expect(here, JSON.stringify(facts)).toEqual(rows[index]?.closed)
    for (const each of here) seen.set(each, (seen.get(each) ?? 0) + 1)
  }
  return seen
}

const everyOutcome = [
  'accreditation/ended',
  'accreditation/missing',
  'accreditation/not_begun',
  'accreditation/revoked',
  'conflict_of_interest/declared',
  'independence/ended',
  'independence/missing',
  'independence/not_begun',
  'independence/revoked',
  'rotation/ended',
  'rotation/exhausted',
]

test('workstation and cloud close the same gates for every grant, rule and action', {
  timeout: SERVER_TEST_MS,
}, async () => {
  const all = [[], ...grants.map((grant) => [grant])].flatMap((held) =>
    ruleSets.flatMap((rules) =>
      grantedActions.flatMap((action) =>
        verifications.map(
          (verifiedAt): GrantFacts => ({
            action,
            standard: 'APRS',
            at,
            about: { recycler, organization, project },
            rules,
            grants: held,
            verifiedAt: verifiedAt as Instant[],
          }),
        ),
      ),
    ),
  )
  const seen = await compare(all)
  expect([...seen.keys()].sort()).toEqual(everyOutcome)
})

test('workstation and cloud agree on two grants of a kind, and without an organization', {
  timeout: SERVER_TEST_MS,
}, async () => {
  const [rules = []] = ruleSets
  const all: GrantFacts[] = []
  for (const [index, one] of grants.entries())
    for (const other of grants.slice(index + 1))
      if (one.subject.kind === other.subject.kind && one.confirmed && !other.confirmed === (index % 2 === 0))
        all.push({
          action: 'verify',
          standard: 'APRS',
          at,
          about: { recycler, organization: index % 3 === 0 ? null : organization, project },
          rules,
          grants: [one, other],
          verifiedAt: [],
        })
  expect(all.length).toBeGreaterThan(500)
  await compare(all)
})
