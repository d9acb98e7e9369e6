import type { SyncProgress } from '../../shared/domain/sync-state.ts'
import { fail, ok, type Result } from '../../shared/result.ts'
import type { MirroredTable } from '../../shared/wire/rows.ts'
import type { HandshakeAnswer } from '../cloud/cloud-client.ts'
import type { BootstrapPage, PulledChange, PullPage, PullPosition } from '../cloud/pages.ts'
import type { Polled } from '../cloud/poll.ts'
import { eachRow, type RowList, refuseMalformedRows } from '../cloud/received-list.ts'
import { isScopeLost } from '../cloud/refusal.ts'
import type { WriteHandle } from '../database/handles.ts'
import { beginBulkLoad, endBulkLoad } from './bulk-load.ts'
import { readFact, writeFact } from './facts.ts'
import { beginMirrorPage, type RemovalCandidate } from './mirror-page.ts'
import type { ScopeBits } from './mirror-writer.ts'
import { pollScopes } from './poll-scopes.ts'
import { endLeftScopes, sweepRemovals } from './removals.ts'
import { kindOfScope } from './run-journal.ts'
import {
  adoptHandshake,
  bitsOf,
  type HeldScope,
  isAdopted,
  listScopes,
  maskOf,
  restart,
  tablesOfScope,
} from './scopes.ts'
import { letRequestOut, type SyncContext, yieldToCalls } from './sync-context.ts'

/**
 * Rows written in one transaction, a page of the cloud: 60 to 90 ms, which a decision made meanwhile may wait. Half as many took a
 * tenth more time in all: each commit writes the pages of the indexes again.
 */
const chunkRows = 2000

/**
 * Brings the mirror up to what the cloud holds for this person: takes over the scopes of the handshake, fetches new ones table by
 * table, then what changed in each since its cursor, and removes what no scope holds any more. Each page is written with its place
 * in one transaction; wherever this is cut off, the next pull goes on from there. `polled`: what is new, where that is known already.
 * Answers `scope_lost` when the cloud refused a scope that the handshake named and all others were fetched: another handshake is due.
 */
export async function pull(
  context: SyncContext,
  handshake: HandshakeAnswer,
  signal: AbortSignal,
  polled: Polled | null = null,
): Promise<Result<'done' | 'scope_lost'>> {
  const { database, clock } = context
  if (!isAdopted(database.read, database, handshake))
    database.write((handle) => adoptHandshake(handle, database, handshake))
  const asked = polled === null ? await pollScopes(context, signal) : ok(polled)
  if (!asked.ok) return asked
  const known = asked.value
  // Removals that an earlier pull did not come to: their rows are looked for.
  const inherited = readFact(database.read, database, 'sync.removals_due') === true
  const candidates: RemovalCandidate[] = []
  const quiet: HeldScope[] = []
  let lost = false
  for (const scope of listScopes(database.read)) {
    if (scope.state === 'leaving') continue
    const page = scope.state === 'live' ? known?.pages.get(scope.scope) : null
    if (known !== null && page === undefined) {
      quiet.push(scope)
      continue
    }
    const pulled = await refuseMalformedRows(() => pullScope(context, scope, candidates, signal, page ?? null))
    if (pulled.ok) continue
    if (!isScopeLost(pulled.error)) return pulled
    context.log.warn('sync.scope_lost', { scope: kindOfScope(scope.scope) })
    lost = true
  }
  const left = await endLeftScopes(context)
  await sweepRemovals(context, left || inherited ? null : candidates)
  // What was asked for long ago, such as before a pause, is not as of now.
  const at = known?.at ?? clock.now()
  database.write((handle) => {
    if (known !== null) for (const scope of quiet) keepCursor(handle, context, scope, known.upto, at)
    if (!lost) writeFact(handle, database, 'sync.last_pulled_at', at)
  }, 'normal')
  return ok(lost ? 'scope_lost' : 'done')
}

function keepCursor(
  handle: WriteHandle,
  { database }: SyncContext,
  scope: HeldScope,
  cursor: string,
  pulledAt: string,
): void {
  handle.run(
    database.build.updateTable('sync_scope').set({ cursor, last_pulled_at: pulledAt }).where('bit', '=', scope.bit),
  )
}

async function pullScope(
  context: SyncContext,
  scope: HeldScope,
  candidates: RemovalCandidate[],
  signal: AbortSignal,
  known: PullPage | 'stale' | null = null,
): Promise<Result<void>> {
  let cursor = scope.cursor
  if (scope.state === 'bootstrap') {
    const fetched = await bootstrap(context, scope, signal)
    if (!fetched.ok) return fetched
    cursor = fetched.value
  }
  if (cursor === null) throw new Error('A scope that was fetched has a cursor')
  const changes =
    known === 'stale'
      ? fail('stale', 'This copy no longer follows the cloud.')
      : await pullChanges(context, { ...scope, cursor }, candidates, signal, known)
  if (changes.ok || changes.error.code !== 'stale') return changes
  // The cloud does not know the cursor: it is older than this copy. Fetched again now, with local work kept.
  context.log.warn('sync.scope_restarted', { scope: scope.scope })
  const { database } = context
  database.write((handle) => {
    restart(handle, database, scope)
    writeFact(handle, database, 'sync.ledger_unsure', true)
  })
  const again = listScopes(database.read).find(
    ({ scope: name, state }) => name === scope.scope && state === 'bootstrap',
  )
  if (again === undefined || scope.state === 'bootstrap') return changes
  return pullScope(context, again, candidates, signal)
}

const pageOutOfOrder = () =>
  fail('cloud_incompatible', 'The cloud sent a page that does not follow the one before.', 'Try again in a while.')

/** Applies items in stretches, with the place of the page in the transaction of the last one. They are given back afterwards. */
async function applyInChunks<Item>(
  context: SyncContext,
  items: RowList<Item>,
  apply: (page: ReturnType<typeof beginMirrorPage>, item: Item) => void,
  keepPlace: (handle: WriteHandle) => void,
): Promise<readonly RemovalCandidate[]> {
  const candidates: RemovalCandidate[] = []
  for (let offset = 0; ; offset += chunkRows) {
    let last = false
    candidates.push(
      ...context.database.write((handle) => {
        const page = beginMirrorPage(handle, context)
        for (const item of eachRow(items, offset, offset + chunkRows)) apply(page, item)
        const left = page.finish()
        last = offset + chunkRows >= items.length
        if (last) keepPlace(handle)
        return left
      }, 'normal'),
    )
    if (last) items.release?.()
    await yieldToCalls()
    if (last) return candidates
  }
}

/** Fetches a scope from the beginning or from where the last try stopped, a table at a time. Answers with the cursor to go on from. */
async function bootstrap(context: SyncContext, scope: HeldScope, signal: AbortSignal): Promise<Result<string>> {
  const { database, cloud, journal, pageRows } = context
  const bits: ScopeBits = { own: maskOf(scope.bit), held: bitsOf(listScopes(database.read)).held }
  let snapshot = scope.bootstrapSnapshot
  const tables = tablesOfScope(scope.scope)
  const first = (tables as readonly (string | null)[]).indexOf(scope.bootstrapTable)
  // A page that is on its way when this ends early is given up.
  const abort = new AbortController()
  const options = { signal: AbortSignal.any([signal, abort.signal]) }
  try {
    const request = (table: MirroredTable, after: string | null) =>
      journal.measure(
        { kind: 'bootstrap', scope: scope.scope, table },
        (traffic) => cloud.bootstrap({ scope: scope.scope, table, after, limit: pageRows }, { ...options, traffic }),
        (page) => ({ rowsIn: page.rows.length }),
      )
    let index = Math.max(0, first)
    let after = first < 0 ? null : scope.bootstrapAfter
    let total: number | null = null
    let done = 0
    let table = tables[index]
    let coming = table === undefined ? null : request(table, after)
    while (table !== undefined && coming !== null) {
      const current: MirroredTable = table
      const page: Result<BootstrapPage> = await coming
      if (!page.ok) return page
      const { rows, next }: BootstrapPage = page.value
      if (next !== null && after !== null && next <= after) return pageOutOfOrder()
      const following: MirroredTable | undefined = next === null ? tables[index + 1] : current
      // The cloud makes the next page, of this table or the following one, while this one is written.
      coming = following === undefined ? null : request(following, next)
      // Should writing fail, nobody waits for it any more.
      coming?.catch(() => {})
      if (coming !== null) await letRequestOut()
      snapshot ??= page.value.snapshot
      total = page.value.total ?? total
      const { total: expected } = page.value
      if (current === 'batches' && expected !== null && database.write((handle) => beginBulkLoad(handle, expected)))
        database.makeRoomForLoad()
      await applyInChunks(
        context,
        rows,
        (mirror, row) => mirror.upsert(current, row, bits),
        (handle) =>
          handle.run(
            database.build
              .updateTable('sync_scope')
              .set({
                bootstrap_table: following ?? null,
                bootstrap_after: next,
                bootstrap_snapshot: snapshot,
                ...(following === undefined ? { state: 'live', cursor: snapshot } : {}),
              })
              .where('bit', '=', scope.bit),
          ),
      )
      done += rows.length
      if (rows.length > 0) context.report(progressOf(current, done, total))
      if (next === null) {
        index += 1
        total = null
        done = 0
      }
      after = next
      table = following
    }
  } finally {
    abort.abort()
    await endBulkLoad(context)
  }
  if (snapshot === null) throw new Error('Every page carries a snapshot')
  return ok(snapshot)
}

const labels: Readonly<Record<string, string>> = {
  organizations: 'Organizations',
  people: 'People',
  trust_anchors: 'Authorities',
  rubrics: 'Rubrics',
  projects: 'Projects',
  batches: 'Batches',
  assignments: 'Assignments',
  evidence_files: 'Evidence',
  scores: 'Scores',
  findings: 'Findings',
  finding_rounds: 'Answers to findings',
  decisions: 'Decisions',
  certificates: 'Certificates',
  signatures: 'Signatures',
  access_grants: 'Grants',
  grant_keys: 'Keys of grants',
  gate_rules: 'Rules of decisions',
}

const progressOf = (table: string, done: number, total: number | null): SyncProgress => ({
  phase: 'bootstrap',
  done,
  total: total === null ? null : Math.max(total, done),
  label: labels[table] ?? table,
})

/** Fetches what became visible in a scope since its cursor. The cursor moves with the last page and not before. */
async function pullChanges(
  context: SyncContext,
  scope: HeldScope & { readonly cursor: string },
  candidates: RemovalCandidate[],
  signal: AbortSignal,
  known: PullPage | null,
): Promise<Result<void>> {
  const { database, cloud, journal, pageRows } = context
  const bits: ScopeBits = { own: maskOf(scope.bit), held: bitsOf(listScopes(database.read)).held }
  // A page that is on its way when this ends early is given up.
  const abort = new AbortController()
  const options = { signal: AbortSignal.any([signal, abort.signal]) }
  const request = (upto: string | null, after: PullPosition | null) =>
    journal.measure(
      { kind: 'pull', scope: scope.scope },
      (traffic) =>
        cloud.pull({ scope: scope.scope, cursor: scope.cursor, upto, after, limit: pageRows }, { ...options, traffic }),
      (pulled) => ({ rowsIn: pulled.changes.length }),
    )
  let bound: string | null = null
  let after: PullPosition | null = null
  let done = 0
  let coming: Promise<Result<PullPage>> = known === null ? request(null, null) : Promise.resolve(ok(known))
  try {
    for (;;) {
      const page: Result<PullPage> = await coming
      if (!page.ok) return page
      const { changes, next } = page.value
      if (next !== null && after !== null && !follows(next, after)) return pageOutOfOrder()
      const upto: string = bound ?? page.value.upto
      bound = upto
      if (next !== null) {
        // The cloud makes the next page while this one is written.
        coming = request(upto, next)
        // Should writing fail, nobody waits for it any more.
        coming.catch(() => {})
        await letRequestOut()
      }
      const left = await applyInChunks(
        context,
        changes,
        (mirror, change) => applyChange(mirror, change, bits),
        (handle) => {
          if (next === null) keepCursor(handle, context, scope, upto, context.clock.now())
        },
      )
      candidates.push(...left)
      done += changes.length
      if (next === null) return ok(undefined)
      context.report({ phase: 'changes', done, total: null, label: 'Changes' })
      after = next
    }
  } finally {
    abort.abort()
  }
}

function applyChange(mirror: ReturnType<typeof beginMirrorPage>, change: PulledChange, bits: ScopeBits): void {
  // A row that may not be read any more is out of the scope for this person, whatever the feed is still to say.
  if (change.op === 'R' || change.row === null) mirror.leave(change.table, change.id, bits.own)
  else mirror.upsert(change.table, { ...change.row, id: change.id }, bits)
}

/** False for a place in the feed that goes back: following it would never end. Within a transaction the cloud's own order of texts counts. */
function follows(next: PullPosition, after: PullPosition): boolean {
  const transaction = BigInt(next.xid) - BigInt(after.xid)
  return transaction > 0n || (transaction === 0n && (next.table !== after.table || next.id !== after.id))
}
