import type { DecisionAction } from '../../../shared/domain/decision.ts'
import { decisionReasons } from '../../../shared/domain/reasons.ts'
import { addMinutes } from '../calendar.ts'
import { decimalText } from '../evidence/figures.ts'
import type { DemoPerson } from '../people.ts'
import { openRandom, type Random } from '../random.ts'
import type { PlannedBatch } from './batches.ts'
import type { DefaultRubric } from './rubrics.ts'

/** A row of a cloud table, by column. */
export type Row = Readonly<Record<string, unknown>>

/** What was done about the batches so far, as rows by table. Decisions have no content hash yet: the cloud computes it. */
export interface Reviews {
  readonly assignments: readonly Row[]
  readonly findings: readonly Row[]
  readonly findingRounds: readonly Row[]
  readonly decisions: readonly Row[]
  readonly verifications: readonly Row[]
  readonly scores: readonly Row[]
  /** What the decisions left on the batch, by its id. */
  readonly outcomes: ReadonlyMap<string, { readonly score: string | null; readonly notes: string }>
}

const issues = [
  {
    kind: 'car',
    code: 'M-01',
    title: 'Calibration does not cover the period',
    body: 'The calibration certificate ends within the period. Show a re-calibration, or take out the weighings after its end.',
    answer: 'The scale was calibrated again; the new certificate is attached.',
  },
  {
    kind: 'cl',
    code: 'Q-01',
    title: 'Quantity differs between tickets and workbook',
    body: 'The sum of the tickets is not the intake of the mass balance. Explain the difference.',
    answer: 'One load was booked twice in the workbook. The corrected workbook is attached.',
  },
  {
    kind: 'cl',
    code: 'C-01',
    title: 'Two trips of one vehicle overlap',
    body: 'The transport log has the same vehicle on two routes at the same time. Say which entry is right.',
    answer: 'The second entry belongs to the sister vehicle. The log was corrected.',
  },
  {
    kind: 'car',
    code: 'DC-02',
    title: 'Declaration on double counting is missing',
    body: 'Hand in the signed declaration that this quantity is claimed nowhere else, with its period.',
    answer: 'The signed declaration for the period is attached.',
  },
] as const

const reasonOf = (
  random: Random,
  action: DecisionAction,
  code?: string,
): { readonly code: string; readonly label: string } => {
  const offered = (decisionReasons[action] ?? []).filter((reason) => reason.code !== 'other')
  return offered.find((reason) => reason.code === code) ?? random.pick(offered)
}

/** Weighted mean in hundredths, half to even, in integers. */
const weightedMean = (marks: readonly { readonly points: number; readonly weight: number }[]): number => {
  const weights = marks.reduce((sum, mark) => sum + mark.weight, 0)
  const total = marks.reduce((sum, mark) => sum + mark.points * mark.weight, 0) * 100
  const quotient = Math.floor(total / weights)
  const twice = (total % weights) * 2
  return twice > weights || (twice === weights && quotient % 2 === 1) ? quotient + 1 : quotient
}

/** Makes assignments, findings with their rounds, scores and decisions that fit the state of every batch. */
export const planReviews = (options: {
  readonly seed: number
  readonly now: string
  readonly batches: readonly PlannedBatch[]
  readonly rubrics: readonly DefaultRubric[]
  readonly administrator: DemoPerson
}): Reviews => {
  const { now, administrator } = options
  const random = openRandom(options.seed, 'reviews')
  const rubricOf = new Map(options.rubrics.map((rubric) => [rubric.standard, rubric]))
  const assignments: Row[] = []
  const findings: Row[] = []
  const findingRounds: Row[] = []
  const decisions: Row[] = []
  const verifications: Row[] = []
  const scores: Row[] = []
  const outcomes = new Map<string, { readonly score: string | null; readonly notes: string }>()

  const assign = (
    batch: PlannedBatch,
    person: DemoPerson,
    role: string,
    at: string,
    dueDays: number,
    endedAt: string | null,
  ): void => {
    assignments.push({
      id: random.uuid(),
      batch_id: batch.id,
      user_id: person.id,
      role,
      assigned_by: administrator.id,
      assigned_at: at,
      due_at: addMinutes(at, dueDays * 1440),
      ended_at: endedAt,
    })
  }

  const raise = (batch: PlannedBatch, verifier: DemoPerson, at: string, state: 'open' | 'closed'): void => {
    const issue = random.pick(issues)
    const rubric = rubricOf.get(batch.project.standard)
    const id = random.uuid()
    const answered = addMinutes(at, 1440 * random.integer(2, 6))
    const closed = addMinutes(answered, random.integer(90, 2000))
    const isClosed = state === 'closed'
    findings.push({
      id,
      batch_id: batch.id,
      kind: issue.kind,
      title: issue.title,
      description: issue.body,
      criterion_code: rubric?.criteria.some((criterion) => criterion.code === issue.code) === true ? issue.code : null,
      status: state,
      due_at: addMinutes(at, 30 * 1440),
      misstatement: null,
      raised_by: verifier.id,
      raised_at: at,
      closed_by: isClosed ? verifier.id : null,
      closed_at: isClosed ? closed : null,
      round: isClosed ? 2 : 1,
    })
    const round = (number: number, kind: string, author: DemoPerson, body: string, when: string): void => {
      findingRounds.push({
        id: random.uuid(),
        finding_id: id,
        batch_id: batch.id,
        round: number,
        kind,
        author_id: author.id,
        body,
        created_at: when,
      })
    }
    round(1, 'raised', verifier, issue.body, at)
    if (isClosed) {
      round(2, 'response', batch.project.owner, issue.answer, answered)
      round(2, 'review', verifier, 'Checked against the new document; accepted.', closed)
    }
  }

  const decide = (
    batch: PlannedBatch,
    actor: DemoPerson,
    action: 'approve' | 'reject' | 'request_changes' | 'verify',
    at: string,
    details: { readonly score: string | null; readonly code?: string },
  ): void => {
    const reason = reasonOf(random, action, details.code)
    const to = { approve: 'approved', reject: 'rejected', request_changes: 'changes_requested', verify: 'verified' }[
      action
    ]
    const isVerification = action === 'verify'
    decisions.push({
      id: random.uuid(),
      batch_id: batch.id,
      actor_id: actor.id,
      action,
      from_status: isVerification ? 'approved' : 'under_review',
      to_status: to,
      reason_code: reason.code,
      reason: reason.label,
      score: details.score,
      rubric_id: details.score === null ? null : (rubricOf.get(batch.project.standard)?.id ?? null),
      opinion: isVerification ? 'unmodified' : null,
      assurance_level: isVerification ? (random.chance(0.6) ? 'reasonable' : 'limited') : null,
      decided_at: at,
      received_at: addMinutes(at, 1),
    })
    verifications.push({
      id: random.uuid(),
      batch_id: batch.id,
      verifier_id: actor.id,
      status: action === 'reject' ? 'rejected' : action === 'request_changes' ? 'pending' : 'approved',
      score: details.score,
      notes: reason.label,
      created_at: at,
      updated_at: at,
    })
    outcomes.set(batch.id, { score: details.score, notes: reason.label })
  }

  /** Marks of the desk verifier for a batch whose evidence is there to be scored. */
  const score = (batch: PlannedBatch, verifier: DemoPerson, at: string): string => {
    const rubric = rubricOf.get(batch.project.standard)
    if (rubric === undefined) throw new RangeError(`${batch.project.standard} has no rubric`)
    const marks = rubric.criteria.map((criterion) => ({
      code: criterion.code,
      weight: criterion.weight,
      points: random.integer(3, 5),
    }))
    for (const mark of marks) {
      scores.push({
        id: random.uuid(),
        batch_id: batch.id,
        verifier_id: verifier.id,
        rubric_id: rubric.id,
        criterion_code: mark.code,
        points: mark.points,
        note: '',
        evidence_ids: [],
        updated_at: at,
      })
    }
    return decimalText(weightedMean(marks))
  }

  for (const batch of options.batches) {
    const { desk, auditor, startedAt, decidedAt, verifiedAt, status } = batch
    if (desk === null || startedAt === null) continue
    const isSettled = status === 'verified' || status === 'retired'
    assign(batch, desk, 'desk_verifier', startedAt, 28, isSettled ? verifiedAt : null)
    let approvedAt: string | null = null
    if (decidedAt !== null) {
      if (status === 'rejected')
        decide(batch, desk, 'reject', decidedAt, { score: decimalText(random.integer(90, 240)) })
      else if (status === 'changes_requested') {
        raise(batch, desk, addMinutes(decidedAt, -30), 'open')
        decide(batch, desk, 'request_changes', decidedAt, { score: null, code: 'open_findings' })
      } else {
        // A finding takes nine days to be answered and closed; there must have been time for it.
        const hadFinding =
          batch.key === null && random.chance(0.16) && addMinutes(decidedAt, 10 * 1440) < (verifiedAt ?? now)
        if (hadFinding) raise(batch, desk, startedAt, 'closed')
        approvedAt = hadFinding ? addMinutes(decidedAt, 9 * 1440) : decidedAt
        const given =
          batch.key === null ? decimalText(random.integer(330, 490)) : score(batch, desk, addMinutes(approvedAt, -5))
        decide(batch, desk, 'approve', approvedAt, {
          score: given,
          code: hadFinding ? 'corrected' : 'evidence_complete',
        })
      }
    }
    if (auditor !== null && approvedAt !== null) {
      const begun = addMinutes(approvedAt, 600)
      assign(
        batch,
        auditor,
        'accredited_auditor',
        begun < now ? begun : addMinutes(now, -300),
        35,
        isSettled ? verifiedAt : null,
      )
      if (batch.fieldAgent !== null)
        assign(batch, batch.fieldAgent, 'field_agent', begun < now ? begun : addMinutes(now, -240), 21, null)
      if (isSettled && verifiedAt !== null)
        decide(batch, auditor, 'verify', verifiedAt, { score: decimalText(random.integer(360, 495)) })
    }
  }
  return { assignments, findings, findingRounds, decisions, verifications, scores, outcomes }
}
