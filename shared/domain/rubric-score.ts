import type { Hundredths } from './ids.ts'
import type { Criterion } from './rubric.ts'
import type { Score } from './score.ts'

/** What a set of scores comes to. */
export interface RubricScore {
  /** Weighted mean over applicable, scored criteria, 0 to 500; null when there is none. */
  readonly hundredths: Hundredths | null
  /** Codes of criteria with neither points nor a reason for not applying, in the rubric's order. */
  readonly unscored: readonly string[]
  /** Codes of knock-out criteria with zero points. */
  readonly knockedOut: readonly string[]
}

/**
 * Divides two non-negative integers and rounds half to even (IEEE 754 roundTiesToEven, ISO 80000-1 B.3 rule A), in integers alone.
 */
export function divideHalfEven(numerator: bigint, denominator: bigint): bigint {
  const quotient = numerator / denominator
  const twiceRemainder = (numerator % denominator) * 2n
  if (twiceRemainder > denominator) return quotient + 1n
  if (twiceRemainder < denominator) return quotient
  return quotient % 2n === 0n ? quotient : quotient + 1n
}

/** The batch score of a verifier, computed in integers; the cloud computes the same in SQL and refuses another figure. */
export function rubricScore(
  criteria: readonly Criterion[],
  scores: readonly Pick<Score, 'criterionCode' | 'points' | 'notApplicableReason'>[],
): RubricScore {
  const byCode = new Map(scores.map((score) => [score.criterionCode, score]))
  let weighted = 0n
  let weights = 0n
  const unscored: string[] = []
  const knockedOut: string[] = []
  for (const criterion of criteria) {
    const score = byCode.get(criterion.code)
    if (score === undefined || (score.points === null && score.notApplicableReason === null)) {
      unscored.push(criterion.code)
      continue
    }
    if (score.points === null) continue
    if (criterion.knockOut && score.points === 0) knockedOut.push(criterion.code)
    weighted += BigInt(score.points) * BigInt(criterion.weight) * 100n
    weights += BigInt(criterion.weight)
  }
  return { hundredths: weights === 0n ? null : Number(divideHalfEven(weighted, weights)), unscored, knockedOut }
}
