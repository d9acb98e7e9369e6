import { createHash } from 'node:crypto'
import type { RegisterRow } from '../../shared/contract/views.ts'
import type { Instant, Sha256 } from '../../shared/domain/ids.ts'
import type { RegisterPeriod } from './decisions-register.ts'
import { csvTable } from './register-lines.ts'

/** What every copy of a report carries, so that it can be held against another copy. */
export interface RegisterFacts {
  readonly period: RegisterPeriod
  readonly generatedAt: Instant
  readonly generatedBy: string
  readonly rowCount: number
  /** SHA-256 over the register's CSV lines, header included: equal for the CSV and the PDF of the same rows. */
  readonly dataSha256: Sha256
}

/** The facts of a register. */
export const registerFacts = (
  rows: readonly RegisterRow[],
  period: RegisterPeriod,
  generatedAt: Instant,
  generatedBy: string,
): RegisterFacts => ({
  period,
  generatedAt,
  generatedBy,
  rowCount: rows.length,
  dataSha256: createHash('sha256').update(csvTable(rows)).digest('hex') as Sha256,
})

/** The facts as lines of text, the same in every format. */
export const factLines = ({
  period,
  generatedAt,
  generatedBy,
  rowCount,
  dataSha256,
}: RegisterFacts): readonly string[] => [
  `Filter: decisions from ${period.from} to ${period.to} (UTC, both days included)`,
  `Generated: ${generatedAt} by ${generatedBy}`,
  `Rows: ${rowCount}`,
  `SHA-256 of the rows: ${dataSha256}`,
]
