import { type MirroredTable, mirroredTableNames } from '../../shared/wire/rows.ts'
import type { HandshakeAnswer } from '../cloud/cloud-client.ts'
import type { WorkspaceDatabase } from '../database/database.ts'
import type { ReadHandle, WriteHandle } from '../database/handles.ts'
import { queryBuilder } from '../database/query-builder.ts'
import { readFact, writeFact } from './facts.ts'

/** A scope as it is kept: its place in every row's `scopes`, and how far it was pulled. */
export interface HeldScope {
  readonly scope: string
  readonly bit: number
  readonly state: 'bootstrap' | 'live' | 'leaving'
  readonly cursor: string | null
  readonly bootstrapSnapshot: string | null
  readonly bootstrapTable: string | null
  readonly bootstrapAfter: string | null
}

/** Bits above this one are not exact in a JavaScript number. */
const largestBit = 50

/** The bit as a number to be combined with others. */
export const maskOf = (bit: number): number => 2 ** bit

/** Compiled once: it is asked for with every page that is written and every call that is settled. */
const allScopes = queryBuilder.selectFrom('sync_scope').selectAll().orderBy('bit').compile()

/** All scopes that are kept, those of reference data first: a batch is searchable by names that stand there. */
export function listScopes(handle: ReadHandle): readonly HeldScope[] {
  const rows = handle.all(allScopes)
  return rows
    .map((row) => ({
      scope: row.scope,
      bit: row.bit,
      state: row.state as HeldScope['state'],
      cursor: row.cursor,
      bootstrapSnapshot: row.bootstrap_snapshot,
      bootstrapTable: row.bootstrap_table,
      bootstrapAfter: row.bootstrap_after,
    }))
    .sort((left, right) => rank(left.scope) - rank(right.scope))
}

const rank = (scope: string): number => (scope === 'reference' ? 0 : scope.startsWith('person:') ? 1 : 2)

/** Pools hold batches with their evidence alone: `pool`, and `pool:…` for those of verification bodies. */
const isPool = (scope: string): boolean => scope === 'pool' || scope.startsWith('pool:')

/** Tables that everybody mirrors, and that no other scope holds. */
const referenceTables: readonly MirroredTable[] = [
  'organizations',
  'people',
  'trust_anchors',
  'rubrics',
  'grant_keys',
  'gate_rules',
]
const poolTables: readonly MirroredTable[] = ['projects', 'batches', 'evidence_files']

/** The tables of which a scope can hold rows, parents first: a first fetch asks for no others. */
export function tablesOfScope(scope: string): readonly MirroredTable[] {
  if (scope === 'reference') return mirroredTableNames.filter((table) => referenceTables.includes(table))
  if (isPool(scope)) return mirroredTableNames.filter((table) => poolTables.includes(table))
  return mirroredTableNames.filter((table) => !referenceTables.includes(table))
}

/** The bits of all scopes that are held, and of those among them that hold parts of a batch. */
export function bitsOf(scopes: readonly HeldScope[]): { readonly held: number; readonly holdsParts: number } {
  let held = 0
  let holdsParts = 0
  for (const { scope, bit, state } of scopes) {
    if (state === 'leaving') continue
    held += maskOf(bit)
    if (!isPool(scope) && scope !== 'reference') holdsParts += maskOf(bit)
  }
  return { held, holdsParts }
}

/**
 * Brings the kept scopes in line with what the cloud says this person mirrors: a new one is to be fetched from the beginning, a
 * lost one is left. Another epoch is a cloud restored from a backup: everything is fetched again under new bits, and what the old
 * bits alone hold is removed when that is done. Local work is not touched.
 */
export function adoptHandshake(handle: WriteHandle, database: WorkspaceDatabase, answer: HandshakeAnswer): void {
  const known = readFact(handle, database, 'sync.server_epoch')
  const restored = known !== null && known !== answer.server_epoch
  const wanted = new Set(answer.scopes)
  for (const scope of listScopes(handle)) {
    if (scope.state === 'leaving') continue
    const stays = wanted.delete(scope.scope)
    if (!stays) leave(handle, database, scope)
    else if (restored) restart(handle, database, scope)
  }
  for (const scope of wanted) hold(handle, database, scope)
  writeFact(handle, database, 'sync.server_epoch', answer.server_epoch)
}

/** False when `adoptHandshake` has something to write. */
export function isAdopted(handle: ReadHandle, database: WorkspaceDatabase, answer: HandshakeAnswer): boolean {
  if (readFact(handle, database, 'sync.server_epoch') !== answer.server_epoch) return false
  const held = listScopes(handle).filter(({ state }) => state !== 'leaving')
  const wanted = new Set(answer.scopes)
  return held.length === wanted.size && held.every(({ scope }) => wanted.has(scope))
}

/** Fetches one scope from the beginning, keeping its rows until that is done: its cursor is of no use any more. */
export function restart(handle: WriteHandle, database: WorkspaceDatabase, scope: HeldScope): void {
  leave(handle, database, scope)
  hold(handle, database, scope.scope)
}

function leave(handle: WriteHandle, database: WorkspaceDatabase, scope: HeldScope): void {
  // The name stays readable, and free for the same scope under another bit.
  handle.run(
    database.build
      .updateTable('sync_scope')
      .set({ scope: `${scope.scope}#${scope.bit}`, state: 'leaving' })
      .where('bit', '=', scope.bit),
  )
}

function hold(handle: WriteHandle, database: WorkspaceDatabase, scope: string): void {
  const taken = new Set(listScopes(handle).map(({ bit }) => bit))
  let bit = 0
  while (taken.has(bit)) bit += 1
  if (bit > largestBit) throw new Error('More scopes than a row has bits for')
  handle.run(
    database.build.insertInto('sync_scope').values({
      scope,
      bit,
      state: 'bootstrap',
      cursor: null,
      bootstrap_snapshot: null,
      bootstrap_table: null,
      bootstrap_after: null,
      last_pulled_at: null,
    }),
  )
}
