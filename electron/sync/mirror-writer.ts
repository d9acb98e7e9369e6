import type { WriteHandle } from '../database/handles.ts'
import type { SqliteValue } from './rows/conversions.ts'
import type { MirrorTable, MirrorTableName } from './rows/mirror-tables.ts'
import type { ReadRow } from './rows/read-row.ts'

/** The bits of the scopes as they are now, see `scopes.ts`. */
export interface ScopeBits {
  /** The bit of the scope that the row arrived in; 0 for a row that came with the answer to a push. */
  readonly own: number
  /** The bits of all scopes that are held, without those that are being left. */
  readonly held: number
}

/** What came of a row: it was not here before; it took the place of an older one, which had other values in these columns; or nothing. */
export type Written =
  | { readonly kind: 'added' }
  | { readonly kind: 'replaced'; readonly columns: readonly string[] }
  | { readonly kind: 'unchanged' }

interface TableStatements {
  readonly insert: string
  readonly findOlder: string
  readonly join: string
}

const statements = new Map<MirrorTableName, TableStatements>()

function statementsOf(table: MirrorTable): TableStatements {
  const known = statements.get(table.local)
  if (known !== undefined) return known
  const name = table.local
  const columns = table.columns.map(({ local }) => local).join(', ')
  const made: TableStatements = {
    insert: `insert into ${name} (${columns}, version, scopes) values (${table.columns.map(() => '?').join(', ')}, ?, ?)
      on conflict (id) do nothing`,
    findOlder: `select row, ${columns} from ${name} where id = ? and (version < ? or (scopes & ?) = 0)`,
    join:
      name === 'batch'
        ? 'update batch set scopes = scopes | ?, quarantined_at = null where id = ? and ((scopes & ?) = 0 or quarantined_at is not null)'
        : `update ${name} set scopes = scopes | ? where id = ? and (scopes & ?) = 0`,
  }
  statements.set(name, made)
  return made
}

/**
 * Writes a row of a pull: into the scope that it arrived in, over an older row of the same id. A row that carries no held bit is of an
 * earlier age of the cloud, whose versions mean nothing any more, and any row takes its place.
 */
export function writeRow(handle: WriteHandle, table: MirrorTable, row: ReadRow, bits: ScopeBits): Written {
  const { insert, findOlder, join } = statementsOf(table)
  if (handle.prepare(insert).run(...row.values, row.version, bits.own).changes > 0) return { kind: 'added' }
  const older = handle.prepare(findOlder).get(row.id, row.version, bits.held) as OlderRow | undefined
  if (older !== undefined) return { kind: 'replaced', columns: replace(handle, table, row, older, bits.own) }
  if (bits.own !== 0) handle.prepare(join).run(bits.own, row.id, bits.own)
  return { kind: 'unchanged' }
}

type OlderRow = Readonly<Record<string, SqliteValue>> & { readonly row: number }

/**
 * Sets the columns that differ, and answers which. SQLite writes each index anew that has a column which is set, to whatever value, and
 * keys without an order are each in another page: a hundred rows among a million touched 470 pages in place of 235.
 */
function replace(
  handle: WriteHandle,
  table: MirrorTable,
  row: ReadRow,
  older: OlderRow,
  own: number,
): readonly string[] {
  const columns: string[] = []
  const values: SqliteValue[] = []
  for (const [index, { local }] of table.columns.entries()) {
    const value = row.values[index] ?? null
    if (older[local] === value) continue
    columns.push(local)
    values.push(value)
  }
  const again = table.local === 'batch' ? ', quarantined_at = null' : ''
  const set = columns.map((column) => `${column} = ?, `).join('')
  handle
    .prepare(`update ${table.local} set ${set}version = ?, scopes = scopes | ?${again} where row = ?`)
    .run(...values, row.version, own, older.row)
  return columns
}

/** What came of a row that was fetched again: it was not here, or not in this scope; it was here in another version; it was the same. */
export type Restored = 'missing' | 'outdated' | 'same'

/** Puts a row as the cloud has it now in the place of whatever version is here. Versions only rise there, so none here may be above it. */
export function restoreRow(handle: WriteHandle, table: MirrorTable, row: ReadRow, bits: ScopeBits): Restored {
  const here = handle
    .prepare(`select version, scopes & ? as own from ${table.local} where id = ?`)
    .get(bits.own, row.id) as { readonly version: number; readonly own: number } | undefined
  if (here?.version === row.version && here.own !== 0) return 'same'
  writeRow(handle, table, row, here?.version === row.version ? bits : { own: bits.own, held: 0 })
  return here === undefined || here.own === 0 ? 'missing' : 'outdated'
}

/**
 * Writes a row that came with the answer to a push. It is what the cloud holds now, but not yet a word on the scopes: a batch, a
 * project or reference data is only brought up to date, and a part of a batch comes to where its batch is. The pool holds no parts.
 */
export function writeAnsweredRow(
  handle: WriteHandle,
  table: MirrorTable,
  row: ReadRow,
  bits: { readonly held: number; readonly holdsParts: number },
): Written {
  if (table.batchColumn !== 'batch_id') {
    const exists = handle.prepare(`select 1 from ${table.local} where id = ?`).get(row.id) !== undefined
    return exists ? writeRow(handle, table, row, { own: 0, held: bits.held }) : { kind: 'unchanged' }
  }
  const batch = handle.prepare('select scopes from batch where id = ?').get(row.batchId) as
    | { readonly scopes: number }
    | undefined
  if (batch === undefined) return { kind: 'unchanged' }
  return writeRow(handle, table, row, { own: bits.holdsParts & batch.scopes, held: bits.held })
}

/** Takes a row out of a scope. Answers true when no scope holds it any more; it is then a candidate for removal. */
export function leaveScope(handle: WriteHandle, table: MirrorTable, id: string, bit: number): boolean {
  const row = handle
    .prepare(`update ${table.local} set scopes = scopes & ~? where id = ? returning scopes`)
    .get(bit, id) as { readonly scopes: number } | undefined
  return row?.scopes === 0
}
