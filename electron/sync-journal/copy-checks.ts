import type { CopyCheck } from '../../shared/domain/sync-journal.ts'
import type { WorkspaceDatabase } from '../database/database.ts'
import type { ReadHandle, WriteHandle } from '../database/handles.ts'
import type { Row } from '../database/tables.ts'

/** A comparison as it is kept. */
export const toCopyCheck = (row: Row<'copy_check'>): CopyCheck => ({
  checkedAt: row.checked_at,
  outcome: row.outcome as CopyCheck['outcome'],
  tables: row.tables,
  rows: row.rows,
  milliseconds: row.milliseconds,
  differences: JSON.parse(row.differences) as CopyCheck['differences'],
})

/** Notes a comparison. */
export const insertCopyCheck = (handle: WriteHandle, { build }: WorkspaceDatabase, check: CopyCheck): void => {
  handle.run(
    build.insertInto('copy_check').values({
      checked_at: check.checkedAt,
      outcome: check.outcome,
      tables: check.tables,
      rows: check.rows,
      milliseconds: check.milliseconds,
      differences: JSON.stringify(check.differences),
    }),
  )
}

/** The last comparison, or null before the first. */
export function lastCopyCheck(handle: ReadHandle, { build }: WorkspaceDatabase): CopyCheck | null {
  const row = handle.first(build.selectFrom('copy_check').selectAll().orderBy('id', 'desc').limit(1))
  return row === undefined ? null : toCopyCheck(row)
}
