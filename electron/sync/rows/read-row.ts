import { FieldRefused, type SqliteValue } from './conversions.ts'
import type { MirrorColumn, MirrorTable } from './mirror-tables.ts'

/** A row of the cloud that this program cannot read: which field, and what is wrong with it. Never the value, which may be personal. */
export class RowRefused extends Error {
  readonly field: string

  constructor(field: string, reason: string) {
    super(reason)
    this.name = 'RowRefused'
    this.field = field
  }
}

/**
 * A row of the cloud as it is stored. A class, because V8 makes literals of which the first few lasted among the old objects, and their
 * texts then wait there too: 30 MB of a first mirror of 100,000.
 */
export class ReadRow {
  /** In the order of the table's columns. */
  readonly values: readonly SqliteValue[]
  readonly version: number
  readonly id: string
  /** The batch that it belongs to, if any. */
  readonly batchId: string | null

  constructor(values: readonly SqliteValue[], version: number, id: string, batchId: string | null) {
    this.values = values
    this.version = version
    this.id = id
    this.batchId = batchId
  }
}

/**
 * Checks a row against the schema of the wire and converts it. Throws `RowRefused`. Fields that are not known are left out.
 * A row in order passes the compiled checks of its fields, at a third of what zod takes; any other is read by zod, which says what is
 * wrong with it.
 */
export function readRow(table: MirrorTable, row: Readonly<Record<string, unknown>>): ReadRow {
  return readChecked(table, row) ?? readParsed(table, row)
}

/** Null for a row that does not pass, for whatever reason. */
function readChecked(table: MirrorTable, row: Readonly<Record<string, unknown>>): ReadRow | null {
  const { columns, checks, batchColumn } = table
  const { version, id } = row
  if (checks === null || !checks.version(version)) return null
  const values: SqliteValue[] = new Array(columns.length)
  try {
    for (let index = 0; index < columns.length; index += 1) {
      const column = columns[index] as MirrorColumn
      const value = row[column.wire]
      if (checks.columns[index]?.(value) !== true) return null
      values[index] = column.convert(value)
    }
  } catch (error) {
    if (error instanceof FieldRefused) return null
    throw error
  }
  return new ReadRow(values, version as number, id as string, batchColumn === null ? null : String(row[batchColumn]))
}

function readParsed(table: MirrorTable, row: Readonly<Record<string, unknown>>): ReadRow {
  const parsed = table.schema.safeParse(row)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw new RowRefused(String(issue?.path[0] ?? 'row'), issue?.message ?? 'not readable')
  }
  const fields = parsed.data
  const values = table.columns.map(({ wire, convert }) => {
    try {
      return convert(fields[wire])
    } catch (error) {
      if (error instanceof FieldRefused) throw new RowRefused(wire, error.message)
      throw error
    }
  })
  const batchId = table.batchColumn === null ? null : String(fields[table.batchColumn])
  return new ReadRow(values, fields.version, fields.id, batchId)
}
