import { Download, FileText, Sheet } from 'lucide-react'
import { useMemo, useRef, useState } from 'react'
import type { WrittenReport } from '../../../shared/contract/views.ts'
import { useKeys } from '../../app/keymap/keymap.tsx'
import { useSettings } from '../../app/settings.tsx'
import { useCall } from '../../app/use-call.ts'
import { useChannel } from '../../app/use-channel.ts'
import { WrittenFile } from '../../app/written-file.tsx'
import { useZone } from '../../app/zone.tsx'
import { Button } from '../../ui/button.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { ErrorState } from '../../ui/error-state.tsx'
import { formatCount, formatNoun } from '../../ui/format.ts'
import { LoadingRows } from '../../ui/loading-rows.tsx'
import { Menu } from '../../ui/menu.tsx'
import { ErrorNotice } from '../../ui/notice.tsx'
import { ScreenHeader } from '../../ui/screen-header.tsx'
import { Segmented } from '../../ui/segmented.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { useWidth } from '../../ui/use-width.ts'
import { VirtualGrid } from '../../ui/virtual-grid.tsx'
import { nameOfPeriod, type Period, type PeriodName, periodLabels, periodOf } from './periods.ts'
import { registerColumns } from './register-columns.tsx'
import styles from './reports.module.css'

/** Rows of the preview; the file has all. */
const previewRows = 2000

/** The decisions register of a period: preview, row count, and the file with its hash. */
export function ReportsScreen() {
  const today = new Date().toISOString().slice(0, 10)
  const [period, setPeriod] = useState<Period>(() => periodOf('this_quarter', today))
  const [active, setActive] = useState(0)
  const [exporting, setExporting] = useState(false)
  const [written, setWritten] = useState<WrittenReport | null>(null)
  const { settings } = useSettings()
  const zone = useZone()
  const write = useCall('report.write')
  const inOrder = period.from !== '' && period.to !== '' && period.from <= period.to
  const register = useChannel(
    'report.decisions',
    { ...period, limit: previewRows },
    { enabled: inOrder, keepPrevious: true },
  )
  const box = useRef<HTMLDivElement>(null)
  const width = useWidth(box)
  const columns = useMemo(() => registerColumns(zone.name, width), [zone.name, width])

  const save = async (format: 'csv' | 'pdf') => {
    const result = await write.run({ ...period, format })
    if (result.ok && result.value !== null) setWritten(result.value)
  }
  const choose = (next: Period) => {
    setPeriod(next)
    setWritten(null)
    setActive(0)
  }
  useKeys([
    {
      keys: 'Ctrl+E',
      label: 'Export the register',
      group: 'Reports',
      run: () => setExporting(true),
      disabled: !inOrder,
    },
  ])

  const rows = register.data?.rows ?? []
  const total = register.data?.total ?? 0
  const body = () => {
    if (!inOrder) return <EmptyState title="Choose a period">The first day must not come after the last.</EmptyState>
    if (register.error !== null) return <ErrorState error={register.error} onRetry={register.refetch} />
    if (register.data === undefined) return <LoadingRows count={12} label="Loading the register" />
    if (rows.length === 0)
      return <EmptyState title="No decisions in this period">Choose other days, or a longer period.</EmptyState>
    return (
      <VirtualGrid
        label="Decisions register"
        rowCount={rows.length}
        rowHeight={settings.density}
        columns={columns}
        rowAt={(index) => rows[index]}
        activeIndex={active}
        onActiveChange={setActive}
      />
    )
  }
  return (
    <div className={styles.screen}>
      <ScreenHeader
        title="Decisions register"
        note={register.data === undefined ? undefined : formatNoun(total, 'decision')}
      >
        <Menu
          align="end"
          open={exporting}
          onOpenChange={setExporting}
          entries={[
            {
              kind: 'action',
              key: 'csv',
              label: 'CSV, for spreadsheets and other programs',
              icon: <Sheet size={14} />,
              onSelect: () => void save('csv'),
            },
            {
              kind: 'action',
              key: 'pdf',
              label: 'PDF, to read and to file',
              icon: <FileText size={14} />,
              onSelect: () => void save('pdf'),
            },
          ]}
          trigger={
            <Button variant="primary" icon={<Download size={14} />} keys="Ctrl+E" busy={write.busy} disabled={!inOrder}>
              Export
            </Button>
          }
        />
      </ScreenHeader>
      <div className={styles.scope}>
        <Segmented<PeriodName | 'custom'>
          label="Period"
          value={nameOfPeriod(period, today) ?? 'custom'}
          options={periodLabels}
          onChange={(name) => {
            if (name !== 'custom') choose(periodOf(name, today))
          }}
        />
        <div className={styles.date}>
          <TextField
            label="First day (UTC)"
            labelHidden
            type="date"
            value={period.from}
            onChange={(event) => choose({ ...period, from: event.target.value })}
          />
        </div>
        <div className={styles.date}>
          <TextField
            label="Last day (UTC)"
            labelHidden
            type="date"
            value={period.to}
            onChange={(event) => choose({ ...period, to: event.target.value })}
          />
        </div>
        <p className={styles.note}>
          {total > rows.length
            ? `The first ${formatCount(rows.length)} are shown; the file has all ${formatCount(total)}.`
            : 'Days are counted in UTC, both included.'}
        </p>
      </div>
      {write.error === null ? null : (
        <div className={styles.result}>
          <ErrorNotice error={write.error} />
        </div>
      )}
      {written === null ? null : (
        <div className={styles.result}>
          <WrittenFile file={written} counted="Rows" onClose={() => setWritten(null)} />
        </div>
      )}
      <div className={styles.grid} ref={box}>
        {body()}
      </div>
    </div>
  )
}
