import { assertNever } from '../../../shared/assert-never.ts'
import type { CopyCheck, ExchangeKind, RunOutcome, SyncExchange, SyncRun } from '../../../shared/domain/sync-journal.ts'
import type { Tone } from '../../ui/badge.tsx'
import { formatCount, formatNoun } from '../../ui/format.ts'

const outcomes: Readonly<Record<RunOutcome, readonly [words: string, tone: Tone]>> = {
  running: ['Under way', 'accent'],
  done: ['Went through', 'success'],
  problem: ['With a problem', 'warning'],
  failed: ['Failed', 'danger'],
  cancelled: ['Cancelled', 'neutral'],
  broken_off: ['Broke off', 'danger'],
}

/** How a run ended, in words, and their tone. */
export const outcomeWords = ({
  outcome,
}: Pick<SyncRun, 'outcome'>): { readonly words: string; readonly tone: Tone } => {
  const [words, tone] = outcomes[outcome]
  return { words, tone }
}

const kinds: Readonly<Record<ExchangeKind, string>> = {
  handshake: 'Handshake',
  poll: 'Asked for changes',
  health: 'State of the cloud',
  push: 'Sent changes',
  bootstrap: 'First fetch',
  pull: 'Fetched changes',
  check: 'Compared',
  repair: 'Fetched again',
  file_down: 'File fetched',
  file_up: 'File sent',
}

/** What was exchanged: `First fetch, batches (person)`. */
export function exchangeWords({ kind, scope, table }: Pick<SyncExchange, 'kind' | 'scope' | 'table'>): string {
  const of = table === null ? '' : `, ${table.replaceAll('_', ' ')}`
  return `${kinds[kind]}${of}${scope === null ? '' : ` (${scope})`}`
}

/** What a run was: a synchronization, files, or so many in which nothing happened. */
export function runWords(run: Pick<SyncRun, 'kind' | 'quietRuns' | 'attempt'>): string {
  if (run.quietRuns > 0) return `${formatNoun(run.quietRuns, 'sync', 'syncs')}, no changes`
  const words = run.kind === 'files' ? 'Evidence files' : 'Sync'
  return run.attempt > 1 ? `${words}, attempt ${formatCount(run.attempt)}` : words
}

/** A duration: `340 ms`, `4.2 s`, `12 min`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 1000) return `${formatCount(milliseconds)} ms`
  if (milliseconds < 60_000) return `${(milliseconds / 1000).toFixed(1)} s`
  return `${formatCount(Math.round(milliseconds / 60_000))} min`
}

/** What a comparison found, in one sentence. */
export function checkWords(check: CopyCheck): { readonly words: string; readonly tone: Tone } {
  switch (check.outcome) {
    case 'same':
      return { words: `The same as the cloud: ${formatNoun(check.rows, 'row')} compared.`, tone: 'success' }
    case 'repaired':
      return { words: 'Something differed from the cloud and was repaired.', tone: 'warning' }
    case 'differs':
      return { words: 'This copy still differs from the cloud. Save the log and send it to support.', tone: 'danger' }
    case 'not_comparable':
      return { words: 'Too much was being changed to compare all of it. It is tried again by itself.', tone: 'neutral' }
    default:
      return assertNever(check.outcome)
  }
}

/** What differed in a table: `batches: 1 missing, 2 outdated`. */
export function differenceWords({
  missing,
  outdated,
  remains,
  surplus,
  table,
}: CopyCheck['differences'][number]): string {
  const parts = [
    [missing, 'missing'],
    [outdated, 'in another version'],
    [surplus, 'surplus'],
  ] as const
  const found = parts.filter(([rows]) => rows > 0).map(([rows, words]) => `${formatCount(rows)} ${words}`)
  const name = table.replaceAll('_', ' ')
  return `${name}: ${found.length === 0 ? 'nothing that could be mended' : found.join(', ')}${remains ? ', still differs' : ''}`
}
