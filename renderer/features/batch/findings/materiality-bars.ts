import type { Hundredths } from '../../../../shared/domain/ids.ts'
import { divideHalfEven } from '../../../../shared/domain/rubric-score.ts'

/** One line of the materiality chart and of its table. */
export interface MaterialityLine {
  readonly label: 'Overstatement' | 'Understatement'
  readonly amount: Hundredths
  /** Share of the claimed quantity in hundredths of a per cent; null when nothing is claimed. */
  readonly share: Hundredths | null
  readonly over: boolean
  /** Length of the bar, 0 to 1; the threshold stands at `thresholdAt`. */
  readonly length: number
}

/** Where on the bar the threshold stands, 0 to 1: beyond it there is room to show how much too much it is. */
export const thresholdAt = 0.6

/** Over- and understatement against the threshold. */
export function materialityLines(
  materiality: {
    readonly overstatement: Hundredths
    readonly understatement: Hundredths
    readonly thresholdPercent: number
  },
  quantity: Hundredths,
): readonly MaterialityLine[] {
  const limit = quantity * materiality.thresholdPercent
  const line = (label: MaterialityLine['label'], amount: Hundredths): MaterialityLine => ({
    label,
    amount,
    share: quantity <= 0 ? null : Number(divideHalfEven(BigInt(amount) * 10_000n, BigInt(quantity))),
    over: amount * 100 > limit,
    length: limit <= 0 ? (amount > 0 ? 1 : 0) : Math.min(1, ((amount * 100) / limit) * thresholdAt),
  })
  return [line('Overstatement', materiality.overstatement), line('Understatement', materiality.understatement)]
}

/** The threshold as a quantity, cut to whole hundredths. */
export const thresholdQuantity = (quantity: Hundredths, percent: number): Hundredths =>
  Math.trunc((quantity * percent) / 100)
