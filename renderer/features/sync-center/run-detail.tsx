import { Check, Copy } from 'lucide-react'
import { useState } from 'react'
import type { SyncExchange, SyncRun } from '../../../shared/domain/sync-journal.ts'
import { useChannel } from '../../app/use-channel.ts'
import { useZone } from '../../app/zone.tsx'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { ErrorState } from '../../ui/error-state.tsx'
import { formatBytes, formatCount, formatInstantInFull, formatNoun } from '../../ui/format.ts'
import { LoadingRows } from '../../ui/loading-rows.tsx'
import { ScrollRegion } from '../../ui/scroll-region.tsx'
import styles from './sync-log.module.css'
import { exchangeWords, formatDuration, outcomeWords, runWords } from './sync-log-words.ts'

/** Exchanges that are listed; the saved log has all. */
const longestList = 500

/** A run with each of its exchanges. */
export function RunDetail({ run }: { readonly run: SyncRun }) {
  const zone = useZone()
  const exchanges = useChannel('syncLog.exchanges', { run: run.run, limit: longestList })
  const [copied, setCopied] = useState<number | null>(null)
  const { words, tone } = outcomeWords(run)
  const body = () => {
    if (exchanges.error !== null) return <ErrorState error={exchanges.error} onRetry={exchanges.refetch} />
    if (exchanges.data === undefined) return <LoadingRows count={4} label="Loading the exchanges" />
    return <Exchanges exchanges={exchanges.data} />
  }
  const copy = () => {
    const text = JSON.stringify({ ...run, exchanges: exchanges.data ?? [] }, null, 2)
    navigator.clipboard.writeText(text).then(
      () => setCopied(run.run),
      () => setCopied(null),
    )
  }
  const listed = exchanges.data?.length ?? 0
  return (
    <section className={styles.detail} aria-label="Exchanges of the chosen run">
      <header className={styles.detailHead}>
        <h2 className={styles.detailTitle}>{runWords(run)}</h2>
        <Badge tone={tone}>{words}</Badge>
        {run.errorCode === null ? null : <code className={styles.code}>{run.errorCode}</code>}
        <span className={styles.muted}>{formatInstantInFull(run.startedAt, zone.name)}</span>
        <span className={styles.space} />
        <Button
          size="small"
          icon={copied === run.run ? <Check size={13} /> : <Copy size={13} />}
          disabled={exchanges.data === undefined}
          onClick={copy}
        >
          {copied === run.run ? 'Copied' : 'Copy'}
        </Button>
      </header>
      <ScrollRegion label="Exchanges" className={styles.scroll}>
        {body()}
        {listed < run.exchanges && exchanges.data !== undefined ? (
          <p className={styles.note}>
            {run.quietRuns > 1
              ? `Those of the first of ${formatNoun(run.quietRuns, 'sync', 'syncs')} without changes are listed; the others were alike.`
              : `${formatCount(listed)} of ${formatNoun(run.exchanges, 'exchange')} are listed; the saved log has what was kept of the others.`}
          </p>
        ) : null}
      </ScrollRegion>
    </section>
  )
}

function Exchanges({ exchanges }: { readonly exchanges: readonly SyncExchange[] }) {
  return (
    <table className={styles.table}>
      <thead>
        <tr>
          <th scope="col">Exchange</th>
          <th scope="col" className={styles.end}>
            Rows in
          </th>
          <th scope="col" className={styles.end}>
            Rows out
          </th>
          <th scope="col" className={styles.end}>
            Received
          </th>
          <th scope="col" className={styles.end}>
            Sent
          </th>
          <th scope="col" className={styles.end}>
            Took
          </th>
          <th scope="col">Answer</th>
        </tr>
      </thead>
      <tbody>
        {exchanges.map((exchange, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the exchanges of a run are written once and in order
          <tr key={index}>
            <td>{exchangeWords(exchange)}</td>
            <td className={styles.end}>{formatCount(exchange.rowsIn)}</td>
            <td className={styles.end}>{formatCount(exchange.rowsOut)}</td>
            <td className={styles.end}>{formatBytes(exchange.bytesIn)}</td>
            <td className={styles.end}>{formatBytes(exchange.bytesOut)}</td>
            <td className={styles.end}>{formatDuration(exchange.milliseconds)}</td>
            <td className={exchange.outcome === 'failed' ? styles.failed : undefined}>
              {exchange.outcome === 'done'
                ? `OK${exchange.httpStatus === null ? '' : ` ${String(exchange.httpStatus)}`}`
                : `${exchange.errorCode ?? exchange.outcome} ${exchange.httpStatus === null ? '(no answer)' : String(exchange.httpStatus)}`}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
