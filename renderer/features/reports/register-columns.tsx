import type { RegisterRow } from '../../../shared/contract/views.ts'
import { quantityUnit } from '../../../shared/domain/standard.ts'
import { Badge } from '../../ui/badge.tsx'
import { formatHundredths, formatInstant, shortHash } from '../../ui/format.ts'
import { StatusMark } from '../../ui/status-mark.tsx'
import type { GridColumn } from '../../ui/virtual-grid-row.tsx'
import styles from './reports.module.css'

/** The columns of the decisions register that fit into a width in pixels; times in the given zone. */
export const registerColumns = (zone: string, width: number): readonly GridColumn<RegisterRow>[] => {
  const all: readonly (GridColumn<RegisterRow> & { readonly from?: number })[] = [
    { key: 'decidedAt', header: 'Decided', width: '128px', cell: (row) => formatInstant(row.decidedAt, zone) },
    { key: 'toStatus', header: 'Decision', width: '142px', cell: (row) => <StatusMark status={row.toStatus} /> },
    { key: 'project', header: 'Project', width: 'minmax(140px, 2fr)', cell: (row) => row.projectName },
    {
      key: 'reason',
      from: 940,
      header: 'Reason',
      width: 'minmax(140px, 2fr)',
      cell: (row) => <span className={styles.muted}>{row.reason}</span>,
    },
    {
      key: 'standard',
      header: 'Standard',
      width: '72px',
      cell: (row) => (row.standard === null ? '–' : <Badge>{row.standard}</Badge>),
    },
    {
      key: 'quantity',
      header: 'Quantity',
      width: '112px',
      align: 'end',
      cell: (row) =>
        row.standard === null || row.quantity === null
          ? '–'
          : formatHundredths(row.quantity, quantityUnit[row.standard]),
    },
    {
      key: 'score',
      header: 'Score',
      width: '44px',
      align: 'end',
      from: 1280,
      cell: (row) => (row.score === null ? <span className={styles.muted}>–</span> : formatHundredths(row.score)),
    },
    { key: 'actor', header: 'By', width: 'minmax(96px, 1fr)', cell: (row) => row.actorName },
    {
      key: 'certificate',
      header: 'Certificate',
      width: '168px',
      from: 1180,
      cell: (row) =>
        row.certificateNumber === null ? (
          <span className={styles.muted}>–</span>
        ) : (
          <span className={styles.mono}>{row.certificateNumber}</span>
        ),
    },
    {
      key: 'received',
      header: 'In the cloud',
      width: '88px',
      from: 1040,
      cell: (row) =>
        row.receivedAt === null ? <Badge tone="warning">Not yet</Badge> : <span className={styles.muted}>Yes</span>,
    },
    {
      key: 'batch',
      header: 'Batch',
      width: '176px',
      from: 1520,
      cell: (row) => (
        <span className={styles.mono} title={row.batchHash}>
          {shortHash(row.batchHash)}
        </span>
      ),
    },
  ]
  return all.filter((column) => (column.from ?? 0) <= width)
}
