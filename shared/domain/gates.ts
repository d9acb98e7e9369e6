import type { BatchStatus } from './batch.ts'
import type { Decision, DecisionAction } from './decision.ts'
import type { EvidenceFile } from './evidence.ts'
import { blocksPositiveDecision, type Finding } from './finding.ts'
import type { Gate } from './gate.ts'
import { type GrantFacts, grantGates } from './grant-gates.ts'
import { grantWords } from './grant-words.ts'
import type { OrganizationId, PersonId } from './ids.ts'
import type { Person } from './person.ts'
import type { Rubric } from './rubric.ts'
import type { RubricScore } from './rubric-score.ts'
import { isPositive, isTransition, nextStatus } from './transitions.ts'

/** From this risk on, a batch is not approved together with others. */
export const bulkApprovalRiskLimit = 70

/** Everything that the gates of one decision look at. Pure data: the caller reads it in one go. */
export interface GateInput {
  readonly action: DecisionAction
  readonly person: Pick<Person, 'id' | 'role' | 'subRole' | 'organizationId'>
  /** Status with the local decisions on top. */
  readonly status: BatchStatus
  /** True while the person has a live assignment to the batch. */
  readonly assigned: boolean
  readonly recyclerId: PersonId
  readonly recyclerOrganizationId: OrganizationId | null
  /** Every decision on the batch, oldest first, with those that only exist here. */
  readonly decisions: readonly Pick<Decision, 'id' | 'actorId' | 'action' | 'toStatus'>[]
  readonly findings: readonly Pick<Finding, 'id' | 'kind' | 'status' | 'title'>[]
  readonly rubric: Pick<Rubric, 'criteria'> | null
  readonly score: RubricScore
  readonly evidence: readonly (Pick<EvidenceFile, 'id' | 'title'> & {
    readonly viewed: boolean
    readonly altered: boolean
  })[]
  readonly riskScore: number
  /** How many batches the same decision is taken on. */
  readonly batchCount: number
  /** True when the mirrored content no longer hashes to the batch's content hash, or changed under a local decision. */
  readonly stale: boolean
  /** True while an earlier local change to the batch is in conflict or was refused by the cloud. */
  readonly conflictPending: boolean
  /** What the person was granted, and what the registry asks for; left out where grants play no part. */
  readonly grants?: Omit<GrantFacts, 'action'>
}

const plural = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`

/** The last decision that made the batch what it is now; a later change of state ends its standing. */
function standingApproval(input: GateInput): GateInput['decisions'][number] | undefined {
  return input.decisions.findLast((decision) => decision.action === 'approve')
}

function transitionGates(input: GateInput): Gate[] {
  const { action, person, status } = input
  if (nextStatus(status, action, person) !== null) return []
  if (isTransition(status, action))
    return [
      {
        code: 'role',
        severity: 'blocks',
        message: 'Your role does not take this decision at this stage.',
        action:
          action === 'verify'
            ? 'An accredited auditor verifies and signs.'
            : 'Leave it to the person whose turn it is; the queue shows the stage.',
        subjects: [],
      },
    ]
  return [
    {
      code: 'transition',
      severity: 'blocks',
      message: `A batch that is ${status.replaceAll('_', ' ')} cannot take this decision.`,
      action: 'Look at its history; somebody may have decided already.',
      subjects: [],
    },
  ]
}

function fourEyesGates(input: GateInput): Gate[] {
  const { action, person, recyclerId, recyclerOrganizationId } = input
  if (action === 'claim') return []
  const ownSubmission =
    person.id === recyclerId || (person.organizationId !== null && person.organizationId === recyclerOrganizationId)
  if (ownSubmission)
    return [
      {
        code: 'four_eyes',
        severity: 'blocks',
        message: 'The batch was submitted by you or your own organization.',
        action: 'Ask an administrator to assign it to an independent verifier.',
        subjects: [],
      },
    ]
  const approval = standingApproval(input)
  if (action === 'verify' && approval?.actorId === person.id)
    return [
      {
        code: 'four_eyes',
        severity: 'blocks',
        message: 'You approved this batch yourself; the auditor must be another person.',
        action: 'Ask an administrator to assign another accredited auditor.',
        subjects: [{ kind: 'decision', id: approval.id }],
      },
    ]
  return []
}

function positiveGates(input: GateInput): Gate[] {
  const gates: Gate[] = []
  const open = input.findings.filter(blocksPositiveDecision)
  if (open.length > 0)
    gates.push({
      code: 'open_findings',
      severity: 'blocks',
      message: `${plural(open.length, 'finding is', 'findings are')} not closed: ${open.map(({ title }) => title).join('; ')}.`,
      action: 'Record the answers and close or withdraw them, or request changes.',
      subjects: open.map(({ id }) => ({ kind: 'finding', id })),
    })
  if (input.score.knockedOut.length > 0)
    gates.push({
      code: 'knock_out',
      severity: 'blocks',
      message: `Zero points on a knock-out criterion: ${input.score.knockedOut.join(', ')}.`,
      action: 'Reject or request changes; a positive decision is not possible.',
      subjects: input.score.knockedOut.map((code) => ({ kind: 'criterion', id: code })),
    })
  if (input.action === 'verify' && (input.rubric === null || input.score.unscored.length > 0))
    gates.push({
      code: 'incomplete_scores',
      severity: 'blocks',
      message:
        input.rubric === null
          ? 'No rubric is published for this standard.'
          : `${plural(input.score.unscored.length, 'criterion has', 'criteria have')} no score: ${input.score.unscored.join(', ')}.`,
      action:
        input.rubric === null
          ? 'Ask an administrator to publish one, then let the workstation sync.'
          : 'Score each of them, or mark it as not applicable with a reason.',
      subjects: input.score.unscored.map((code) => ({ kind: 'criterion', id: code })),
    })
  if (input.action === 'approve' && input.batchCount > 1 && input.riskScore >= bulkApprovalRiskLimit)
    gates.push({
      code: 'risk_threshold',
      severity: 'blocks',
      message: `Its risk is ${input.riskScore}; from ${bulkApprovalRiskLimit} on a batch is not approved together with others.`,
      action: 'Open it and decide on it alone.',
      subjects: [],
    })
  return gates
}

function evidenceGates(input: GateInput): Gate[] {
  const gates: Gate[] = []
  const altered = input.evidence.filter((file) => file.altered)
  if (altered.length > 0 && isPositive(input.action))
    gates.push({
      code: 'altered_evidence',
      severity: 'blocks',
      message: `${plural(altered.length, 'file does', 'files do')} not match the recorded SHA-256: ${altered.map(({ title }) => title).join('; ')}.`,
      action: 'Raise a finding; the recycler must submit the original again.',
      subjects: altered.map(({ id }) => ({ kind: 'evidence_file', id })),
    })
  const unviewed = input.evidence.filter((file) => !file.viewed && !file.altered)
  if (unviewed.length > 0 && input.action === 'verify')
    gates.push({
      code: 'unviewed_evidence',
      severity: 'acknowledge',
      message: `You have not opened ${plural(unviewed.length, 'file', 'files')}: ${unviewed.map(({ title }) => title).join('; ')}.`,
      action: 'Open them, or acknowledge it; the certificate will name them as not viewed.',
      subjects: unviewed.map(({ id }) => ({ kind: 'evidence_file', id })),
    })
  return gates
}

/** What a verification needs, its certificate needs at the same moment. */
function grantedGates({ action, grants }: GateInput): Gate[] {
  if (grants === undefined || (action !== 'approve' && action !== 'verify')) return []
  const closed = grantGates({ ...grants, action })
  const certificate = action === 'verify' ? grantGates({ ...grants, action: 'certificate.issue' }) : []
  const all = [...closed, ...certificate.filter(({ gate }) => !closed.some((each) => each.gate === gate))]
  return all.map((each) => ({ severity: 'blocks', subjects: [], ...grantWords(each, grants.standard) }))
}

/** Every gate that is not open for this decision, blocking ones first. Empty: the decision may be taken. */
export function decisionGates(input: GateInput): readonly Gate[] {
  const gates = transitionGates(input)
  if (!input.assigned && input.action !== 'claim')
    gates.push({
      code: 'not_assigned',
      severity: 'blocks',
      message: 'The batch is not assigned to you.',
      action: input.status === 'pending' ? 'Claim it first.' : 'Ask an administrator to assign it to you.',
      subjects: [],
    })
  gates.push(...fourEyesGates(input), ...grantedGates(input))
  if (isPositive(input.action)) gates.push(...positiveGates(input))
  gates.push(...evidenceGates(input))
  if (input.stale && input.action !== 'claim')
    gates.push({
      code: 'stale',
      severity: 'blocks',
      message: 'The batch changed in the cloud after it was mirrored here, or is not fully here yet.',
      action: 'Sync, look at what changed, and decide again.',
      subjects: [],
    })
  if (input.conflictPending)
    gates.push({
      code: 'conflict_pending',
      severity: 'blocks',
      message: 'An earlier change of yours to this batch is in conflict or was refused.',
      action: 'Settle it in the sync center first.',
      subjects: [],
    })
  return gates.sort((left, right) => Number(left.severity === 'acknowledge') - Number(right.severity === 'acknowledge'))
}
