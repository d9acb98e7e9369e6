import { useChannel } from '../../app/use-channel.ts'
import { Time } from '../../app/zone.tsx'
import { Button } from '../../ui/button.tsx'
import { formatNoun, shortHash } from '../../ui/format.ts'
import styles from './sync-center.module.css'

/** What to do with a batch that left every scope and is kept for the work on it. */
export const quarantineAdvice =
  'It was taken from you or left your lists, and is kept here because of your work on it. Ask your administrator to assign it to you again, then send; or export your work and give it up: the batch then leaves this computer.'

/** The batches that are no longer this person's and are kept for the work on them, with what to do; nothing where there are none. */
export function QuarantinePanel({ onOpenBatch }: { readonly onOpenBatch: (batchId: string) => void }) {
  const { data } = useChannel('sync.quarantine', {})
  if (data === undefined || data.length === 0) return null
  return (
    <section className={styles.block} aria-label="Kept though no longer yours">
      <h2 className={styles.blockTitle}>Kept though no longer yours</h2>
      <p className={styles.muted}>{quarantineAdvice}</p>
      <ul className={styles.kept}>
        {data.map((batch) => (
          <li key={batch.batchId} className={styles.keptBatch}>
            <span className={styles.title}>{batch.projectName}</span>
            <span className={styles.muted}>
              {shortHash(batch.batchHash)}, since <Time instant={batch.since} />,{' '}
              {batch.changes === 0 ? 'notes only' : formatNoun(batch.changes, 'open change')}
            </span>
            <Button size="small" onClick={() => onOpenBatch(batch.batchId)}>
              Open batch
            </Button>
          </li>
        ))}
      </ul>
    </section>
  )
}
