import type { DeviceId } from '../../shared/domain/ids.ts'
import type { CopyCheck, CopyDifference } from '../../shared/domain/sync-journal.ts'
import { ok, type Result } from '../../shared/result.ts'
import type { MirroredTable } from '../../shared/wire/rows.ts'
import { appendAuditEvents } from '../audit-trail/append-audit-events.ts'
import type { ReadHandle } from '../database/handles.ts'
import { insertCopyCheck, lastCopyCheck } from '../sync-journal/copy-checks.ts'
import { askFigures, type ComparedScope, unreadableRows } from './ask-figures.ts'
import { figuresOf, leftOut, noFigures, sameFigures } from './mirror-figures.ts'
import type { RemovalCandidate } from './mirror-page.ts'
import { sweepRemovals } from './removals.ts'
import { repairTable } from './repair-table.ts'
import { mirrorTables } from './rows/mirror-tables.ts'
import { kindOfScope } from './run-journal.ts'
import { listScopes, maskOf, tablesOfScope } from './scopes.ts'
import type { SyncContext } from './sync-context.ts'

const hour = 60 * 60 * 1000
const day = 24 * hour

/** True when this copy was not compared for a day, or could not be an hour ago. A clock that was set back does not put it off. */
export function checkIsDue(handle: ReadHandle, { clock, database }: Pick<SyncContext, 'clock' | 'database'>): boolean {
  const last = lastCopyCheck(handle, database)
  if (last === null) return true
  const age = Date.parse(clock.now()) - Date.parse(last.checkedAt)
  return age < 0 || age >= (last.outcome === 'not_comparable' ? hour : day)
}

/**
 * Compares this copy with the cloud, table by table of each scope, as of the cursor that each scope was pulled to: what others write
 * meanwhile is named by the cloud and left out on both sides. A table that differs is fetched again and compared again; figures are
 * never taken over from the other side. To be called when a pull has ended and before anything else writes to the mirror.
 */
export async function checkCopy(
  context: SyncContext,
  deviceId: DeviceId,
  signal: AbortSignal,
): Promise<Result<CopyCheck>> {
  const { clock, database, log, person } = context
  const startedAt = clock.elapsedMilliseconds()
  const unreadable = unreadableRows(context)
  const scopes = listScopes(database.read).filter(
    (scope): scope is ComparedScope => scope.state === 'live' && scope.cursor !== null,
  )
  const differences: CopyDifference[] = []
  const candidates: RemovalCandidate[] = []
  let tables = 0
  let rows = 0
  let comparable = true
  for (const [index, scope] of scopes.entries()) {
    context.report({ phase: 'check', done: index, total: scopes.length, label: 'Comparing with the cloud' })
    const there = await askFigures(context, scope, unreadable.ids, signal)
    if (!there.ok) return there
    if (!there.value.complete) {
      comparable = false
      continue
    }
    const without = leftOut(there.value.changed, unreadable.ids)
    for (const table of tablesOfScope(scope.scope)) {
      if (unreadable.nameless.has(table)) continue
      const here = await figuresOf(database, mirrorTables[table], maskOf(scope.bit), without(table))
      tables += 1
      rows += here.count
      if (sameFigures(here, there.value.tables[table] ?? noFigures)) continue
      log.warn('sync.copy_differs', { scope: kindOfScope(scope.scope), table })
      const repaired = await repairTable(context, scope, table as MirroredTable, signal)
      if (!repaired.ok) return repaired
      candidates.push(...repaired.value.candidates)
      differences.push({ scope: kindOfScope(scope.scope), table, ...repaired.value.found })
      comparable &&= repaired.value.compared
    }
  }
  await sweepRemovals(context, candidates)
  const check: CopyCheck = {
    checkedAt: clock.now(),
    outcome: differences.some(({ remains }) => remains)
      ? 'differs'
      : !comparable
        ? 'not_comparable'
        : differences.length > 0
          ? 'repaired'
          : 'same',
    tables,
    rows,
    milliseconds: Math.round(clock.elapsedMilliseconds() - startedAt),
    differences,
  }
  database.write((handle) => {
    insertCopyCheck(handle, database, check)
    if (differences.length === 0) return
    appendAuditEvents(handle, { clock, person, deviceId }, [
      {
        action: check.outcome === 'repaired' ? 'copy.repaired' : 'copy.differs',
        entity: 'workspace',
        entityId: deviceId,
        entityLabel: 'This copy of the register',
        before: null,
        after: { differences },
        by: 'system',
      },
    ])
  })
  return ok(check)
}
