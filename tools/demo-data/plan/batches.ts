import type { BatchStatus } from '../../../shared/domain/batch.ts'
import { addDays, addMinutes, instantAt } from '../calendar.ts'
import { type DemoPerson, demoPeopleOfKind } from '../people.ts'
import { openRandom, type Random } from '../random.ts'
import type { FullBatch } from './full-evidence.ts'
import { type DemoProject, demoProjects } from './projects.ts'
import { drawRisk } from './risk.ts'

/** A batch of the demo register, before it is written. */
export interface PlannedBatch {
  readonly id: string
  /** The public id, `BATCH-` and 32 hexadecimal digits. */
  readonly hash: string
  /** Key of the recipe where the batch has full evidence. */
  readonly key: string | null
  readonly project: DemoProject
  /** Hundredths of a tonne or kWh. */
  readonly quantity: number
  readonly periodStart: string
  readonly periodEnd: string
  readonly dateSubmitted: string
  readonly createdAt: string
  readonly description: string
  readonly status: BatchStatus
  readonly riskScore: number
  readonly riskReasons: readonly string[]
  /** Who takes or took the desk decision; null while it waits in the pool. */
  readonly desk: DemoPerson | null
  /** When the desk verifier began. */
  readonly startedAt: string | null
  /** When the desk verifier decided; null while it is in review. */
  readonly decidedAt: string | null
  readonly auditor: DemoPerson | null
  readonly verifiedAt: string | null
  readonly fieldAgent: DemoPerson | null
}

/** Share of each group among 2,000 batches. `approved_assigned` waits for an auditor's verification. */
const groups = [
  ['pending', 300],
  ['changes_requested', 90],
  ['approved_assigned', 100],
  ['approved', 100],
  ['rejected', 150],
  ['verified', 120],
  ['retired', 40],
  ['under_review', 1100],
] as const
type Group = (typeof groups)[number][0]

/** An auditor has this many batches at most, however large the register. */
const MOST_PER_AUDITOR = 38

const quantityOf = (random: Random, project: DemoProject): number => {
  if (project.standard === 'AEMAS') return random.integer(12_000, 900_000) * 100
  const [low, high] =
    project.standard === 'ACCCS' ? [400, 6000] : project.standard === 'ARCS' ? [500, 18_000] : [800, 24_000]
  return random.integer(low, high)
}

const descriptionOf = (project: DemoProject, periodStart: string): string =>
  project.standard === 'AEMAS'
    ? `Energy from ${project.material}, ${periodStart.slice(0, 7)}`
    : `${project.material.charAt(0).toUpperCase()}${project.material.slice(1)}, ${periodStart.slice(0, 7)}`

const at = <Element>(list: readonly Element[], index: number): Element => {
  const element = list[index % list.length]
  if (element === undefined) throw new RangeError('the list is empty')
  return element
}

const levels: Readonly<Record<Group, number>> = {
  pending: 0.4,
  changes_requested: 0.7,
  approved_assigned: 0.2,
  approved: 0.2,
  rejected: 0.85,
  verified: 0.15,
  retired: 0.12,
  under_review: 0.42,
}

/** Batches that have full evidence come first, then the rest in the order of `groups`. */
export const planBatches = (options: {
  readonly seed: number
  readonly count: number
  readonly now: string
  readonly full: readonly FullBatch[]
}): readonly PlannedBatch[] => {
  const { seed, now, full } = options
  const desks = demoPeopleOfKind('desk_verifier')
  const auditors = demoPeopleOfKind('accredited_auditor')
  const agents = demoPeopleOfKind('field_agent')
  const projects = demoProjects()
  const planned: PlannedBatch[] = full.map(({ batchId, dossier }, index) => {
    const { recipe, project } = dossier
    const random = openRandom(seed, `batch:${recipe.key}`)
    const dateSubmitted = addDays(dossier.periodEnd, random.integer(6, 12))
    const createdAt = instantAt(dateSubmitted, '10:20', project.timeZone)
    const startedAt = addMinutes(createdAt, 60 * random.integer(30, 90))
    const isApproved = recipe.status === 'approved'
    const risk = drawRisk(random, recipe.defects.length > 0 ? 0.6 : isApproved ? 0.1 : 0.3)
    return {
      id: batchId,
      hash: `BATCH-${random.hex(32)}`,
      key: recipe.key,
      project,
      quantity: dossier.quantity,
      periodStart: dossier.periodStart,
      periodEnd: dossier.periodEnd,
      dateSubmitted,
      createdAt,
      description: descriptionOf(project, dossier.periodStart),
      status: recipe.status,
      riskScore: isApproved ? Math.min(risk.score, 58) : risk.score,
      riskReasons: risk.reasons,
      desk: at(desks, recipe.desk),
      startedAt,
      decidedAt: isApproved ? addMinutes(startedAt, 60 * random.integer(20, 120)) : null,
      auditor: recipe.auditor === null ? null : at(auditors, recipe.auditor),
      verifiedAt: null,
      fieldAgent: isApproved && recipe.key !== 'tour' ? at(agents, index) : null,
    }
  })
  const random = openRandom(seed, 'batches')
  const rest = options.count - planned.length
  const queue: Group[] = []
  for (const [group, share] of groups.slice(0, -1)) {
    let wanted = Math.round((share * options.count) / 2000)
    if (group === 'approved_assigned') {
      const already = full.filter(({ dossier }) => dossier.recipe.status === 'approved').length
      wanted = Math.max(0, Math.min(wanted, MOST_PER_AUDITOR * auditors.length) - already)
    }
    for (let index = 0; index < wanted; index += 1) queue.push(group)
  }
  for (let index = 0; index < rest; index += 1) {
    const group = queue[index] ?? 'under_review'
    const status: BatchStatus = group === 'approved_assigned' ? 'approved' : group
    const project = random.pick(projects)
    const ageDays =
      status === 'pending'
        ? random.integer(1, 20)
        : status === 'verified' || status === 'retired'
          ? random.integer(90, 380)
          : random.integer(12, 85)
    const dateSubmitted = addDays(now, -ageDays)
    const periodEnd = addDays(`${addDays(dateSubmitted, -random.integer(8, 30)).slice(0, 7)}-01`, -1)
    const periodStart = `${random.chance(0.7) ? periodEnd.slice(0, 7) : addDays(`${periodEnd.slice(0, 7)}-01`, -62).slice(0, 7)}-01`
    const createdAt = instantAt(
      dateSubmitted,
      `${String(random.integer(7, 17)).padStart(2, '0')}:${String(random.integer(0, 59)).padStart(2, '0')}`,
      project.timeZone,
    )
    const risk = drawRisk(random, Math.min(1, Math.max(0, levels[group] + (random.next() - 0.5) * 0.7)))
    const desk = status === 'pending' ? null : at(desks, index)
    const startedAt = desk === null ? null : addMinutes(createdAt, random.integer(120, 8000))
    const isDecided = status !== 'pending' && status !== 'under_review' && startedAt !== null
    const decidedAt = isDecided ? addMinutes(startedAt, random.integer(60, 7000)) : null
    const isVerified = (status === 'verified' || status === 'retired') && decidedAt !== null
    planned.push({
      id: random.uuid(),
      hash: `BATCH-${random.hex(32)}`,
      key: null,
      project,
      quantity: quantityOf(random, project),
      periodStart,
      periodEnd,
      dateSubmitted,
      createdAt,
      description: descriptionOf(project, periodStart),
      status,
      riskScore: risk.score,
      riskReasons: risk.reasons,
      desk,
      startedAt,
      decidedAt,
      auditor: isVerified || group === 'approved_assigned' ? at(auditors, index) : null,
      verifiedAt: isVerified ? addMinutes(decidedAt, random.integer(3000, 60_000)) : null,
      fieldAgent: group === 'approved_assigned' && random.chance(0.3) ? at(agents, index) : null,
    })
  }
  return planned
}
