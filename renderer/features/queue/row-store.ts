import type { BatchListRow } from '../../../shared/contract/views.ts'
import type { AppError, Result } from '../../../shared/result.ts'

/** How many rows are asked for at once. */
const blockSize = 100

/** Rows of the queue by local row number: what is here, what is on its way, what has become old. */
export interface RowStore {
  readonly get: (row: number) => BatchListRow | undefined
  /** Asks for those of the rows that are missing or old. Rows that are on their way are not asked for twice. */
  readonly want: (rows: Uint32Array) => void
  /** Asks for all of these rows that are missing and answers when they are here. */
  readonly load: (rows: readonly number[]) => Promise<AppError | null>
  /** Marks rows as old; they stay on the screen until the new ones are here. Null: all. */
  readonly outdate: (batchIds: readonly string[] | null) => void
  readonly subscribe: (listener: () => void) => () => void
  /** Counts up whenever a row changes. */
  readonly version: () => number
}

/** Makes a store that reads its rows with `fetchRows` and begins with those that are `known`. */
export function createRowStore(
  fetchRows: (rows: readonly number[]) => Promise<Result<readonly BatchListRow[]>>,
  known: readonly BatchListRow[] = [],
): RowStore {
  const rows = new Map(known.map((row) => [row.row, row]))
  const old = new Set<number>()
  const coming = new Map<number, Promise<unknown>>()
  const listeners = new Set<() => void>()
  let version = 0

  const missing = (row: number): boolean => (!rows.has(row) || old.has(row)) && !coming.has(row)

  const ask = async (wanted: readonly number[]): Promise<AppError | null> => {
    for (const row of wanted) old.delete(row)
    const result = await fetchRows(wanted)
    for (const row of wanted) coming.delete(row)
    if (!result.ok) return result.error
    for (const row of result.value) rows.set(row.row, row)
    version += 1
    for (const listener of listeners) listener()
    return null
  }
  const askInBlocks = (wanted: readonly number[], size: number): readonly Promise<AppError | null>[] => {
    const asked: Promise<AppError | null>[] = []
    for (let start = 0; start < wanted.length; start += size) {
      const block = wanted.slice(start, start + size)
      const answer = ask(block)
      for (const row of block) coming.set(row, answer)
      asked.push(answer)
    }
    return asked
  }

  return {
    get: (row) => rows.get(row),
    want: (wanted) => void askInBlocks([...wanted].filter(missing), blockSize),
    load: async (wanted) => {
      const underWay = wanted.flatMap((row) => coming.get(row) ?? [])
      const answers = await Promise.all(askInBlocks(wanted.filter(missing), 1000))
      await Promise.all(underWay)
      return answers.find((answer) => answer !== null) ?? null
    },
    outdate: (batchIds) => {
      const ids = batchIds === null ? null : new Set(batchIds)
      for (const row of rows.values()) if (ids === null || ids.has(row.id)) old.add(row.row)
    },
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    version: () => version,
  }
}
