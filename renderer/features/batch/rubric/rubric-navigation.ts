import { type Criterion, type CriterionGroup, criterionGroups } from '../../../../shared/domain/rubric.ts'

/** What each group of criteria is called. */
export const groupLabels: Readonly<Record<CriterionGroup, string>> = {
  eligibility: 'Eligibility',
  quantification: 'Quantification and mass balance',
  chain_of_custody: 'Chain of custody',
  measurement: 'Measurement and calibration',
  additionality: 'Additionality',
  double_counting: 'Double counting',
  safeguards: 'Safeguards',
  data_quality: 'Data quality',
}

/** A group with its criteria, in the rubric's order. */
export interface CriteriaOfGroup {
  readonly group: CriterionGroup
  readonly criteria: readonly Criterion[]
}

/** Lays the criteria out by group; empty groups are left out. */
export const groupCriteria = (criteria: readonly Criterion[]): readonly CriteriaOfGroup[] =>
  criterionGroups
    .map((group) => ({ group, criteria: criteria.filter((criterion) => criterion.group === group) }))
    .filter(({ criteria: ofGroup }) => ofGroup.length > 0)

/** Codes in the order in which they stand on the screen. */
export const codesInOrder = (criteria: readonly Criterion[]): readonly string[] =>
  groupCriteria(criteria).flatMap(({ criteria: ofGroup }) => ofGroup.map(({ code }) => code))

/** The criterion after (`1`) or before (`-1`) a code; stays at the ends, and starts at the first. */
export function stepCriterion(codes: readonly string[], code: string | null, direction: 1 | -1): string | null {
  const index = code === null ? -1 : codes.indexOf(code)
  if (index === -1) return codes[0] ?? null
  return codes[Math.max(0, Math.min(codes.length - 1, index + direction))] ?? null
}

/** The next criterion without a score after a code, around the end; null when all are scored. */
export function nextUnscored(
  codes: readonly string[],
  unscored: readonly string[],
  code: string | null,
): string | null {
  const start = (code === null ? -1 : codes.indexOf(code)) + 1
  const order = [...codes.slice(start), ...codes.slice(0, start)]
  return order.find((candidate) => unscored.includes(candidate)) ?? null
}
