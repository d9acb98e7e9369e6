import type { EvidenceKind } from './evidence.ts'
import type { RubricId } from './ids.ts'
import type { Standard } from './standard.ts'

/** The groups that a rubric is laid out in, in this order. */
export const criterionGroups = [
  'eligibility',
  'quantification',
  'chain_of_custody',
  'measurement',
  'additionality',
  'double_counting',
  'safeguards',
  'data_quality',
] as const
export type CriterionGroup = (typeof criterionGroups)[number]

/** One question of a rubric. */
export interface Criterion {
  /** Short and stable within the standard, such as `Q-02`. */
  readonly code: string
  readonly group: CriterionGroup
  readonly question: string
  readonly guidance: string
  /** A positive integer; the batch score is the mean weighted by it. */
  readonly weight: number
  /** What 0, 1, 2, 3, 4 and 5 points mean: exactly six texts. */
  readonly anchors: readonly string[]
  readonly requiredEvidence: readonly EvidenceKind[]
  /** Zero points here forbid a positive decision whatever the rest says. */
  readonly knockOut: boolean
  readonly notApplicable: 'never' | 'with_reason'
}

/** A published version of a standard's rubric. Never changed once published; a decision keeps the version it was made on. */
export interface Rubric {
  readonly id: RubricId
  readonly standard: Standard
  /** 1 for the first published version, then counted up. */
  readonly revision: number
  readonly title: string
  readonly criteria: readonly Criterion[]
}
