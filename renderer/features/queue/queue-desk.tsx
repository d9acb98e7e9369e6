import { useDeferredValue, useEffect, useMemo, useRef, useState } from 'react'
import type { BatchFilter, BatchListRow, BatchSort } from '../../../shared/contract/views.ts'
import type { Person } from '../../../shared/domain/person.ts'
import { batches } from '../../app/decision/action-words.ts'
import {
  closedStrip,
  type LastReasons,
  openStrip,
  type QueueAction,
  type ReasonStrip,
  type StripStep,
} from '../../app/decision/reason-strip.ts'
import { ReasonStripBar } from '../../app/decision/reason-strip-bar.tsx'
import { useSettings } from '../../app/settings.tsx'
import { useToast } from '../../app/toasts.tsx'
import { useNow } from '../../app/use-now.ts'
import { useStable } from '../../app/use-stable.ts'
import { formatCount } from '../../ui/format.ts'
import { Kbd } from '../../ui/kbd.tsx'
import { Pane, SplitPane } from '../../ui/split-pane.tsx'
import { useWidth } from '../../ui/use-width.ts'
import type { VirtualGridHandle } from '../../ui/virtual-grid.tsx'
import { VisuallyHidden } from '../../ui/visually-hidden.tsx'
import { BulkBar } from './bulk-bar.tsx'
import { filterWords } from './filter-words.ts'
import { OutcomeSummary } from './outcome-summary.tsx'
import { Peek } from './peek.tsx'
import styles from './queue.module.css'
import { QueueGrid } from './queue-grid.tsx'
import { QueueToolbar } from './queue-toolbar.tsx'
import { type QueueState, type QueueView, sameFilter } from './queue-view.ts'
import { actionsFor, isClaimable, remarksOn } from './row-actions.ts'
import { SavedViews, SaveViewDialog } from './saved-views.tsx'
import { emptySelection, extendTo, inOrder, type Selection, selectAll, toggleRow } from './selection.ts'
import { useDecisions } from './use-decisions.ts'
import { useQueueKeys } from './use-queue-keys.ts'
import { useRows } from './use-rows.ts'
import { useSnapshot } from './use-snapshot.ts'

/** Below this width in pixels the views move into the toolbar and the glance lies over the rows. */
const narrowWidth = 972

const noRows = new Uint32Array()

/** The queue, once its remembered state is known. */
export function QueueDesk({
  person,
  initial,
  views,
  onSave,
  onOwnViews,
  onOpenBatch,
}: {
  readonly person: Person
  readonly initial: QueueState
  readonly views: readonly QueueView[]
  readonly onSave: (state: QueueState) => void
  readonly onOwnViews: (views: readonly QueueView[]) => void
  readonly onOpenBatch: (batchId: string) => void
}) {
  // The parts beside the rows are drawn anew when what they show changes, not at each step of a held key.
  const [viewId, setViewId] = useState(initial.viewId)
  const [filter, setFilter] = useState<BatchFilter>(initial.filter)
  const [sort, setSort] = useState<BatchSort>(initial.sort)
  const [peek, setPeek] = useState(initial.peek)
  // Over the rows of a narrow window, the glance is only shown when it is asked for.
  const [peekOver, setPeekOver] = useState(false)
  const [activeRow, setActiveRow] = useState(initial.activeRow)
  const [selection, setSelection] = useState<Selection>({ rows: new Set(initial.selection), anchor: null })
  const [strip, setStrip] = useState<ReasonStrip>(closedStrip)
  const [targets, setTargets] = useState<readonly BatchListRow[]>([])
  /** Rows that the open strip is about and that are still being read. */
  const coming = useRef<Promise<readonly BatchListRow[]> | null>(null)
  const [last, setLast] = useState<LastReasons>({})
  const [sortOpen, setSortOpen] = useState(false)
  const [naming, setNaming] = useState(false)
  const grid = useRef<VirtualGridHandle>(null)
  const search = useRef<HTMLInputElement>(null)
  const screen = useRef<HTMLDivElement>(null)
  const say = useToast()
  const { settings } = useSettings()
  const now = useNow(60_000)
  const narrow = useWidth(screen) < narrowWidth
  const decisions = useDecisions()
  const snapshot = useSnapshot(filter, sort, activeRow === null && selection.rows.size === 0)
  const { rows } = snapshot.list
  // Until the rows of another view are here, those of the one before stand on the screen, and no key may mean them.
  const settled = snapshot.isPrevious ? noRows : rows
  const { store, rowAt, onRangeChange } = useRows(rows)

  const activeIndex = useMemo(() => (activeRow === null ? 0 : Math.max(0, rows.indexOf(activeRow))), [rows, activeRow])
  const current = rowAt(activeIndex)

  useEffect(
    () => onSave({ viewId, filter, sort, activeRow, selection: [...selection.rows], peek }),
    [viewId, filter, sort, activeRow, selection, peek, onSave],
  )
  // A restored or newly found row is brought into sight once its snapshot is here; the person is not moved otherwise.
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a new snapshot brings the row into sight, not each step
  useEffect(() => {
    if (rows.length > 0) grid.current?.reveal(activeIndex, 'center')
  }, [snapshot.list])

  const changeFilter = (next: BatchFilter) => {
    setFilter(next)
    setActiveRow(null)
    setViewId(views.find((view) => sameFilter(view.filter, next))?.id ?? 'custom')
  }
  const chooseView = (view: QueueView) => {
    setViewId(view.id)
    setFilter(view.filter)
    setSort(view.sort)
    setActiveRow(null)
    setSelection(emptySelection)
    grid.current?.focus()
  }
  const togglePeek = () => (narrow ? setPeekOver(!peekOver) : setPeek(!peek))
  const moveTo = (index: number) => {
    const target = Math.max(0, Math.min(rows.length - 1, index))
    setActiveRow(rows[target] ?? null)
    grid.current?.reveal(target, 'auto')
    grid.current?.focus()
  }
  const select = (index: number, how: 'toggle' | 'extend') => {
    const row = settled[index]
    if (row === undefined) return
    setSelection((before) => (how === 'toggle' ? toggleRow(before, row) : extendTo(before, rows, activeIndex, index)))
  }
  /** The selected rows, or the active one. */
  const wantedNumbers = (): readonly number[] =>
    selection.rows.size > 0 ? inOrder(selection, settled) : [...settled.subarray(activeIndex, activeIndex + 1)]
  const known = (numbers: readonly number[]) => numbers.flatMap((number) => store.get(number) ?? [])
  /** The wanted rows, all of them read. */
  const wanted = async (): Promise<readonly BatchListRow[]> => {
    const numbers = wantedNumbers()
    const error = await store.load(numbers)
    if (error !== null) say({ text: error.message })
    return known(numbers)
  }
  /** False, with words, when none of the rows can be decided so. */
  const canDecide = (action: QueueAction, found: readonly BatchListRow[]): boolean => {
    if (found.length === 0 || found.some((row) => actionsFor(row, person).includes(action))) return true
    say({
      text: 'You cannot decide this here.',
      detail: 'The state of the batch, or your role, does not allow this decision.',
    })
    return false
  }
  const decide = async (action: QueueAction) => {
    const numbers = wantedNumbers()
    const here = known(numbers)
    const complete = here.length === numbers.length
    if (complete && !canDecide(action, here)) return
    // The strip opens at once, rows or no rows, so that the digit typed next is its own and not the key of a view.
    setPeekOver(false)
    setTargets(here)
    setStrip(openStrip(action, numbers.length))
    coming.current = complete ? null : wanted()
    const asked = coming.current
    if (asked === null) return
    const found = await asked
    if (coming.current !== asked) return
    setTargets(found)
    if (!canDecide(action, found)) setStrip(closedStrip)
  }
  const claim = async () => {
    const found = (await wanted()).filter((row) => isClaimable(row, person))
    if (found.length === 0) say({ text: 'Nothing to claim.', detail: 'Only new batches in the pool can be claimed.' })
    else if (await decisions.claim(found)) setSelection(emptySelection)
  }
  const onStep = async (step: StripStep) => {
    setStrip(step.strip)
    if (step.strip.kind === 'closed') grid.current?.focus()
    if (step.record === null) return
    const { action, reason } = step.record
    const meant = coming.current === null ? targets : await coming.current
    coming.current = null
    if (!canDecide(action, meant)) return
    setLast({ ...last, [action]: reason })
    const recorded = await decisions.decide(action, reason, meant)
    if (!recorded) return
    if (selection.rows.size > 0) setSelection(emptySelection)
    else moveTo(activeIndex + 1)
  }
  const open = (index: number) => {
    const row = rowAt(index)
    if (row !== undefined) onOpenBatch(row.id)
  }

  useQueueKeys({
    strip,
    last,
    onStep: (step) => void onStep(step),
    move: (by) => moveTo(activeIndex + by),
    extend: (by) => {
      select(Math.max(0, Math.min(rows.length - 1, activeIndex + by)), 'extend')
      moveTo(activeIndex + by)
    },
    toggle: () => select(activeIndex, 'toggle'),
    selectAll: () => {
      if (!snapshot.isPrevious) setSelection(selectAll(rows))
    },
    clear: () => {
      if (peekOver) setPeekOver(false)
      else if (selection.rows.size > 0) setSelection(emptySelection)
      else grid.current?.focus()
    },
    search: () => search.current?.focus(),
    sort: () => setSortOpen(true),
    peek: togglePeek,
    open: () => open(activeIndex),
    decide: (action) => void decide(action),
    claim: () => void claim(),
    retake: snapshot.retake,
    saveView: () => setNaming(true),
    view: (index) => {
      const view = views[index]
      if (view !== undefined) chooseView(view)
    },
    viewNames: views.map((view) => view.name),
  })

  const shown = useDeferredValue(current)
  const actions = useMemo(() => (shown === undefined ? [] : actionsFor(shown, person)), [shown, person])
  const onDecide = useStable((action: QueueAction) => void decide(action))
  const onClaim = useStable(() => void claim())
  const onOpen = useStable(() => open(activeIndex))
  const onPeek = useStable(togglePeek)
  const onView = useStable(chooseView)
  const onName = useStable(() => setNaming(true))
  const onFilter = useStable(changeFilter)
  const onLeaveSearch = useStable(() => grid.current?.focus())
  const onRemoveView = useStable((view: QueueView) =>
    onOwnViews(views.filter((other) => other.own && other.id !== view.id)),
  )
  const peekPanel = (
    <Peek
      row={shown}
      actions={actions}
      claimable={shown !== undefined && isClaimable(shown, person)}
      onOpen={onOpen}
      onDecide={onDecide}
      onClaim={onClaim}
      onClose={onPeek}
    />
  )
  const count = strip.kind === 'closed' ? targets.length : strip.count
  const subject = count === 1 && targets[0] !== undefined ? targets[0].projectName : batches(count)
  return (
    <div className={styles.screen} ref={screen}>
      {narrow ? (
        <VisuallyHidden>
          <h1>Queue</h1>
        </VisuallyHidden>
      ) : null}
      <div className={styles.panes}>
        <SplitPane id="queue">
          {narrow ? null : (
            <Pane id="views" label="Views" defaultSize="220px" minSize="168px" maxSize="320px" sunken>
              <SavedViews views={views} activeId={viewId} onChoose={onView} onSave={onName} onRemove={onRemoveView} />
            </Pane>
          )}
          <Pane id="rows" label="Batches" minSize="360px">
            <div className={styles.center}>
              <QueueToolbar
                views={views}
                viewId={viewId}
                onView={onView}
                filter={filter}
                onFilter={onFilter}
                sort={sort}
                onSort={setSort}
                sortOpen={sortOpen}
                onSortOpen={setSortOpen}
                count={snapshot.isLoading ? null : rows.length}
                peek={narrow ? peekOver : peek}
                onPeek={onPeek}
                onRetake={snapshot.retake}
                onLeaveSearch={onLeaveSearch}
                searchRef={search}
              />
              {decisions.outcome === null ? null : (
                <OutcomeSummary
                  outcome={decisions.outcome}
                  onClose={decisions.forgetOutcome}
                  onSelect={() =>
                    setSelection({
                      rows: new Set(decisions.outcome?.refusals.map(({ row }) => row.row) ?? []),
                      anchor: null,
                    })
                  }
                />
              )}
              <div className={styles.grid}>
                <QueueGrid
                  snapshot={snapshot}
                  filter={filter}
                  sort={sort}
                  onSort={setSort}
                  rowHeight={settings.density}
                  now={now}
                  activeIndex={activeIndex}
                  selection={selection}
                  rowAt={rowAt}
                  onRangeChange={onRangeChange}
                  onActiveChange={(index) => setActiveRow(rows[index] ?? null)}
                  onSelect={select}
                  onOpen={open}
                  onClearFilter={() =>
                    changeFilter({ ...filter, text: '', statuses: [], standards: [], unsentOnly: false })
                  }
                  gridRef={grid}
                />
              </div>
              {snapshot.newCount === 0 ? null : (
                <button type="button" className={styles.pill} onClick={snapshot.retake}>
                  {formatCount(snapshot.newCount)} new
                  <Kbd keys="U" plain />
                </button>
              )}
              {strip.kind !== 'closed' ? (
                <ReasonStripBar
                  strip={strip}
                  subject={subject}
                  filterName={filterWords(filter)}
                  remarks={remarksOn(strip.action, targets, person)}
                  last={last}
                  onStep={(step) => void onStep(step)}
                />
              ) : selection.rows.size > 0 ? (
                <BulkBar
                  count={selection.rows.size}
                  matching={rows.length}
                  canClaim={filter.assignment === 'pool'}
                  onSelectAll={() => setSelection(selectAll(rows))}
                  onDecide={(action) => void decide(action)}
                  onClaim={() => void claim()}
                  onClear={() => setSelection(emptySelection)}
                />
              ) : null}
            </div>
          </Pane>
          {peek && !narrow ? (
            <Pane id="peek" label="Peek" defaultSize="320px" minSize="280px" maxSize="520px">
              {peekPanel}
            </Pane>
          ) : null}
        </SplitPane>
        {peekOver && narrow ? (
          <div className={styles.overlayPeek} data-pane="Peek">
            {peekPanel}
          </div>
        ) : null}
      </div>
      <SaveViewDialog
        open={naming}
        view={{ filter }}
        onClose={() => setNaming(false)}
        onSave={(name) => {
          const view: QueueView = { id: crypto.randomUUID(), name, filter, sort, own: true }
          onOwnViews([...views.filter((other) => other.own), view])
          setViewId(view.id)
          setNaming(false)
          say({ text: `View “${name}” saved` })
        }}
      />
    </div>
  )
}
