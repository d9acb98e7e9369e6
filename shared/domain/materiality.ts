import type { Finding } from './finding.ts'
import type { Hundredths } from './ids.ts'
import type { Standard } from './standard.ts'

/** Share of the claimed quantity from which a misstatement matters, in per cent. 5 where a standard sets none (ISO 14064-3, A.3.2). */
export const materialityThresholdPercent: Readonly<Record<Standard, number>> = {
  APRS: 5,
  ARCS: 5,
  AEMAS: 5,
  ACCCS: 5,
  AMCAVS: 5,
  PCX: 5,
}

/** Misstatements added up, each way by itself and together. */
export interface Materiality {
  readonly overstatement: Hundredths
  readonly understatement: Hundredths
  readonly thresholdPercent: number
  /** True when one of them, or the net of both, is over the threshold. */
  readonly exceeded: boolean
}

/**
 * Errors are counted one by one and in aggregate, over and under: a large overstatement is not excused by a large understatement.
 * Withdrawn findings do not count; closed ones do not either, for what was corrected is no longer misstated.
 */
export function materiality(
  findings: readonly Pick<Finding, 'misstatement' | 'status'>[],
  quantity: Hundredths,
  standard: Standard,
): Materiality {
  let overstatement = 0
  let understatement = 0
  for (const { misstatement, status } of findings) {
    if (misstatement === null || status === 'withdrawn' || status === 'closed') continue
    if (misstatement > 0) overstatement += misstatement
    else understatement -= misstatement
  }
  const thresholdPercent = materialityThresholdPercent[standard]
  const limit = quantity * thresholdPercent
  return {
    overstatement,
    understatement,
    thresholdPercent,
    exceeded: overstatement * 100 > limit || understatement * 100 > limit,
  }
}
