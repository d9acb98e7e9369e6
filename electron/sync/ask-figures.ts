import type { Result } from '../../shared/result.ts'
import type { ScopeFigures } from '../cloud/cloud-client.ts'
import { readFact } from './facts.ts'
import type { HeldScope } from './scopes.ts'
import type { SyncContext } from './sync-context.ts'

/** A scope as it is compared: complete up to a cursor. */
export type ComparedScope = HeldScope & { readonly cursor: string }

/** Rows that stand on record as not readable here: the cloud has them and this copy cannot. */
export function unreadableRows({ database }: Pick<SyncContext, 'database'>): {
  readonly ids: readonly string[]
  readonly nameless: ReadonlySet<string>
} {
  const parked = readFact(database.read, database, 'sync.parked_rows') ?? []
  const named = parked.filter(({ id }) => /^[0-9a-f-]{36}$/i.test(id))
  return {
    ids: named.map(({ id }) => id),
    nameless: new Set(parked.filter((row) => !named.includes(row)).map(({ table }) => table)),
  }
}

/** Asks the cloud for the figures of a scope as of its cursor. */
export const askFigures = (
  { cloud, journal }: SyncContext,
  { scope, cursor }: ComparedScope,
  except: readonly string[],
  signal: AbortSignal,
): Promise<Result<ScopeFigures>> =>
  journal.measure({ kind: 'check', scope }, (traffic) => cloud.check({ scope, cursor, except }, { signal, traffic }))
