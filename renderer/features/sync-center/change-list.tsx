import { useEffect, useRef } from 'react'
import type { OutboxItem } from '../../../shared/domain/sync-state.ts'
import type { AppError } from '../../../shared/result.ts'
import { useKeys } from '../../app/keymap/keymap.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { ErrorState } from '../../ui/error-state.tsx'
import { formatCount } from '../../ui/format.ts'
import { LoadingRows } from '../../ui/loading-rows.tsx'
import { BulkTheirs } from './bulk-theirs.tsx'
import { type outboxGroups, parkedStates } from './outbox-groups.ts'
import { OutboxRow } from './outbox-row.tsx'
import styles from './sync-center.module.css'

/** The most changes that one tab lists. */
export const longestList = 500

/** The changes of one tab, newest first. `J` and `K` move, `X` chooses, `Enter` opens. */
export function ChangeList({
  group,
  items,
  error,
  onRetry,
  cameFrom,
  chosen,
  onChoose,
  onOpen,
  onOpenBatch,
}: {
  readonly group: (typeof outboxGroups)[number]
  readonly items: readonly OutboxItem[] | undefined
  readonly error: AppError | null
  readonly onRetry: () => void
  /** The change whose comparison was closed last: the keyboard is put back on it. */
  readonly cameFrom: string | null
  readonly chosen: ReadonlySet<string>
  readonly onChoose: (mutationId: string, chosen: boolean) => void
  readonly onOpen: (mutationId: string) => void
  readonly onOpenBatch: (batchId: string) => void
}) {
  const box = useRef<HTMLDivElement>(null)
  const names = (): readonly HTMLElement[] => [...(box.current?.querySelectorAll<HTMLElement>('[data-change]') ?? [])]
  const active = (): number => {
    const row = document.activeElement?.closest('li')
    return names().findIndex((name) => row !== null && row?.contains(name) === true)
  }
  const move = (by: number) => {
    const all = names()
    const next = all[Math.max(0, Math.min(all.length - 1, active() + by))]
    next?.focus()
    next?.scrollIntoView({ block: 'nearest' })
  }
  const toggle = () => {
    const id = names()[active()]?.dataset.change
    if (id !== undefined) onChoose(id, !chosen.has(id))
  }
  const here = items !== undefined && items.length > 0
  useEffect(() => {
    if (!here || cameFrom === null) return
    const all = [...(box.current?.querySelectorAll<HTMLElement>('[data-change]') ?? [])]
    const row = all.find(({ dataset }) => dataset.change === cameFrom) ?? all[0]
    row?.focus()
  }, [here, cameFrom])
  const keys = 'Sync center'
  useKeys([
    { keys: 'J', label: 'Next change', group: keys, run: () => move(1), paletteHidden: true },
    { keys: 'K', label: 'Change before', group: keys, run: () => move(-1), paletteHidden: true },
    { keys: 'X', label: 'Choose for export', group: keys, run: toggle, paletteHidden: true },
  ])
  if (error !== null) return <ErrorState error={error} onRetry={onRetry} />
  if (items === undefined) return <LoadingRows count={6} />
  if (items.length === 0) return <EmptyState title={group.emptyTitle}>{group.emptyText}</EmptyState>
  const parked = group.states.some((state) => parkedStates.some((each) => each === state))
  return (
    <div className={styles.list} ref={box}>
      {parked ? <BulkTheirs states={group.states} /> : null}
      <ul>
        {items.map((item) => (
          <OutboxRow
            key={item.mutationId}
            item={item}
            chosen={chosen.has(item.mutationId)}
            onChoose={(next) => onChoose(item.mutationId, next)}
            onOpen={() => onOpen(item.mutationId)}
            onOpenBatch={onOpenBatch}
          />
        ))}
      </ul>
      {items.length < longestList ? null : (
        <p className={styles.foot}>The newest {formatCount(longestList)} are listed; an export has all of them.</p>
      )}
    </div>
  )
}
