import { protocolVersion, schemaVersion } from '../../shared/wire/sync.ts'
import type { CaseContext } from '../database/case-context.ts'
import type { Row } from '../database/tables.ts'
import { outboxCounts } from '../outbox/list-outbox.ts'
import { sha256Hex } from '../platform/identifiers.ts'
import { toCopyCheck } from './copy-checks.ts'
import { toSyncExchange, toSyncRun } from './list-sync-runs.ts'

/** What the program says of itself in a journal that leaves the computer. */
export interface ProgramFacts {
  readonly programVersion: string
  readonly host: string
  readonly platform: string
}

/** The journal as it leaves the computer. */
export interface JournalLines {
  readonly bytes: Uint8Array
  readonly runs: number
  /** SHA-256 over all lines but the last, which carries it. */
  readonly linesSha256: string
}

const kindOfName = (scope: string): string => /^[a-z]+/.exec(scope)?.[0] ?? 'unknown'

/**
 * The whole journal as JSON lines: what program on what computer, each run with its exchanges, each comparison with the cloud, and at
 * the end the SHA-256 of the lines before. Figures and codes alone; it names no person, no organization, no batch and no file.
 */
export function journalLines(
  context: Pick<CaseContext, 'database' | 'clock' | 'clockOffsetMilliseconds'>,
  program: ProgramFacts,
): JournalLines {
  const { build, read } = context.database
  const runs = read.all(build.selectFrom('sync_run').selectAll().orderBy('run'))
  const exchanges = new Map<number, Row<'sync_exchange'>[]>()
  for (const exchange of read.all(build.selectFrom('sync_exchange').selectAll().orderBy('exchange'))) {
    const known = exchanges.get(exchange.run)
    if (known === undefined) exchanges.set(exchange.run, [exchange])
    else known.push(exchange)
  }
  const checks = read.all(build.selectFrom('copy_check').selectAll().orderBy('id'))
  const scopes = read.all(build.selectFrom('sync_scope').select(['scope', 'state', 'last_pulled_at']).orderBy('bit'))
  const parked = read.first(build.selectFrom('workspace_fact').select('value').where('key', '=', 'sync.parked_rows'))
  const lines: readonly object[] = [
    {
      log: 'veridesk-sync',
      ...program,
      protocolVersion,
      schemaVersion,
      exportedAt: context.clock.now(),
      clockOffsetMilliseconds: context.clockOffsetMilliseconds,
      runs: runs.length,
      outbox: outboxCounts(read),
      parkedRows: parked === undefined ? 0 : (JSON.parse(parked.value) as readonly unknown[]).length,
      scopes: scopes.map(({ scope, state, last_pulled_at }) => ({
        scope: kindOfName(scope),
        state,
        lastPulledAt: last_pulled_at,
      })),
    },
    ...runs.map((run) => ({ ...toSyncRun(run), exchanges: (exchanges.get(run.run) ?? []).map(toSyncExchange) })),
    ...checks.map((check) => ({ check: toCopyCheck(check) })),
  ]
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('')
  const linesSha256 = sha256Hex(new TextEncoder().encode(text))
  return {
    bytes: new TextEncoder().encode(`${text}${JSON.stringify({ sha256OfLinesAbove: linesSha256 })}\n`),
    runs: runs.length,
    linesSha256,
  }
}
