import { FieldRefused, integer } from './column-readers.ts'
import type { MirrorTable, SqliteValue } from './mirror-table.ts'

/** A row of the cloud that this program cannot read: which field, and what is wrong with it. Never the value, which may be personal. */
export class RowRefused extends Error {
  readonly field: string

  constructor(field: string, reason: string) {
    super(reason)
    this.name = 'RowRefused'
    this.field = field
  }
}

/** A row of the cloud as it is stored: the values in the order of the table's columns, and its version. */
export interface ReadRow {
  readonly values: readonly SqliteValue[]
  readonly version: number
  readonly id: string
  /** The batch that it belongs to, if any. */
  readonly batchId: string | null
}

const readVersion = integer(1)

/** Checks and converts a row of the cloud in one pass. Throws `RowRefused`. Fields that are not known are left out. */
export function readRow(table: MirrorTable, row: Readonly<Record<string, unknown>>): ReadRow {
  const values: SqliteValue[] = new Array(table.columns.length)
  let field = 'version'
  try {
    const version = Number(readVersion(row.version))
    for (let index = 0; index < table.columns.length; index += 1) {
      const column = table.columns[index]
      if (column === undefined) break
      field = column.wire
      values[index] = column.read(row[field])
    }
    return {
      values,
      version,
      id: String(row.id),
      batchId: table.batchColumn === null ? null : String(row[table.batchColumn]),
    }
  } catch (error) {
    if (error instanceof FieldRefused) throw new RowRefused(field, error.message)
    throw error
  }
}
