import { Link2, RefreshCw, Search } from 'lucide-react'
import { useMemo, useRef, useState } from 'react'
import type { AuditEntry } from '../../../shared/contract/views.ts'
import { useKeys } from '../../app/keymap/keymap.tsx'
import { useSettings } from '../../app/settings.tsx'
import { useProgramEvent } from '../../app/use-channel.ts'
import { useZone } from '../../app/zone.tsx'
import { bridge } from '../../bridge.ts'
import { Button } from '../../ui/button.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { ErrorState } from '../../ui/error-state.tsx'
import { formatInstant, formatNoun, shortHash } from '../../ui/format.ts'
import { IconButton } from '../../ui/icon-button.tsx'
import { LoadingRows } from '../../ui/loading-rows.tsx'
import { ScreenHeader } from '../../ui/screen-header.tsx'
import { Select } from '../../ui/select.tsx'
import { Pane, SplitPane } from '../../ui/split-pane.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { useWidth } from '../../ui/use-width.ts'
import { VirtualGrid, type VirtualGridHandle } from '../../ui/virtual-grid.tsx'
import type { GridColumn } from '../../ui/virtual-grid-row.tsx'
import styles from './audit.module.css'
import { AuditDetail } from './audit-detail.tsx'
import { ChainCheckBar, type CheckState } from './chain-check.tsx'
import { useAuditLog } from './use-audit-log.ts'

const columnsIn = (zone: string, width: number): readonly GridColumn<AuditEntry>[] =>
  allColumns(zone).filter(({ key }) => (key !== 'hash' || width > 680) && (key !== 'actor' || width > 520))

const allColumns = (zone: string): readonly GridColumn<AuditEntry>[] => [
  {
    key: 'sequence',
    header: 'No.',
    width: '56px',
    align: 'end',
    cell: (entry) => <span className={styles.muted}>{entry.sequence}</span>,
  },
  { key: 'at', header: 'When', width: '128px', cell: (entry) => formatInstant(entry.at, zone) },
  { key: 'action', header: 'Act', width: 'minmax(140px, 1fr)', cell: (entry) => entry.action },
  {
    key: 'entity',
    header: 'On',
    width: 'minmax(140px, 2fr)',
    cell: (entry) => entry.entityLabel ?? `${entry.entity} ${shortHash(entry.entityId)}`,
  },
  {
    key: 'actor',
    header: 'By',
    width: 'minmax(100px, 1fr)',
    cell: (entry) => (entry.actorKind === 'system' ? <span className={styles.muted}>Veridesk</span> : entry.actorName),
  },
  {
    key: 'hash',
    header: 'Hash',
    width: '108px',
    cell: (entry) => <span className={styles.mono}>{shortHash(entry.hash)}</span>,
  },
]

/** The local audit log: every act, in a chain of hashes that shows any change. */
export function AuditScreen() {
  const [text, setText] = useState('')
  const [action, setAction] = useState<string | null>(null)
  const [active, setActive] = useState(0)
  const [chosen, setChosen] = useState<ReadonlySet<number>>(new Set())
  const [check, setCheck] = useState<CheckState>({ kind: 'none' })
  const known = useRef(new Set<string>())
  const grid = useRef<VirtualGridHandle>(null)
  const search = useRef<HTMLInputElement>(null)
  const { settings } = useSettings()
  const zone = useZone()
  const log = useAuditLog(text, action)
  const { entries } = log
  const box = useRef<HTMLDivElement>(null)
  const width = useWidth(box)
  const columns = useMemo(() => columnsIn(zone.name, width), [zone.name, width])
  const actions = useMemo(() => {
    for (const entry of entries) known.current.add(entry.action)
    return [...known.current].sort()
  }, [entries])
  const entry = entries[active]

  useProgramEvent('audit.progressed', ({ checked, total }) =>
    setCheck((state) => (state.kind === 'running' ? { ...state, checked, total } : state)),
  )
  const verify = async (whole: boolean) => {
    if (check.kind === 'running') return
    const picked = entries.filter((_, index) => chosen.has(index)).map(({ sequence }) => sequence)
    const some = picked.length > 0 ? picked : entry === undefined ? [] : [entry.sequence]
    if (!whole && some.length === 0) return
    const bounds = whole ? { from: null, to: null } : { from: Math.min(...some), to: Math.max(...some) }
    setCheck({
      kind: 'running',
      label: whole ? 'Checking the whole chain' : 'Checking the chosen entries',
      checked: 0,
      total: null,
    })
    const result = await bridge.invoke('audit.verify', bounds)
    setCheck(result.ok ? { kind: 'done', check: result.value } : { kind: 'failed', error: result.error })
  }
  const move = (by: number) => {
    const target = Math.max(0, Math.min(entries.length - 1, active + by))
    setActive(target)
    grid.current?.reveal(target)
    grid.current?.focus()
  }
  const extend = (to: number) => {
    const next = new Set(chosen)
    for (let index = Math.min(active, to); index <= Math.max(active, to); index += 1) next.add(index)
    setChosen(next)
  }
  const showEntry = (sequence: number) => {
    const index = entries.findIndex((candidate) => candidate.sequence === sequence)
    if (index === -1) setText(String(sequence))
    else {
      setActive(index)
      grid.current?.reveal(index, 'center')
    }
  }
  const group = 'Audit'
  useKeys([
    { keys: 'J', label: 'Next entry', group, run: () => move(1), paletteHidden: true },
    { keys: 'K', label: 'Entry before', group, run: () => move(-1), paletteHidden: true },
    { keys: 'V', label: 'Verify the chosen entries', group, run: () => void verify(false) },
    { keys: 'Shift+V', label: 'Verify the whole chain', group, run: () => void verify(true) },
    { keys: '/', label: 'Search the audit log', group, run: () => search.current?.focus() },
    { keys: 'Escape', label: 'Clear the choice', group, run: () => setChosen(new Set()), paletteHidden: true },
  ])

  const body = () => {
    if (log.error !== null) return <ErrorState error={log.error} onRetry={log.refetch} />
    if (log.isLoading) return <LoadingRows count={14} label="Loading the audit log" />
    if (entries.length === 0) return <EmptyState title="No entry">Nothing in the log matches.</EmptyState>
    return (
      <VirtualGrid
        ref={grid}
        label="Audit log"
        rowCount={Math.max(log.total, entries.length)}
        rowHeight={settings.density}
        columns={columns}
        rowAt={(index) => entries[index]}
        activeIndex={active}
        onActiveChange={setActive}
        isSelected={(index) => chosen.has(index)}
        onSelect={(index, how) => {
          if (how === 'extend') extend(index)
          else
            setChosen(new Set(chosen.has(index) ? [...chosen].filter((other) => other !== index) : [...chosen, index]))
        }}
        onRangeChange={log.want}
      />
    )
  }
  return (
    <div className={styles.screen}>
      <ScreenHeader title="Audit" note={log.isLoading ? undefined : formatNoun(log.total, 'entry', 'entries')}>
        <div className={styles.search}>
          <TextField
            ref={search}
            label="Search the audit log"
            labelHidden
            search
            type="search"
            placeholder="Search"
            before={<Search size={14} aria-hidden="true" />}
            value={text}
            onChange={(event) => {
              setText(event.target.value)
              setActive(0)
            }}
          />
        </div>
        <Select
          label="Kind of act"
          labelHidden
          value={action ?? ''}
          options={[{ value: '', label: 'All acts' }, ...actions.map((name) => ({ value: name, label: name }))]}
          onChange={(value) => {
            setAction(value === '' ? null : value)
            setActive(0)
          }}
        />
        <IconButton label="Read anew" icon={<RefreshCw size={14} />} onClick={log.refetch} />
        <Button
          icon={<Link2 size={14} />}
          keys="Shift+V"
          busy={check.kind === 'running'}
          onClick={() => void verify(true)}
        >
          Verify chain
        </Button>
      </ScreenHeader>
      <ChainCheckBar state={check} onClose={() => setCheck({ kind: 'none' })} onShow={showEntry} />
      <div className={styles.panes}>
        <SplitPane id="audit">
          <Pane id="log" label="Log" minSize="360px">
            <div className={styles.grid} ref={box}>
              {body()}
            </div>
          </Pane>
          <Pane id="detail" label="Entry" defaultSize="400px" minSize="280px" maxSize="640px">
            <AuditDetail entry={entry} />
          </Pane>
        </SplitPane>
      </div>
    </div>
  )
}
