import type { Connection } from './connection.ts'

/** A row as it goes into a file: bytes in base64, everything else as it is. */
export type SavedRow = Readonly<Record<string, string | number | null | { readonly base64: string }>>

/** What could be read, by table. */
export type SavedTables = Readonly<Record<string, readonly SavedRow[]>>

/** The tables that exist nowhere but here, with the key by which their rows are read. */
const localTables = {
  outbox: 'sequence',
  pending_row: 'sequence',
  upload: 'sequence',
  audit_event: 'sequence',
  signing_key: 'id',
  batch_overlay: null,
  evidence_view: null,
  stored_file: null,
  pinned_batch: null,
  draft: null,
  setting: null,
  workspace_fact: null,
} as const

/** The names of those tables. */
export const localTableNames = Object.keys(localTables) as readonly (keyof typeof localTables)[]

/** Reads every local row that is still readable out of a damaged database. */
export function salvage(connection: Connection): SavedTables {
  const saved: Record<string, readonly SavedRow[]> = {}
  for (const table of localTableNames) {
    const key = localTables[table]
    const rows = key === null ? readBothWays(connection, table) : readAround(connection, table, key)
    saved[table] = rows.map(toSaved)
  }
  return saved
}

type RawRow = Readonly<Record<string, unknown>>

/** Runs through a query until it ends or a page cannot be read; true when it came to the end. */
function collect(
  connection: Connection,
  sql: string,
  parameters: readonly number[],
  into: (row: RawRow) => void,
): boolean {
  try {
    for (const row of connection.prepare(sql).iterate(...parameters)) into(row as RawRow)
    return true
  } catch {
    return false
  }
}

/**
 * A table with integer keys: forward to the damaged page, a leap over it that doubles until rows come again, back from there to the
 * damage, and on.
 */
function readAround(connection: Connection, table: string, key: string): readonly RawRow[] {
  const rows = new Map<number, RawRow>()
  const keep = (row: RawRow): void => {
    rows.set(Number(row[key]), row)
  }
  const largest = () => Math.max(0, ...rows.keys())
  let from = 0
  for (let leap = 1; leap < 2 ** 40; leap *= 2) {
    const before = rows.size
    const complete = collect(connection, `select * from ${table} where ${key} > ? order by ${key}`, [from], keep)
    if (rows.size > before && leap > 1) {
      collect(connection, `select * from ${table} where ${key} <= ? order by ${key} desc`, [from], keep)
      leap = 1
    }
    if (complete) break
    from = (rows.size > before ? largest() : from) + leap
  }
  return [...rows.entries()].sort(([left], [right]) => left - right).map(([, row]) => row)
}

/** A table that is its own index: what comes before the damage, and what comes after it. */
function readBothWays(connection: Connection, table: string): readonly RawRow[] {
  const rows = new Map<string, RawRow>()
  const keep = (row: RawRow): void => {
    rows.set(JSON.stringify(row), row)
  }
  const order = primaryKey(connection, table)
  if (order.length === 0) return []
  const ascending = `select * from ${table} order by ${order.join(', ')}`
  const descending = `select * from ${table} order by ${order.map((column) => `${column} desc`).join(', ')}`
  if (!collect(connection, ascending, [], keep)) collect(connection, descending, [], keep)
  return [...rows.values()]
}

function primaryKey(connection: Connection, table: string): readonly string[] {
  try {
    const columns = connection.pragma(`table_info(${table})`) as readonly {
      readonly name: string
      readonly pk: number
    }[]
    return columns
      .filter(({ pk }) => pk > 0)
      .sort((left, right) => left.pk - right.pk)
      .map(({ name }) => name)
  } catch {
    return []
  }
}

function toSaved(row: RawRow): SavedRow {
  const saved: Record<string, SavedRow[string]> = {}
  for (const [column, value] of Object.entries(row)) {
    if (value instanceof Uint8Array) saved[column] = { base64: Buffer.from(value).toString('base64') }
    else if (typeof value === 'string' || typeof value === 'number') saved[column] = value
    else saved[column] = null
  }
  return saved
}
