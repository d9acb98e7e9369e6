import { ShieldCheck } from 'lucide-react'
import { staleData } from '../../../shared/domain/data-age.ts'
import type { SyncState } from '../../../shared/domain/sync-state.ts'
import { dataAgeAdvice, dataAgeWords } from '../../app/data-age-words.ts'
import { useCall } from '../../app/use-call.ts'
import { useNow } from '../../app/use-now.ts'
import { Time, useZone } from '../../app/zone.tsx'
import { Button } from '../../ui/button.tsx'
import { formatNoun } from '../../ui/format.ts'
import { ErrorNotice, Notice } from '../../ui/notice.tsx'
import styles from './sync-center.module.css'
import { checkWords, differenceWords, formatDuration } from './sync-log-words.ts'

/** That the data is older than a person would expect, in words, and what to do; nothing while all is well. */
export function DataAgeNotice({ sync }: { readonly sync: SyncState }) {
  const now = useNow()
  const zone = useZone()
  const stale = staleData(sync, now)
  return stale === null ? null : (
    <Notice tone="warning" live title={dataAgeWords(stale, now, zone.name)}>
      {dataAgeAdvice(stale)}
    </Notice>
  )
}

/** The last comparison of this copy with the cloud, and a button for one now. */
export function CopyCheckPanel({ sync }: { readonly sync: SyncState }) {
  const compare = useCall('sync.checkCopy')
  const { connection, lastCheck, progress } = sync
  const found = lastCheck === null ? null : checkWords(lastCheck)
  return (
    <section className={styles.block}>
      <h2 className={styles.blockTitle}>Compared with the cloud</h2>
      {lastCheck === null || found === null ? (
        <p className={styles.muted}>Not yet. It is done once a day by itself.</p>
      ) : (
        <>
          <Notice tone={found.tone} title={found.words}>
            <Time instant={lastCheck.checkedAt} />, {formatNoun(lastCheck.tables, 'table')} in{' '}
            {formatDuration(lastCheck.milliseconds)}
          </Notice>
          {lastCheck.differences.length === 0 ? null : (
            <ul>
              {lastCheck.differences.map((difference) => (
                <li key={`${difference.scope} ${difference.table}`}>{differenceWords(difference)}</li>
              ))}
            </ul>
          )}
        </>
      )}
      <Button
        icon={<ShieldCheck size={14} />}
        busy={compare.busy || progress?.phase === 'check'}
        disabled={connection.kind !== 'online'}
        onClick={() => void compare.run({})}
      >
        Check this copy
      </Button>
      {compare.error === null ? null : <ErrorNotice error={compare.error} />}
    </section>
  )
}
