import type { WriteHandle } from '../database/handles.ts'
import type { MirrorTable, MirrorTableName } from './rows/mirror-tables.ts'
import type { ReadRow } from './rows/read-row.ts'

/** The bits of the scopes as they are now, see `scopes.ts`. */
export interface ScopeBits {
  /** The bit of the scope that the row arrived in; 0 for a row that came with the answer to a push. */
  readonly own: number
  /** The bits of all scopes that are held, without those that are being left. */
  readonly held: number
}

/** What came of a row. */
export type Written = 'written' | 'unchanged'

interface TableStatements {
  readonly upsert: string
  readonly join: string
}

const statements = new Map<MirrorTableName, TableStatements>()

/**
 * A row that is newer than ours takes its place. A row that carries no held bit is of an earlier age of the cloud, whose versions
 * mean nothing any more, and any row takes its place.
 */
function statementsOf(table: MirrorTable): TableStatements {
  const known = statements.get(table.local)
  if (known !== undefined) return known
  const name = table.local
  const columns = table.columns.map(({ local }) => local)
  const again = name === 'batch' ? ', quarantined_at = null' : ''
  const made: TableStatements = {
    upsert: `insert into ${name} (${columns.join(', ')}, version, scopes)
      values (${columns.map(() => '?').join(', ')}, ?, ?)
      on conflict (id) do update set
      ${columns
        .filter((column) => column !== 'id')
        .map((column) => `${column} = excluded.${column}`)
        .join(', ')},
      version = excluded.version, scopes = ${name}.scopes | excluded.scopes${again}
      where excluded.version > ${name}.version or (${name}.scopes & ?) = 0`,
    join:
      name === 'batch'
        ? 'update batch set scopes = scopes | ?, quarantined_at = null where id = ? and ((scopes & ?) = 0 or quarantined_at is not null)'
        : `update ${name} set scopes = scopes | ? where id = ? and (scopes & ?) = 0`,
  }
  statements.set(name, made)
  return made
}

/** Writes a row of a pull: into the scope that it arrived in, over an older row of the same id. */
export function writeRow(handle: WriteHandle, table: MirrorTable, row: ReadRow, bits: ScopeBits): Written {
  const { upsert, join } = statementsOf(table)
  if (handle.prepare(upsert).run(...row.values, row.version, bits.own, bits.held).changes > 0) return 'written'
  if (bits.own !== 0) handle.prepare(join).run(bits.own, row.id, bits.own)
  return 'unchanged'
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
    return exists ? writeRow(handle, table, row, { own: 0, held: bits.held }) : 'unchanged'
  }
  const batch = handle.prepare('select scopes from batch where id = ?').get(row.batchId) as
    | { readonly scopes: number }
    | undefined
  if (batch === undefined) return 'unchanged'
  return writeRow(handle, table, row, { own: bits.holdsParts & batch.scopes, held: bits.held })
}

/** Takes a row out of a scope. Answers true when no scope holds it any more; it is then a candidate for removal. */
export function leaveScope(handle: WriteHandle, table: MirrorTable, id: string, bit: number): boolean {
  const row = handle
    .prepare(`update ${table.local} set scopes = scopes & ~? where id = ? returning scopes`)
    .get(bit, id) as { readonly scopes: number } | undefined
  return row?.scopes === 0
}
