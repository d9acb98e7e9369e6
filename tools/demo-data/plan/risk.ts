import type { Random } from '../random.ts'

const reasons: readonly (readonly [points: number, text: string])[] = [
  [26, 'Quantity is more than twice the average of this project'],
  [24, 'Yield is above what this process usually reaches'],
  [22, 'Period overlaps an earlier batch of the same site'],
  [20, 'Submitted more than 120 days after the end of the period'],
  [18, 'Calibration of the weighing equipment ends within the period'],
  [16, 'Two earlier batches of this recycler were rejected'],
  [14, 'First batch of this project'],
  [12, 'No photo states its place'],
  [11, 'Most weights are round numbers'],
  [9, 'Vehicles were loaded above their usual payload'],
  [7, 'Transport distances are longer than in earlier periods'],
  [5, 'Documents were uploaded within a few minutes'],
]

/** A risk score of 0 to 100 and its reasons, strongest first. `level` from 0 to 1 says how risky a batch should look. */
export const drawRisk = (
  random: Random,
  level: number,
): { readonly score: number; readonly reasons: readonly string[] } => {
  const count = Math.min(4, Math.floor(level * 3.4 + random.next() * 1.3))
  const chosen = new Set<number>()
  while (chosen.size < count) chosen.add(random.integer(0, reasons.length - 1))
  const found = [...chosen].sort((a, b) => a - b).map((index) => reasons[index] ?? ([0, ''] as const))
  const sum = found.reduce((total, [points]) => total + points, 0)
  return { score: Math.min(98, sum + random.integer(0, 8)), reasons: found.map(([, text]) => text) }
}
