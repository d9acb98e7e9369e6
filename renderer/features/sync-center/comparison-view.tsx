import { ArrowLeft } from 'lucide-react'
import { useEffect, useRef } from 'react'
import type { ChangeComparison } from '../../../shared/contract/outbox-views.ts'
import { useKeys } from '../../app/keymap/keymap.tsx'
import { useChannel } from '../../app/use-channel.ts'
import { Time, useZone } from '../../app/zone.tsx'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { ErrorState } from '../../ui/error-state.tsx'
import { formatInstant, shortHash } from '../../ui/format.ts'
import { LoadingRows } from '../../ui/loading-rows.tsx'
import { SyncMark } from '../../ui/sync-mark.tsx'
import { compareFields } from './compare-fields.ts'
import styles from './comparison.module.css'
import { ComparisonChoices } from './comparison-choices.tsx'
import { ComparisonNotices } from './comparison-notices.tsx'
import { ComparisonTable } from './comparison-table.tsx'
import { markOf, settledWords } from './outbox-groups.ts'

/** One change beside the common base and the cloud's row, and what can be done about it. `Esc` leads back to the list. */
export function ComparisonView({
  mutationId,
  position,
  onMove,
  onSettled,
  onClose,
  onShow,
  onOpenBatch,
}: {
  readonly mutationId: string
  /** Where it is in its list, such as `2 of 7`; null where the list no longer has it. */
  readonly position: string | null
  readonly onMove: (by: 1 | -1) => void
  readonly onSettled: () => void
  readonly onClose: () => void
  readonly onShow: (mutationId: string) => void
  readonly onOpenBatch: (batchId: string) => void
}) {
  const comparison = useChannel('outbox.compare', { mutationId })
  const title = useRef<HTMLHeadingElement>(null)
  const { data } = comparison
  const ready = data !== undefined
  // The keyboard goes along to the change that is shown, so that the next key is meant for it.
  // biome-ignore lint/correctness/useExhaustiveDependencies: another change is another thing to focus
  useEffect(() => {
    if (ready) title.current?.focus()
  }, [mutationId, ready])
  const group = 'Comparison'
  useKeys([
    { keys: 'J', label: 'Next change', group, run: () => onMove(1), paletteHidden: true },
    { keys: 'K', label: 'Previous change', group, run: () => onMove(-1), paletteHidden: true },
    { keys: 'Escape', label: 'Back to the list', group, run: onClose, paletteHidden: true },
    { keys: 'Alt+Left', label: 'Back to the list', group, run: onClose, paletteHidden: true },
    {
      keys: 'O',
      label: 'Open the batch',
      group,
      disabled: data === undefined || data.item.batchPlace === 'absent',
      run: () => {
        if (data !== undefined) onOpenBatch(data.item.batchId)
      },
    },
  ])
  return (
    <section className={styles.view} aria-label="Comparison of a change" data-pane="Comparison" tabIndex={-1}>
      <div className={styles.top}>
        <Button size="small" icon={<ArrowLeft size={14} />} keys="Esc" onClick={onClose}>
          All changes
        </Button>
        <span className={styles.space} />
        {position === null ? null : <span className={styles.muted}>{position}</span>}
        <Button size="small" variant="quiet" keys="K" onClick={() => onMove(-1)}>
          Previous
        </Button>
        <Button size="small" variant="quiet" keys="J" onClick={() => onMove(1)}>
          Next
        </Button>
      </div>
      {comparison.error !== null ? (
        <ErrorState error={comparison.error} onRetry={comparison.refetch} />
      ) : data === undefined ? (
        <LoadingRows count={8} label="Comparing" />
      ) : (
        <>
          <div className={styles.scroll}>
            <Head comparison={data} titleRef={title} onOpenBatch={onOpenBatch} />
            <ComparisonNotices comparison={data} onShow={onShow} onReopened={onClose} />
            <Compared comparison={data} />
          </div>
          <ComparisonChoices
            key={data.item.mutationId}
            comparison={data}
            onSettled={onSettled}
            onOpenBatch={onOpenBatch}
          />
        </>
      )}
    </section>
  )
}

function Head({
  comparison: { item },
  titleRef,
  onOpenBatch,
}: {
  readonly comparison: ChangeComparison
  readonly titleRef: React.Ref<HTMLHeadingElement>
  readonly onOpenBatch: (batchId: string) => void
}) {
  const words = settledWords(item)
  return (
    <div className={styles.head}>
      <h2 ref={titleRef} tabIndex={-1} className={styles.title}>
        {item.summary}
      </h2>
      <div className={styles.facts}>
        <SyncMark mark={markOf[item.state]} labelled />
        {words === null ? null : <Badge tone={item.overrides ? 'warning' : 'neutral'}>{words}</Badge>}
        {item.batchHash === null ? null : <span className={styles.mono}>{shortHash(item.batchHash)}</span>}
        <span className={styles.muted}>
          Made <Time instant={item.createdAt} />
        </span>
        {item.settledAt === null ? null : (
          <span className={styles.muted}>
            Settled <Time instant={item.settledAt} />
          </span>
        )}
        {item.batchPlace === 'absent' ? null : (
          <Button size="small" variant="quiet" keys="O" onClick={() => onOpenBatch(item.batchId)}>
            Open batch
          </Button>
        )}
      </div>
    </div>
  )
}

function Compared({ comparison }: { readonly comparison: ChangeComparison }) {
  const zone = useZone()
  const { names, personId, base, theirs, item } = comparison
  const fields = compareFields(comparison, {
    instant: (instant) => formatInstant(instant, zone.name),
    person: (id) => (id === personId ? `${names[id] ?? ''} (you)`.trim() : (names[id] ?? 'Somebody you cannot see')),
  })
  return (
    <ComparisonTable
      fields={fields}
      without={{
        base: base === null ? 'There was nothing before: your change makes it.' : null,
        theirs:
          theirs !== null
            ? null
            : item.batchPlace === 'absent'
              ? 'Gone from your sight: it was deleted, or taken from you.'
              : base === null
                ? 'The cloud has no such row.'
                : 'The cloud shows no such row any more: it was deleted, or taken from you.',
      }}
    />
  )
}
