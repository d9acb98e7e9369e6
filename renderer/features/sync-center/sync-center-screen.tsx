import { RefreshCw } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import type { SyncState } from '../../../shared/domain/sync-state.ts'
import { useCall } from '../../app/use-call.ts'
import { useChannel } from '../../app/use-channel.ts'
import { useDraft } from '../../app/use-draft.ts'
import { Button } from '../../ui/button.tsx'
import { ErrorState } from '../../ui/error-state.tsx'
import { formatCount } from '../../ui/format.ts'
import { LoadingRows } from '../../ui/loading-rows.tsx'
import { ErrorNotice } from '../../ui/notice.tsx'
import { ScreenHeader } from '../../ui/screen-header.tsx'
import { Segmented } from '../../ui/segmented.tsx'
import { Tabs } from '../../ui/tabs.tsx'
import { ChangeList, longestList } from './change-list.tsx'
import { ComparisonView } from './comparison-view.tsx'
import { ConnectionPanel } from './connection-panel.tsx'
import { ExportMenu, ExportResult, useChangesExport } from './export-changes.tsx'
import { nextToSettle, outboxGroups, readSyncCenterView, type SyncCenterView } from './outbox-groups.ts'
import { QuarantinePanel } from './quarantine-panel.tsx'
import styles from './sync-center.module.css'
import { SyncLog } from './sync-log.tsx'

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
  const kept = useDraft('sync.view')
  if (sync.error !== null) return <ErrorState error={sync.error} onRetry={sync.refetch} />
  if (sync.data === undefined || kept.body === undefined) return <LoadingRows />
  return (
    <SyncCenter
      sync={sync.data}
      view={readSyncCenterView(kept.body)}
      onView={(view) => kept.save(JSON.stringify(view))}
      onOpenBatch={onOpenBatch}
      actions={actions}
    />
  )
}

function SyncCenter({
  sync,
  view,
  onView,
  onOpenBatch,
  actions,
}: {
  readonly sync: SyncState
  readonly view: SyncCenterView
  readonly onView: (view: SyncCenterView) => void
  readonly onOpenBatch: (batchId: string) => void
  readonly actions: ReactNode
}) {
  const now = useCall('sync.now')
  const [part, setPart] = useState<'changes' | 'log'>('changes')
  const files = useChangesExport()
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const [cameFrom, setCameFrom] = useState<string | null>(null)
  const { counts } = sync
  const countOf = (states: readonly (keyof typeof counts)[]) => states.reduce((sum, state) => sum + counts[state], 0)
  // Opens where something waits for the person, otherwise where something waits at all; what comes later does not change the list at hand.
  const [first] = useState(() => outboxGroups.find(({ states }) => countOf(states) > 0)?.group ?? 'queued')
  const shown = view.group ?? first
  const group = outboxGroups.find((each) => each.group === shown)
  if (group === undefined) throw new Error(`There is no list called ${shown}`)
  const items = useChannel('outbox.list', { states: [...group.states], limit: longestList })
  const index = (items.data ?? []).findIndex(({ mutationId }) => mutationId === view.open)

  const open = (mutationId: string | null) => onView({ group: shown, open: mutationId })
  const close = () => {
    setCameFrom(view.open)
    open(null)
  }
  const move = (by: 1 | -1) => {
    const next = items.data?.[index + by]
    if (next !== undefined) open(next.mutationId)
  }
  const goOn = () => {
    const next = view.open === null ? null : nextToSettle(items.data ?? [], view.open)
    if (next === null) close()
    else open(next)
  }
  const choose = (mutationId: string, isChosen: boolean) => {
    const next = new Set(chosen)
    if (isChosen) next.add(mutationId)
    else next.delete(mutationId)
    setChosen(next)
  }
  return (
    <div className={styles.screen}>
      <ScreenHeader title="Sync center" note="What you did here, and whether the cloud has it">
        {view.open === null ? (
          <Segmented
            label="View"
            value={part}
            options={[
              { value: 'changes', label: 'Changes' },
              { value: 'log', label: 'Log' },
            ]}
            onChange={setPart}
          />
        ) : null}
        {part === 'log' ? null : (
          <ExportMenu
            files={files}
            scope={{
              label: group.label,
              states: group.states,
              chosen: view.open === null ? [...chosen] : [view.open],
            }}
          />
        )}
        {actions}
        <Button
          icon={<RefreshCw size={14} />}
          busy={now.busy || (sync.progress !== null && sync.pausedSince === null)}
          disabled={sync.connection.kind === 'switched_off'}
          onClick={() => void now.run({})}
        >
          Sync now
        </Button>
      </ScreenHeader>
      <ExportResult files={files} />
      {view.open === null ? (
        <div className={styles.body}>
          {part === 'log' ? (
            <section className={styles.changes} aria-label="Sync log" data-pane="Sync log" tabIndex={-1}>
              <SyncLog />
            </section>
          ) : (
            <section className={styles.changes} aria-label="Changes" data-pane="Changes" tabIndex={-1}>
              <Tabs
                label="Changes by state"
                value={shown}
                onChange={(next) => {
                  setChosen(new Set())
                  setCameFrom(null)
                  onView({ group: next, open: null })
                }}
                tabs={outboxGroups.map((each) => ({
                  value: each.group,
                  label: each.label,
                  count: formatCount(countOf(each.states)),
                  content: (
                    <ChangeList
                      group={each}
                      items={items.data}
                      error={items.error}
                      onRetry={items.refetch}
                      cameFrom={cameFrom}
                      chosen={chosen}
                      onChoose={choose}
                      onOpen={open}
                      onOpenBatch={onOpenBatch}
                    />
                  ),
                }))}
              />
            </section>
          )}
          <aside className={styles.side} aria-label="Connection" data-pane="Connection" tabIndex={-1}>
            {now.error === null ? null : <ErrorNotice error={now.error} />}
            <QuarantinePanel onOpenBatch={onOpenBatch} />
            <ConnectionPanel sync={sync} />
          </aside>
        </div>
      ) : (
        <div className={styles.opened}>
          <ComparisonView
            mutationId={view.open}
            position={index === -1 ? null : `${formatCount(index + 1)} of ${formatCount(items.data?.length ?? 0)}`}
            onMove={move}
            onSettled={goOn}
            onClose={close}
            onShow={open}
            onOpenBatch={onOpenBatch}
          />
        </div>
      )}
    </div>
  )
}
