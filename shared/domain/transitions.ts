import { assertNever } from '../assert-never.ts'
import type { BatchStatus } from './batch.ts'
import type { DecisionAction } from './decision.ts'
import type { Role, SubRole } from './person.ts'

/** Who may take an action at all. */
interface Actor {
  readonly role: Role
  readonly subRole: SubRole | null
}

/** One row of the transition table. */
export interface Transition {
  readonly from: BatchStatus
  readonly action: DecisionAction
  readonly to: BatchStatus
  readonly by: (actor: Actor) => boolean
}

const verifier =
  (...subRoles: readonly SubRole[]) =>
  ({ role, subRole }: Actor): boolean =>
    role === 'verifier' && subRole !== null && subRoles.includes(subRole)

const deskVerifier = verifier('desk_verifier')
const auditor = verifier('accredited_auditor')

/**
 * The life of a batch. The desk verifier decides on the evidence; the accredited auditor, another person, verifies what was
 * approved or sends it back. The cloud holds the same table in SQL, and a test walks every (state, action, role) through both.
 */
export const transitions: readonly Transition[] = [
  { from: 'pending', action: 'claim', to: 'under_review', by: verifier('desk_verifier', 'accredited_auditor') },
  { from: 'under_review', action: 'approve', to: 'approved', by: deskVerifier },
  { from: 'under_review', action: 'reject', to: 'rejected', by: deskVerifier },
  { from: 'under_review', action: 'request_changes', to: 'changes_requested', by: deskVerifier },
  { from: 'approved', action: 'verify', to: 'verified', by: auditor },
  { from: 'approved', action: 'reject', to: 'rejected', by: auditor },
  { from: 'approved', action: 'request_changes', to: 'changes_requested', by: auditor },
  { from: 'changes_requested', action: 'resubmit', to: 'under_review', by: ({ role }) => role === 'recycler' },
  { from: 'verified', action: 'retire', to: 'retired', by: ({ role }) => role === 'buyer' },
]

/** The state that an action leads to, or null when this person may not take it from there. */
export function nextStatus(from: BatchStatus, action: DecisionAction, actor: Actor): BatchStatus | null {
  const transition = transitions.find((row) => row.from === from && row.action === action)
  return transition?.by(actor) ? transition.to : null
}

/** True when the table knows the step, whoever takes it. */
export const isTransition = (from: BatchStatus, action: DecisionAction): boolean =>
  transitions.some((row) => row.from === from && row.action === action)

/** The state that an action leads to, from wherever it may be taken: each leads to one. */
export function statusAfter(action: DecisionAction): BatchStatus {
  const transition = transitions.find((row) => row.action === action)
  if (transition === undefined) throw new Error(`No transition is called ${action}`)
  return transition.to
}

/** The actions that a kind of person takes in the workstation, whatever the state. */
export function actionsOf(actor: Actor): readonly DecisionAction[] {
  return [...new Set(transitions.filter((row) => row.by(actor)).map((row) => row.action))]
}

/** A positive decision is one that others rely on: findings and knock-outs forbid it. */
export function isPositive(action: DecisionAction): boolean {
  switch (action) {
    case 'approve':
    case 'verify':
      return true
    case 'claim':
    case 'reject':
    case 'request_changes':
    case 'resubmit':
    case 'retire':
      return false
    default:
      return assertNever(action)
  }
}
