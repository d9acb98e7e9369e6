import type { GrantStanding } from '../../shared/contract/views.ts'
import { type AccessGrant, grantState } from '../../shared/domain/access-grant.ts'
import { type GrantFacts, type GrantGateName, grantGateNames, grantGates } from '../../shared/domain/grant-gates.ts'
import { dayInWords, grantWords } from '../../shared/domain/grant-words.ts'

type Facts = Omit<GrantFacts, 'action'>

const concerns = (grant: AccessGrant, gate: GrantGateName, facts: Facts): boolean => {
  const { subject } = grant
  if (subject.kind !== gate) return false
  switch (subject.kind) {
    case 'accreditation':
      return subject.standards.includes(facts.standard)
    case 'independence':
      return subject.declaration === 'none' && subject.aboutId === facts.about[subject.aboutKind]
    case 'rotation':
      return subject.recyclerId === facts.about.recycler
  }
}

/** The grant that opens the gate; of several the one that was confirmed, then the one that lasts longest. */
const opening = (gate: GrantGateName, facts: Facts): AccessGrant | null =>
  facts.grants
    .filter((grant) => concerns(grant, gate, facts) && grantState(grant, facts.at) === 'in_force')
    .sort(
      (left, right) =>
        Number(right.confirmed) - Number(left.confirmed) || Date.parse(right.validUntil) - Date.parse(left.validUntil),
    )[0] ?? null

function openWords({ subject, validFrom, validUntil, confirmed }: AccessGrant, facts: Facts): string {
  const until = `until ${dayInWords(validUntil)}`
  switch (subject.kind) {
    case 'accreditation':
      return `${facts.standard}, ${subject.body} ${subject.number}, ${until}.`
    case 'independence':
      return confirmed
        ? `No conflict, declared on ${dayInWords(validFrom)}, ${until}.`
        : `Declared here on ${dayInWords(validFrom)}, not yet confirmed by the registry.`
    case 'rotation': {
      const since = facts.verifiedAt.filter((at) => Date.parse(at) > Date.parse(subject.countedAt)).length
      return `${subject.counted + since} of ${subject.engagements} verifications for this recycler, ${until}.`
    }
  }
}

function standingOf(gate: GrantGateName, action: 'approve' | 'verify', facts: Facts): GrantStanding {
  const rule = facts.rules.find(
    (each) => each.gate === gate && each.action === action && each.standard === facts.standard,
  )
  const required = rule?.required === true
  // What would be said if it were needed: where it is not, it is still worth knowing.
  const asked = { standard: facts.standard, action, gate, required: true, unconfirmed: rule?.unconfirmed ?? false }
  const closed = grantGates({ ...facts, action, rules: [asked] }).find((each) => each.gate === gate)
  const grant = opening(gate, facts)
  if (closed === undefined)
    return {
      gate,
      required,
      state: grant === null ? 'in_force' : grant.confirmed ? 'in_force' : 'unconfirmed',
      until: grant?.validUntil ?? null,
      message: grant === null ? 'Nothing is counted for this recycler yet.' : openWords(grant, facts),
      action: null,
    }
  const { message, action: advice } = grantWords(closed, facts.standard)
  return { gate, required, state: closed.state, until: closed.grant?.validUntil ?? null, message, action: advice }
}

/** How a person stands to a batch: a declared conflict first, then each gate, whether it is needed or not. */
export function grantStandings(action: 'approve' | 'verify', facts: Facts): readonly GrantStanding[] {
  const conflict = grantGates({ ...facts, action, rules: [] }).find(({ gate }) => gate === 'conflict_of_interest')
  const standings = grantGateNames.map((gate) => standingOf(gate, action, facts))
  if (conflict === undefined) return standings
  const { message, action: advice } = grantWords(conflict, facts.standard)
  const declared: GrantStanding = {
    gate: 'conflict_of_interest',
    required: true,
    state: 'declared',
    until: conflict.grant?.validUntil ?? null,
    message,
    action: advice,
  }
  return [declared, ...standings.filter(({ gate }) => gate !== 'independence')]
}
