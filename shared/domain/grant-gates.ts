import { type AccessGrant, type AccessGrantSubject, type GrantState, grantState } from './access-grant.ts'
import type { Instant } from './ids.ts'
import type { Standard } from './standard.ts'

/** What can need grants. */
export const grantedActions = ['approve', 'verify', 'certificate.issue'] as const
export type GrantedAction = (typeof grantedActions)[number]

/** What an action may need of a person. */
export const grantGateNames = ['accreditation', 'independence', 'rotation'] as const
export type GrantGateName = (typeof grantGateNames)[number]

/** One rule of the registry: what an action needs for a standard. */
export interface GateRule {
  readonly standard: Standard
  readonly action: GrantedAction
  readonly gate: GrantGateName
  readonly required: boolean
  /** True where a person's own declaration counts before it is signed. */
  readonly unconfirmed: boolean
}

/** All that the gates of grants look at. `grants` are the person's own. */
export interface GrantFacts {
  readonly action: GrantedAction
  readonly standard: Standard
  readonly at: Instant
  readonly about: {
    readonly recycler: string
    readonly organization: string | null
    readonly project: string
  }
  readonly rules: readonly GateRule[]
  readonly grants: readonly AccessGrant[]
  /** When the person verified batches of this recycler, as far as it is known here. */
  readonly verifiedAt: readonly Instant[]
}

/** Why a gate is closed. */
export type ClosedGrantState = Exclude<GrantState, 'in_force'> | 'missing' | 'declared' | 'exhausted'

/** A gate that is closed, and the grant that closes it or was the nearest to opening it. */
export interface ClosedGrantGate {
  readonly gate: 'conflict_of_interest' | GrantGateName
  readonly state: ClosedGrantState
  readonly grant: AccessGrant | null
}

type Of<Kind extends AccessGrantSubject['kind']> = AccessGrant & {
  readonly subject: Extract<AccessGrantSubject, { kind: Kind }>
}

const ofKind = <Kind extends AccessGrantSubject['kind']>(facts: GrantFacts, kind: Kind): readonly Of<Kind>[] =>
  facts.grants.filter((grant): grant is Of<Kind> => grant.subject.kind === kind)

const isAbout = ({ subject }: Of<'independence'>, { about }: GrantFacts): boolean =>
  subject.aboutId === about[subject.aboutKind]

const nearest = ['not_begun', 'ended', 'revoked'] as const

/** Null where one of the grants is in force; else the state to tell the person, with the grant of that state that ends last. */
function bestState(grants: readonly AccessGrant[], at: Instant): Pick<ClosedGrantGate, 'state' | 'grant'> | null {
  const states = grants.map((grant) => grantState(grant, at))
  if (states.includes('in_force')) return null
  for (const state of nearest) {
    const [last] = grants
      .filter((_, index) => states[index] === state)
      .sort((left, right) => Date.parse(right.validUntil) - Date.parse(left.validUntil))
    if (last !== undefined) return { state, grant: last }
  }
  return { state: 'missing', grant: null }
}

function rotationState(facts: GrantFacts): Pick<ClosedGrantGate, 'state' | 'grant'> | null {
  const limits = ofKind(facts, 'rotation').filter(
    ({ revokedAt, subject }) => revokedAt === null && subject.recyclerId === facts.about.recycler,
  )
  const inTime = limits.filter(({ validUntil }) => Date.parse(facts.at) < Date.parse(validUntil))
  const open = inTime.some(({ subject }) => {
    const since = facts.verifiedAt.filter((at) => Date.parse(at) > Date.parse(subject.countedAt)).length
    return subject.counted + since < subject.engagements
  })
  // Nothing counted is nothing used up.
  if (limits.length === 0 || open) return null
  return inTime.length > 0
    ? { state: 'exhausted', grant: inTime[0] ?? null }
    : { state: 'ended', grant: limits[0] ?? null }
}

function stateOf(facts: GrantFacts, rule: GateRule): Pick<ClosedGrantGate, 'state' | 'grant'> | null {
  switch (rule.gate) {
    case 'accreditation':
      return bestState(
        ofKind(facts, 'accreditation').filter(
          ({ confirmed, subject }) => confirmed && subject.standards.includes(facts.standard),
        ),
        facts.at,
      )
    case 'independence':
      return bestState(
        ofKind(facts, 'independence').filter(
          (grant) =>
            (grant.confirmed || rule.unconfirmed) && grant.subject.declaration === 'none' && isAbout(grant, facts),
        ),
        facts.at,
      )
    case 'rotation':
      return rotationState(facts)
  }
}

/**
 * The gates of grants that are closed for an action: a declared conflict first, whatever the rules say, then by name what the rules
 * of the standard need. The cloud asks the same of itself in `private.grant_gates`.
 */
export function grantGates(facts: GrantFacts): readonly ClosedGrantGate[] {
  const closed: ClosedGrantGate[] = []
  const conflict = ofKind(facts, 'independence').find(
    (grant) =>
      grant.subject.declaration === 'conflict' && isAbout(grant, facts) && grantState(grant, facts.at) === 'in_force',
  )
  if (conflict !== undefined) closed.push({ gate: 'conflict_of_interest', state: 'declared', grant: conflict })
  for (const gate of grantGateNames) {
    const rule = facts.rules.find(
      (each) => each.gate === gate && each.action === facts.action && each.standard === facts.standard,
    )
    if (rule === undefined || !rule.required) continue
    const state = stateOf(facts, rule)
    if (state !== null) closed.push({ gate, ...state })
  }
  return closed
}
