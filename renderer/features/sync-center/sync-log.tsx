import { Download } from 'lucide-react'
import { useMemo, useRef, useState } from 'react'
import type { WrittenReport } from '../../../shared/contract/views.ts'
import type { SyncRun } from '../../../shared/domain/sync-journal.ts'
import { useKeys } from '../../app/keymap/keymap.tsx'
import { useSettings } from '../../app/settings.tsx'
import { useCall } from '../../app/use-call.ts'
import { useZone } from '../../app/zone.tsx'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { Checkbox } from '../../ui/checkbox.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { ErrorState } from '../../ui/error-state.tsx'
import { formatBytes, formatCount, formatInstant, formatNoun } from '../../ui/format.ts'
import { HashText } from '../../ui/hash-text.tsx'
import { LoadingRows } from '../../ui/loading-rows.tsx'
import { ErrorNotice, Notice } from '../../ui/notice.tsx'
import { useWidth } from '../../ui/use-width.ts'
import { VirtualGrid, type VirtualGridHandle } from '../../ui/virtual-grid.tsx'
import type { GridColumn } from '../../ui/virtual-grid-row.tsx'
import { RunDetail } from './run-detail.tsx'
import styles from './sync-log.module.css'
import { formatDuration, outcomeWords, runWords } from './sync-log-words.ts'
import { useSyncLog } from './use-sync-log.ts'

/** From which width on a column is worth its room, in pixels. */
const roomFor: Readonly<Record<string, number>> = { out: 580, took: 660, bytes: 740 }

const columnsIn = (zone: string, width: number): readonly GridColumn<SyncRun>[] =>
  allColumns(zone).filter(({ key }) => width > (roomFor[key] ?? 0))

const allColumns = (zone: string): readonly GridColumn<SyncRun>[] => [
  { key: 'at', header: 'When', width: '128px', cell: (run) => formatInstant(run.startedAt, zone) },
  { key: 'what', header: 'What', width: 'minmax(150px, 2fr)', cell: runWords },
  {
    key: 'outcome',
    header: 'Outcome',
    width: 'minmax(130px, 1fr)',
    cell: (run) => {
      const { words, tone } = outcomeWords(run)
      return <Badge tone={tone}>{words}</Badge>
    },
  },
  { key: 'in', header: 'Rows in', width: '72px', align: 'end', cell: (run) => formatCount(run.rowsIn) },
  { key: 'out', header: 'Rows out', width: '76px', align: 'end', cell: (run) => formatCount(run.rowsOut) },
  {
    key: 'bytes',
    header: 'Bytes',
    width: '76px',
    align: 'end',
    cell: (run) => formatBytes(run.bytesIn + run.bytesOut),
  },
  { key: 'took', header: 'Took', width: '72px', align: 'end', cell: (run) => formatDuration(run.milliseconds) },
]

/** What was exchanged with the cloud, run by run, for whoever has to find out why something did not arrive. */
export function SyncLog() {
  const [failedOnly, setFailedOnly] = useState(false)
  const [active, setActive] = useState(0)
  const [written, setWritten] = useState<WrittenReport | null>(null)
  const { settings } = useSettings()
  const zone = useZone()
  const save = useCall('syncLog.save')
  const log = useSyncLog(failedOnly)
  const { runs } = log
  const box = useRef<HTMLDivElement>(null)
  const grid = useRef<VirtualGridHandle>(null)
  const width = useWidth(box)
  const columns = useMemo(() => columnsIn(zone.name, width), [zone.name, width])
  const chosen = runs[Math.min(active, runs.length - 1)]
  const saveLog = async () => {
    const result = await save.run({})
    if (result.ok && result.value !== null) setWritten(result.value)
  }
  const move = (by: number) => {
    const target = Math.max(0, Math.min(runs.length - 1, active + by))
    setActive(target)
    grid.current?.reveal(target)
    grid.current?.focus()
  }
  const group = 'Sync log'
  useKeys([
    { keys: 'J', label: 'Next run', group, run: () => move(1), paletteHidden: true },
    { keys: 'K', label: 'Run before', group, run: () => move(-1), paletteHidden: true },
    { keys: 'Ctrl+E', label: 'Save the sync log', group, run: () => void saveLog() },
  ])
  const body = () => {
    if (log.error !== null) return <ErrorState error={log.error} onRetry={log.refetch} />
    if (log.isLoading) return <LoadingRows count={10} label="Loading the sync log" />
    if (runs.length === 0)
      return failedOnly ? (
        <EmptyState title="Nothing failed">Every run that is kept went through.</EmptyState>
      ) : (
        <EmptyState title="Nothing yet">Each exchange with the cloud is listed here, for 90 days.</EmptyState>
      )
    return (
      <VirtualGrid
        ref={grid}
        label="Sync log"
        rowCount={Math.max(log.total, runs.length)}
        rowHeight={settings.density}
        columns={columns}
        rowAt={(index) => runs[index]}
        activeIndex={Math.min(active, Math.max(0, runs.length - 1))}
        onActiveChange={setActive}
        onRangeChange={log.want}
      />
    )
  }
  return (
    <div className={styles.log}>
      <div className={styles.bar}>
        <Checkbox
          label="Failed only"
          checked={failedOnly}
          onChange={(checked) => {
            setFailedOnly(checked)
            setActive(0)
          }}
        />
        <span className={styles.muted}>{log.isLoading ? '' : formatNoun(log.total, 'run')}</span>
        <span className={styles.space} />
        <Button icon={<Download size={14} />} busy={save.busy} keys="Ctrl+E" onClick={() => void saveLog()}>
          Save log
        </Button>
      </div>
      {save.error === null ? null : <ErrorNotice error={save.error} />}
      {written === null ? null : (
        <Notice tone="success" live title={`${written.fileName} is written`}>
          {formatNoun(written.rowCount, 'run')}, {formatBytes(written.byteSize)}. It names no person, batch or file.
          SHA-256 <HashText value={written.sha256} label="hash of the log" />
        </Notice>
      )}
      <div className={styles.grid} ref={box}>
        {body()}
      </div>
      {chosen === undefined || log.error !== null ? null : <RunDetail run={chosen} />}
    </div>
  )
}
