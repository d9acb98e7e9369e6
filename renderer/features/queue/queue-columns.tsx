import { Check, TriangleAlert } from 'lucide-react'
import type { BatchListRow } from '../../../shared/contract/views.ts'
import { quantityUnit } from '../../../shared/domain/standard.ts'
import { Badge } from '../../ui/badge.tsx'
import { classNames } from '../../ui/class-names.ts'
import { formatDue, formatHundredths, shortHash } from '../../ui/format.ts'
import { RiskBar } from '../../ui/risk-bar.tsx'
import { StatusMark } from '../../ui/status-mark.tsx'
import { SyncMark } from '../../ui/sync-mark.tsx'
import type { GridColumn } from '../../ui/virtual-grid-row.tsx'
import styles from './queue.module.css'

type Column = GridColumn<BatchListRow>

/** How much room the grid has, which decides on its columns. */
export type GridRoom = 'narrow' | 'medium' | 'wide'

/** The columns that fit, in order. Keep the answer between renderings. `now` is in milliseconds, for deadlines. */
export function queueColumns(room: GridRoom, now: number, onToggle: (index: number) => void): readonly Column[] {
  const select: Column = {
    key: 'select',
    header: 'Selected',
    headerHidden: true,
    width: '16px',
    cell: (_row, { index, selected }) => (
      // The row has the keyboard (X); the box is for the pointer alone.
      <span
        className={styles.select}
        aria-hidden="true"
        onPointerDown={(event) => event.stopPropagation()}
        onClick={(event) => {
          event.stopPropagation()
          onToggle(index)
        }}
      >
        <span className={classNames(styles.box, selected && styles.boxOn)}>
          <Check size={12} strokeWidth={3} />
        </span>
      </span>
    ),
  }
  const risk: Column = {
    key: 'risk',
    header: 'Risk',
    width: '62px',
    sortable: true,
    cell: (row) => <RiskBar score={row.riskScore} />,
  }
  const status: Column = {
    key: 'status',
    header: 'Status',
    width: '142px',
    sortable: true,
    cell: (row) => <StatusMark status={row.status} />,
  }
  const project: Column = {
    key: 'project',
    header: 'Project',
    width: 'minmax(128px, 3fr)',
    sortable: true,
    cell: (row) => (
      <>
        <span className={styles.project}>{row.projectName}</span>
        <span className={styles.second}>{row.recyclerName}</span>
      </>
    ),
  }
  const place: Column = {
    key: 'location',
    header: 'Place',
    width: 'minmax(96px, 1fr)',
    cell: (row) => <span className={styles.muted}>{row.location}</span>,
  }
  const standard: Column = {
    key: 'standard',
    header: 'Standard',
    width: '64px',
    cell: (row) => <Badge>{row.standard}</Badge>,
  }
  const quantity: Column = {
    key: 'quantity',
    header: 'Quantity',
    width: '100px',
    align: 'end',
    sortable: true,
    cell: (row) => formatHundredths(row.quantity, quantityUnit[row.standard]),
  }
  const due: Column = {
    key: 'due',
    header: 'Due',
    width: '62px',
    sortable: true,
    cell: (row) => {
      const due = formatDue(row.dueAt, now)
      return (
        <span className={due.urgency === 'over' ? styles.over : due.urgency === 'soon' ? styles.soon : styles.muted}>
          {due.text}
        </span>
      )
    },
  }
  const viewed: Column = {
    key: 'viewed',
    header: 'Viewed',
    width: '46px',
    align: 'end',
    cell: (row) => (
      <span className={row.viewedCount < row.evidenceCount ? undefined : styles.muted}>
        {row.evidenceCount === 0 ? '–' : `${String(row.viewedCount)}/${String(row.evidenceCount)}`}
      </span>
    ),
  }
  const findings: Column = {
    key: 'findings',
    header: 'Findings',
    width: '52px',
    align: 'end',
    cell: (row) =>
      row.openFindings === 0 ? (
        <span className={styles.muted}>–</span>
      ) : (
        <Badge tone="warning">{row.openFindings}</Badge>
      ),
  }
  const score: Column = {
    key: 'score',
    header: 'Score',
    width: '44px',
    align: 'end',
    cell: (row) => (row.score === null ? <span className={styles.muted}>–</span> : formatHundredths(row.score)),
  }
  const marks: Column = {
    key: 'mark',
    header: 'Sync',
    width: '36px',
    cell: (row) => (
      <span className={styles.marks}>
        <SyncMark mark={row.syncMark} />
        {row.stale ? (
          <span
            className={styles.stale}
            role="img"
            aria-label="Changed in the cloud"
            title="Changed in the cloud since you decided"
          >
            <TriangleAlert size={14} />
          </span>
        ) : null}
      </span>
    ),
  }
  const hash: Column = {
    key: 'batch_hash',
    header: 'Batch',
    width: '176px',
    sortable: true,
    cell: (row) => (
      <span className={styles.hash} title={row.batchHash}>
        {shortHash(row.batchHash)}
      </span>
    ),
  }
  switch (room) {
    case 'narrow':
      return [select, risk, status, project, quantity, due, marks]
    case 'medium':
      return [select, risk, status, project, standard, quantity, due, viewed, findings, marks]
    case 'wide':
      return [select, risk, status, project, place, standard, quantity, due, viewed, findings, score, marks, hash]
  }
}
