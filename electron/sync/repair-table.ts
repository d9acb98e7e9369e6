import type { CopyDifference } from '../../shared/domain/sync-journal.ts'
import { fail, ok, type Result } from '../../shared/result.ts'
import type { MirroredTable } from '../../shared/wire/rows.ts'
import { eachRow, refuseMalformedRows } from '../cloud/received-list.ts'
import { askFigures, type ComparedScope, unreadableRows } from './ask-figures.ts'
import { figuresOf, leftOut, noFigures, sameFigures } from './mirror-figures.ts'
import { beginMirrorPage, type RemovalCandidate } from './mirror-page.ts'
import type { Restored, ScopeBits } from './mirror-writer.ts'
import { mirrorTables } from './rows/mirror-tables.ts'
import { bitsOf, listScopes, maskOf } from './scopes.ts'
import { type SyncContext, yieldToCalls } from './sync-context.ts'

/** What a repair found and did. */
export interface Repaired {
  readonly found: Pick<CopyDifference, 'missing' | 'outdated' | 'surplus' | 'remains'>
  /** False when too much changed meanwhile to say whether the table is the same now. */
  readonly compared: boolean
  /** Rows that no scope holds any more; to be swept. */
  readonly candidates: readonly RemovalCandidate[]
}

/** Rows written in one transaction, as in a pull. */
const chunkRows = 1000

/**
 * Fetches a table of a scope again and puts each row that differs in its place. The cursor stays where it is, so that whatever
 * changes meanwhile comes with the next pull. What the cloud does not list is taken out only when its list and its figures agree:
 * a feed that lost rows must not empty this copy.
 */
export async function repairTable(
  context: SyncContext,
  scope: ComparedScope,
  table: MirroredTable,
  signal: AbortSignal,
): Promise<Result<Repaired>> {
  const { database } = context
  const mask = maskOf(scope.bit)
  const bits: ScopeBits = { own: mask, held: bitsOf(listScopes(database.read)).held }
  const fetched = await refuseMalformedRows(() => fetchAgain(context, scope, table, bits, signal))
  if (!fetched.ok) return fetched
  const { listed, restored } = fetched.value

  const unreadable = unreadableRows(context)
  const there = await askFigures(context, scope, unreadable.ids, signal)
  if (!there.ok) return there
  // What changed since the cursor was no difference.
  const without = leftOut(there.value.changed, unreadable.ids)(table)
  const figures = there.value.tables[table] ?? noFigures
  const trusted = there.value.complete && count(listed, without) === figures.count
  const surplus = trusted ? idsInScope(context, table, mask).filter((id) => !listed.has(id) && !without.has(id)) : []
  const candidates = await takeOut(context, table, surplus, mask)
  const here = await figuresOf(database, mirrorTables[table], mask, without)
  return ok({
    found: {
      missing: count(restored.missing, without),
      outdated: count(restored.outdated, without),
      surplus: surplus.length,
      remains: there.value.complete && !sameFigures(here, figures),
    },
    compared: there.value.complete,
    candidates,
  })
}

const count = (ids: Iterable<string>, without: ReadonlySet<string>): number =>
  [...ids].filter((id) => !without.has(id)).length

type Changed = Readonly<Record<Exclude<Restored, 'same'>, Set<string>>>

async function fetchAgain(
  context: SyncContext,
  scope: ComparedScope,
  table: MirroredTable,
  bits: ScopeBits,
  signal: AbortSignal,
): Promise<Result<{ readonly listed: ReadonlySet<string>; readonly restored: Changed }>> {
  const { cloud, database, journal, pageRows } = context
  const listed = new Set<string>()
  const restored: Changed = { missing: new Set(), outdated: new Set() }
  for (let after: string | null = null; ; ) {
    const place: Parameters<typeof cloud.bootstrap>[0] = { scope: scope.scope, table, after, limit: pageRows }
    const page: Awaited<ReturnType<typeof cloud.bootstrap>> = await journal.measure(
      { kind: 'repair', scope: scope.scope, table },
      (traffic) => cloud.bootstrap(place, { signal, traffic }),
      ({ rows }) => ({ rowsIn: rows.length }),
    )
    if (!page.ok) return page
    const { rows, next } = page.value
    if (next !== null && after !== null && next <= after)
      return fail('cloud_incompatible', 'The cloud sent a page that does not follow the one before.')
    for (let offset = 0; offset < rows.length; offset += chunkRows) {
      database.write((handle) => {
        const mirror = beginMirrorPage(handle, context)
        for (const row of eachRow(rows, offset, offset + chunkRows)) {
          const id = String(row.id)
          listed.add(id)
          const how = mirror.restore(table, row, bits)
          if (how === 'missing' || how === 'outdated') restored[how].add(id)
        }
        mirror.finish()
      }, 'normal')
      await yieldToCalls()
    }
    rows.release?.()
    context.report({ phase: 'check', done: listed.size, total: null, label: 'Repairing this copy' })
    if (next === null) return ok({ listed, restored })
    after = next
  }
}

/** Only ids are read: 100,000 of them take a few tens of milliseconds, and a repair is rare. */
const idsInScope = ({ database }: SyncContext, table: MirroredTable, mask: number): readonly string[] =>
  database.read
    .all(database.build.selectFrom(mirrorTables[table].local).select(['id', 'scopes']))
    .filter(({ scopes }) => Math.floor(scopes / mask) % 2 === 1)
    .map(({ id }) => id)

async function takeOut(
  context: SyncContext,
  table: MirroredTable,
  ids: readonly string[],
  mask: number,
): Promise<readonly RemovalCandidate[]> {
  const candidates: RemovalCandidate[] = []
  for (let offset = 0; offset < ids.length; offset += chunkRows) {
    candidates.push(
      ...context.database.write((handle) => {
        const mirror = beginMirrorPage(handle, context)
        for (const id of ids.slice(offset, offset + chunkRows)) mirror.leave(table, id, mask)
        return mirror.finish()
      }, 'normal'),
    )
    await yieldToCalls()
  }
  return candidates
}
