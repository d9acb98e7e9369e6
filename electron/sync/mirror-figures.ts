import type { ScopeFigures, TableFigures } from '../cloud/cloud-client.ts'
import type { WorkspaceDatabase } from '../database/database.ts'
import type { MirrorTable } from './rows/mirror-tables.ts'
import { yieldToCalls } from './sync-context.ts'

/** Rows read in one stretch: about 5 ms, which a call of the window may wait. */
const chunkRows = 5_000

/** The sum of ids is kept below this, on both sides. */
const modulus = 2 ** 48

/** No rows. */
export const noFigures: TableFigures = { count: 0, version_sum: 0, id_sum: 0 }

/** True when both sides hold the same rows in the same versions, as far as figures can tell. */
export const sameFigures = (here: TableFigures, there: TableFigures): boolean =>
  here.count === there.count && here.version_sum === there.version_sum && here.id_sum === there.id_sum

/** Figures of the rows of a table that are in a scope, as `sync_check` makes them; rows named in `without` are left out. */
export async function figuresOf(
  database: WorkspaceDatabase,
  table: MirrorTable,
  bit: number,
  without: ReadonlySet<string>,
): Promise<TableFigures> {
  const { build, read } = database
  const page = build.selectFrom(table.local).select(['row', 'id', 'version', 'scopes']).orderBy('row').limit(chunkRows)
  const figures = { ...noFigures }
  for (let after = 0; ; ) {
    const rows = read.all(page.where('row', '>', after))
    for (const { id, version, scopes } of rows) {
      // Bits beyond the thirty-second are out of reach of JavaScript's own operators.
      if (Math.floor(scopes / bit) % 2 === 0 || without.has(id)) continue
      figures.count += 1
      figures.version_sum += version
      figures.id_sum = (figures.id_sum + Number.parseInt(id.slice(-7), 16) * version) % modulus
    }
    const last = rows.at(-1)?.row
    if (last === undefined || rows.length < chunkRows) return figures
    after = last
    await yieldToCalls()
  }
}

/** Ids by table that a comparison leaves out: those that changed since the cursor, and those that cannot be read here. */
export const leftOut = (
  changed: ScopeFigures['changed'],
  except: readonly string[],
): ((table: string) => ReadonlySet<string>) => {
  const byTable = new Map<string, Set<string>>()
  for (const { table, id } of changed) {
    const ids = byTable.get(table) ?? new Set(except)
    byTable.set(table, ids.add(id))
  }
  const others = new Set(except)
  return (table) => byTable.get(table) ?? others
}
