import { Fragment, useState } from 'react'
import type { OutboxItem, OutboxState, RowSyncMark } from '../../../shared/domain/sync-state.ts'
import { useCall } from '../../app/use-call.ts'
import { useRefresh } from '../../app/use-channel.ts'
import { useNow } from '../../app/use-now.ts'
import { Time } from '../../app/zone.tsx'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { classNames } from '../../ui/class-names.ts'
import { ConfirmDialog } from '../../ui/dialog.tsx'
import { formatNoun, shortHash } from '../../ui/format.ts'
import { ErrorNotice } from '../../ui/notice.tsx'
import { SyncMark } from '../../ui/sync-mark.tsx'
import { conflictFields } from './outbox-groups.ts'
import styles from './sync-center.module.css'

const markOf: Readonly<Record<OutboxState, RowSyncMark>> = {
  held: 'saved_here',
  queued: 'queued',
  sending: 'queued',
  applied: 'sent',
  conflict: 'conflict',
  waiting: 'conflict',
  rejected: 'rejected',
  undone: null,
  superseded: null,
}

const stateWords: Readonly<Partial<Record<OutboxState, string>>> = {
  sending: 'Sending, no answer yet',
  waiting: 'Waits for the conflict before it',
  undone: 'Undone',
  superseded: 'Given up for the cloud’s version',
}

/** One change with its fate and what can be done about it. */
export function OutboxRow({
  item,
  onOpenBatch,
}: {
  readonly item: OutboxItem
  readonly onOpenBatch: (batchId: string) => void
}) {
  const resolve = useCall('outbox.resolve')
  const undo = useCall('decision.undo')
  const refresh = useRefresh()
  const [asking, setAsking] = useState(false)
  const now = useNow(item.state === 'held' ? 1000 : 60_000)
  const choose = async (choice: 'retry' | 'take_theirs' | 'send_now') => {
    const result = await resolve.run({ mutationId: item.mutationId, choice })
    setAsking(false)
    if (result.ok) refresh('outbox.list', 'sync.state')
  }
  const takeBack = async () => {
    const result = await undo.run({ mutationIds: [item.mutationId] })
    if (result.ok) refresh('outbox.list', 'sync.state')
  }
  const fields = item.state === 'conflict' ? conflictFields(item) : []
  const held = item.holdUntil === null ? 0 : Math.max(0, Math.ceil((Date.parse(item.holdUntil) - now) / 1000))
  return (
    <li className={styles.item}>
      <div className={styles.line}>
        <SyncMark mark={markOf[item.state]} />
        <span className={styles.summary}>
          <span className={styles.title}>{item.summary}</span>{' '}
          <span className={styles.muted}>{item.batchHash === null ? '' : shortHash(item.batchHash)}</span>
        </span>
        {stateWords[item.state] === undefined ? null : <Badge>{stateWords[item.state]}</Badge>}
        {item.state === 'held' && held > 0 ? <Badge>{`Sent in ${String(held)} s`}</Badge> : null}
        {item.handedOverAt === null || item.state === 'applied' ? null : (
          <Badge>
            Handed over <Time instant={item.handedOverAt} />
          </Badge>
        )}
        {item.attempts > 1 ? <span className={styles.muted}>{formatNoun(item.attempts, 'attempt')}</span> : null}
        <span className={styles.muted}>
          <Time instant={item.createdAt} />
        </span>
        <span className={styles.actions}>
          {item.state === 'held' && item.kind === 'decision.record' ? (
            <Button size="small" busy={undo.busy} onClick={() => void takeBack()}>
              Undo
            </Button>
          ) : null}
          {item.state === 'held' ? (
            <Button size="small" busy={resolve.busy} onClick={() => void choose('send_now')}>
              Send now
            </Button>
          ) : null}
          {item.state === 'rejected' ? (
            <Button size="small" busy={resolve.busy} onClick={() => void choose('retry')}>
              Try again
            </Button>
          ) : null}
          {item.state === 'conflict' || item.state === 'rejected' ? (
            <Button size="small" onClick={() => setAsking(true)}>
              Take theirs
            </Button>
          ) : null}
          <Button size="small" variant="quiet" onClick={() => onOpenBatch(item.batchId)}>
            Open batch
          </Button>
        </span>
      </div>
      {item.error === null ? null : <ErrorNotice error={item.error} />}
      {resolve.error === null ? null : <ErrorNotice error={resolve.error} />}
      {undo.error === null ? null : <ErrorNotice error={undo.error} />}
      {fields.length === 0 ? null : (
        <div className={styles.both}>
          <span />
          <span className={styles.bothHead}>What you did</span>
          <span className={styles.bothHead}>What the cloud has</span>
          {fields.map((field) => (
            <Fragment key={field.name}>
              <span className={styles.muted}>{field.name}</span>
              <span className={classNames(field.differs && styles.differs)}>{field.mine}</span>
              <span className={classNames(field.differs && styles.differs)}>{field.theirs}</span>
            </Fragment>
          ))}
        </div>
      )}
      <ConfirmDialog
        open={asking}
        title="Take the cloud’s version?"
        description="Your change is given up and will not be sent. It stays readable under Taken back and in the audit log."
        confirmLabel="Take theirs"
        busy={resolve.busy}
        onConfirm={() => void choose('take_theirs')}
        onClose={() => setAsking(false)}
      />
    </li>
  )
}
