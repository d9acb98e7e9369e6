import type { OutboxItem } from '../../../shared/domain/sync-state.ts'
import { useCall } from '../../app/use-call.ts'
import { useRefresh } from '../../app/use-channel.ts'
import { useNow } from '../../app/use-now.ts'
import { Time } from '../../app/zone.tsx'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { Checkbox } from '../../ui/checkbox.tsx'
import { formatNoun, shortHash } from '../../ui/format.ts'
import { ErrorNotice } from '../../ui/notice.tsx'
import { SyncMark } from '../../ui/sync-mark.tsx'
import { VisuallyHidden } from '../../ui/visually-hidden.tsx'
import { markOf, parkedStates, settledWords } from './outbox-groups.ts'
import styles from './sync-center.module.css'

/** One change with its fate and what can be done about it. */
export function OutboxRow({
  item,
  chosen,
  onChoose,
  onOpen,
  onOpenBatch,
}: {
  readonly item: OutboxItem
  readonly chosen: boolean
  readonly onChoose: (chosen: boolean) => void
  /** Opens the comparison. */
  readonly onOpen: () => void
  readonly onOpenBatch: (batchId: string) => void
}) {
  const resolve = useCall('outbox.resolve')
  const undo = useCall('decision.undo')
  const refresh = useRefresh()
  const now = useNow(item.state === 'held' ? 1000 : 60_000)
  const choose = async (choice: 'retry' | 'send_now') => {
    const result = await resolve.run({ mutationId: item.mutationId, choice })
    if (result.ok) refresh('outbox.list', 'outbox.kinds', 'sync.state')
  }
  const takeBack = async () => {
    const result = await undo.run({ mutationIds: [item.mutationId] })
    if (result.ok) refresh('outbox.list', 'sync.state')
  }
  const parked = parkedStates.some((state) => state === item.state)
  const held = item.holdUntil === null ? 0 : Math.max(0, Math.ceil((Date.parse(item.holdUntil) - now) / 1000))
  const words = settledWords(item)
  return (
    <li className={styles.item}>
      <div className={styles.line}>
        <Checkbox
          checked={chosen}
          onChange={onChoose}
          label={<VisuallyHidden>Choose for export: {item.summary}</VisuallyHidden>}
        />
        <SyncMark mark={markOf[item.state]} />
        <button type="button" className={styles.summary} data-change={item.mutationId} onClick={onOpen}>
          <span className={styles.title}>{item.summary}</span>{' '}
          <span className={styles.muted}>{item.batchHash === null ? '' : shortHash(item.batchHash)}</span>
        </button>
        <span className={styles.remarks}>
          {words === null ? null : <Badge tone={item.overrides ? 'warning' : 'neutral'}>{words}</Badge>}
          {item.batchPlace === 'quarantined' ? <Badge tone="warning">Batch no longer yours</Badge> : null}
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
          <Button size="small" variant={parked ? 'secondary' : 'quiet'} onClick={onOpen}>
            {parked ? 'Compare' : 'Details'}
          </Button>
          {item.batchPlace === 'absent' ? null : (
            <Button size="small" variant="quiet" onClick={() => onOpenBatch(item.batchId)}>
              Open batch
            </Button>
          )}
        </span>
      </div>
      {item.error === null ? null : <ErrorNotice error={item.error} />}
      {resolve.error === null ? null : <ErrorNotice error={resolve.error} />}
      {undo.error === null ? null : <ErrorNotice error={undo.error} />}
    </li>
  )
}
