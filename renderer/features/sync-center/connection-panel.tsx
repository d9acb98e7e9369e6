import type { SyncState } from '../../../shared/domain/sync-state.ts'
import { connectionWords } from '../../app/connection-words.ts'
import { isUnderWay, RunProgress } from '../../app/shell/run-progress.tsx'
import { useCall } from '../../app/use-call.ts'
import { useNow } from '../../app/use-now.ts'
import { Time } from '../../app/zone.tsx'
import { Badge } from '../../ui/badge.tsx'
import { Facts } from '../../ui/facts.tsx'
import { formatAge, formatCount } from '../../ui/format.ts'
import { ErrorNotice, Notice } from '../../ui/notice.tsx'
import { ProgressBar } from '../../ui/progress-bar.tsx'
import { Switch } from '../../ui/switch.tsx'
import { CopyCheckPanel, DataAgeNotice } from './copy-check-panel.tsx'
import { StorageFacts } from './storage-facts.tsx'
import styles from './sync-center.module.css'

/** From this difference on, times on decisions would mislead. */
const wrongClockMilliseconds = 5 * 60 * 1000

const clockWords = (offset: number): string => {
  const minutes = Math.round(Math.abs(offset) / 60_000)
  const amount =
    minutes < 120
      ? `${String(minutes)} min`
      : minutes < 2880
        ? `${String(Math.round(minutes / 60))} h`
        : `${formatCount(Math.round(minutes / 1440))} d`
  return `This computer’s clock is ${amount} ${offset > 0 ? 'behind' : 'ahead of'} the cloud’s.`
}

/** The connection, how fresh the copy is, what is under way, and what went wrong last. */
export function ConnectionPanel({ sync }: { readonly sync: SyncState }) {
  const now = useNow()
  const setOffline = useCall('sync.setOffline')
  const words = connectionWords(sync.connection)
  const { files } = sync
  return (
    <>
      <DataAgeNotice sync={sync} />
      <section className={styles.block}>
        <h2 className={styles.connection}>
          {words.name}
          <Badge tone={words.tone === 'on' ? 'success' : words.tone === 'warning' ? 'warning' : 'neutral'}>
            {formatAge(sync.connection.since, now).replace(/^(.*) ago$/, 'for $1')}
          </Badge>
        </h2>
        <p className={styles.muted}>{words.sentence}</p>
        <Switch
          label="Work offline"
          hint="Nothing is sent or received until you switch this off."
          checked={sync.connection.kind === 'switched_off'}
          disabled={setOffline.busy}
          onChange={(offline) => void setOffline.run({ offline })}
        />
        {setOffline.error === null ? null : <ErrorNotice error={setOffline.error} />}
      </section>
      {isUnderWay(sync) ? (
        <section className={styles.block}>
          <h2 className={styles.blockTitle}>Under way</h2>
          <RunProgress sync={sync} />
          {sync.pausedSince === null ? null : (
            <p className={styles.muted}>
              Paused since <Time instant={sync.pausedSince} />. Work goes on; what you decide is kept here and sent when
              you let it go on.
            </p>
          )}
        </section>
      ) : null}
      {sync.lastError === null ? null : <ErrorNotice error={sync.lastError} />}
      {sync.clockOffsetMilliseconds !== null && Math.abs(sync.clockOffsetMilliseconds) > wrongClockMilliseconds ? (
        <Notice tone="warning" title={clockWords(sync.clockOffsetMilliseconds)}>
          Set the clock in the operating system before you sign: the time on a certificate is this computer’s.
        </Notice>
      ) : null}
      <section className={styles.block}>
        <h2 className={styles.blockTitle}>This copy</h2>
        <Facts
          rows={[
            ['Received', sync.lastPulledAt === null ? 'Never' : <Time key="pulled" instant={sync.lastPulledAt} />],
            ['Sent', sync.lastPushedAt === null ? 'Never' : <Time key="pushed" instant={sync.lastPushedAt} />],
            ['Next try', sync.retryAt === null ? null : <Time key="retry" instant={sync.retryAt} />],
            ['Evidence', `${formatCount(files.present)} of ${formatCount(files.total)} files here`],
          ]}
        />
        <ProgressBar label="Evidence files on this computer" done={files.present} total={files.total} />
        <StorageFacts />
        {files.present < files.total ? (
          <p className={styles.muted}>
            The rest can be opened only with a connection. What is assigned or pinned comes by itself, as far as there
            is space.
          </p>
        ) : files.total === 0 ? (
          <p className={styles.muted}>No evidence is listed here yet.</p>
        ) : (
          <p className={styles.muted}>Every file can be opened without a connection.</p>
        )}
      </section>
      <CopyCheckPanel sync={sync} />
    </>
  )
}
