import { sql } from 'kysely'
import type { RequestOf } from '../../shared/contract/channels.ts'
import type { ChainCheck } from '../../shared/contract/views.ts'
import type { Sha256 } from '../../shared/domain/ids.ts'
import { ok, type Result } from '../../shared/result.ts'
import type { CaseContext } from '../database/case-context.ts'
import { reading } from '../database/database.ts'
import type { Row } from '../database/tables.ts'
import { headFact } from './append-audit-events.ts'
import { entryHash, genesisHash } from './audit-entry.ts'

/** Entries that are checked before other work gets its turn; some 20 ms. */
const sliceSize = 1000

type Break = NonNullable<ChainCheck['firstBreak']>

/** Told after each slice. */
export type ChainProgress = (progress: { readonly checked: number; readonly total: number }) => void

/**
 * Checks the chain from `from` to `to` (null: all of it), and stops at the first break: an entry that was changed, removed or moved,
 * or an end that is missing. Other work runs between two slices.
 */
export async function verifyAuditChain(
  context: Pick<CaseContext, 'database'>,
  { from, to }: RequestOf<'audit.verify'>,
  onProgress: ChainProgress = () => {},
): Promise<Result<ChainCheck>> {
  const { build, read } = context.database
  const first = Math.max(1, from ?? 1)
  const begin = reading(() => {
    const head = readHead(context)
    const last = read.first(build.selectFrom('audit_event').select(['sequence']).orderBy('sequence', 'desc').limit(1))
    const predecessor = read.first(
      build
        .selectFrom('audit_event')
        .select('hash')
        .where('sequence', '=', first - 1),
    )
    return { head, last: last?.sequence ?? 0, previousHash: predecessor?.hash ?? (first === 1 ? genesisHash : null) }
  })
  if (!begin.ok) return begin
  const { head, last } = begin.value
  const end = Math.min(to ?? Number.MAX_SAFE_INTEGER, Math.max(last, head?.sequence ?? 0))
  const total = Math.max(0, end - first + 1)
  let previousHash = begin.value.previousHash
  let checked = 0
  for (let start = first; start <= end; start += sliceSize) {
    const slice = reading(() =>
      read.all(
        build
          .selectFrom('audit_event')
          .selectAll()
          .where('sequence', '>=', start)
          .where('sequence', '<=', Math.min(end, start + sliceSize - 1))
          .orderBy('sequence'),
      ),
    )
    if (!slice.ok) return slice
    const expected = Math.min(end, start + sliceSize - 1) - start + 1
    for (let index = 0; index < expected; index++) {
      const found = findBreak(slice.value[index], start + index, previousHash)
      if (found !== null) return ok({ ok: false, checked, head: previousHash as Sha256 | null, firstBreak: found })
      previousHash = slice.value[index]?.hash ?? null
      checked += 1
    }
    onProgress({ checked, total })
    await new Promise((resolve) => setImmediate(resolve))
  }
  if (head !== null && end === head.sequence && previousHash !== head.hash) {
    return ok({ ok: false, checked, head: previousHash as Sha256 | null, firstBreak: replacedEnd(head, previousHash) })
  }
  return ok({ ok: true, checked, head: checked === 0 ? null : (previousHash as Sha256), firstBreak: null })
}

/** Null when the entry is what it must be. A null hash before it: the one before a part of the chain is missing. */
function findBreak(row: Row<'audit_event'> | undefined, sequence: number, previousHash: string | null): Break | null {
  if (row === undefined || row.sequence !== sequence) {
    return {
      sequence,
      expected: `entry ${sequence}`,
      actual: row === undefined ? 'nothing' : `entry ${row.sequence}`,
      message: `Entry ${sequence} is missing.`,
    }
  }
  if (row.previous_hash !== previousHash) {
    return {
      sequence,
      expected: previousHash ?? 'an entry before it',
      actual: row.previous_hash,
      message: `Entry ${sequence} does not follow the entry before it: one of them was moved, replaced or removed.`,
    }
  }
  const hash = hashOrProblem(row)
  if (hash !== row.hash) {
    return {
      sequence,
      expected: row.hash,
      actual: hash,
      message: `Entry ${sequence} was changed after it was written.`,
    }
  }
  return null
}

function hashOrProblem(row: Row<'audit_event'>): string {
  try {
    return entryHash(row)
  } catch {
    return 'not readable'
  }
}

const replacedEnd = (head: Head, actual: string | null): Break => ({
  sequence: head.sequence,
  expected: head.hash,
  actual: actual ?? 'nothing',
  message: `The last entry, ${head.sequence}, is not the one that was written last.`,
})

interface Head {
  readonly sequence: number
  readonly hash: string
}

function readHead({ database: { build, read } }: Pick<CaseContext, 'database'>): Head | null {
  const fact = read.first(
    build.selectFrom('workspace_fact').select(sql<string>`value`.as('value')).where('key', '=', headFact),
  )
  return fact === undefined ? null : (JSON.parse(fact.value) as Head)
}
