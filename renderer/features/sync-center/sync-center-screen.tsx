import { RefreshCw } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { useCall } from '../../app/use-call.ts'
import { useChannel } from '../../app/use-channel.ts'
import { Button } from '../../ui/button.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { ErrorState } from '../../ui/error-state.tsx'
import { formatCount } from '../../ui/format.ts'
import { LoadingRows } from '../../ui/loading-rows.tsx'
import { ErrorNotice } from '../../ui/notice.tsx'
import { ScreenHeader } from '../../ui/screen-header.tsx'
import { Segmented } from '../../ui/segmented.tsx'
import { Tabs } from '../../ui/tabs.tsx'
import { ConnectionPanel } from './connection-panel.tsx'
import { type OutboxGroup, outboxGroups } from './outbox-groups.ts'
import { OutboxRow } from './outbox-row.tsx'
import styles from './sync-center.module.css'
import { SyncLog } from './sync-log.tsx'

/** The most changes that one tab lists. */
const longestList = 500

/** Every change that was made here and what became of it, beside the state of the connection. */
export function SyncCenterScreen({
  onOpenBatch,
  actions,
}: {
  readonly onOpenBatch: (batchId: string) => void
  /** Further buttons of the head, before the one that syncs. */
  readonly actions?: ReactNode
}) {
  const sync = useChannel('sync.state', {})
  const now = useCall('sync.now')
  const [view, setView] = useState<'changes' | 'log'>('changes')
  const [chosen, setChosen] = useState<OutboxGroup | null>(null)
  if (sync.error !== null) return <ErrorState error={sync.error} onRetry={sync.refetch} />
  if (sync.data === undefined) return <LoadingRows />
  const { counts } = sync.data
  const countOf = (states: readonly (keyof typeof counts)[]) => states.reduce((sum, state) => sum + counts[state], 0)
  // Opens where something waits for the person, otherwise where something waits at all.
  const first = outboxGroups.find(({ states }) => countOf(states) > 0)?.group ?? 'queued'
  const running = sync.data.progress !== null
  return (
    <div className={styles.screen}>
      <ScreenHeader title="Sync center" note="What you did here, and whether the cloud has it">
        <Segmented
          label="View"
          value={view}
          options={[
            { value: 'changes', label: 'Changes' },
            { value: 'log', label: 'Log' },
          ]}
          onChange={setView}
        />
        {actions}
        <Button
          icon={<RefreshCw size={14} />}
          busy={now.busy || running}
          disabled={sync.data.connection.kind === 'switched_off'}
          onClick={() => void now.run({})}
        >
          Sync now
        </Button>
      </ScreenHeader>
      <div className={styles.body}>
        {view === 'log' ? (
          <section className={styles.changes} aria-label="Sync log" data-pane="Sync log" tabIndex={-1}>
            <SyncLog />
          </section>
        ) : (
          <section className={styles.changes} aria-label="Changes" data-pane="Changes" tabIndex={-1}>
            <Tabs
              label="Changes by state"
              value={chosen ?? first}
              onChange={setChosen}
              tabs={outboxGroups.map(({ group, label, states, emptyTitle, emptyText }) => ({
                value: group,
                label,
                count: formatCount(countOf(states)),
                content: (
                  <Changes states={states} emptyTitle={emptyTitle} emptyText={emptyText} onOpenBatch={onOpenBatch} />
                ),
              }))}
            />
          </section>
        )}
        <aside className={styles.side} aria-label="Connection" data-pane="Connection" tabIndex={-1}>
          {now.error === null ? null : <ErrorNotice error={now.error} />}
          <ConnectionPanel sync={sync.data} />
        </aside>
      </div>
    </div>
  )
}

function Changes({
  states,
  emptyTitle,
  emptyText,
  onOpenBatch,
}: {
  readonly states: (typeof outboxGroups)[number]['states']
  readonly emptyTitle: string
  readonly emptyText: string
  readonly onOpenBatch: (batchId: string) => void
}) {
  const items = useChannel('outbox.list', { states, limit: longestList })
  if (items.error !== null) return <ErrorState error={items.error} onRetry={items.refetch} />
  if (items.data === undefined) return <LoadingRows count={6} />
  if (items.data.length === 0) return <EmptyState title={emptyTitle}>{emptyText}</EmptyState>
  return (
    <ul className={styles.list}>
      {items.data.map((item) => (
        <OutboxRow key={item.mutationId} item={item} onOpenBatch={onOpenBatch} />
      ))}
      {items.data.length < longestList ? null : (
        <li className={styles.item}>
          <span className={styles.muted}>
            The newest {formatCount(longestList)} are listed; older ones are in the audit log.
          </span>
        </li>
      )}
    </ul>
  )
}
