import { CircleAlert, ExternalLink, Flag, Hand, X } from 'lucide-react'
import { memo } from 'react'
import type { BatchDetail, BatchListRow } from '../../../shared/contract/views.ts'
import type { Gate } from '../../../shared/domain/gate.ts'
import { quantityUnit } from '../../../shared/domain/standard.ts'
import { actionWords } from '../../app/decision/action-words.ts'
import type { QueueAction } from '../../app/decision/reason-strip.ts'
import { useChannel } from '../../app/use-channel.ts'
import { Time } from '../../app/zone.tsx'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Facts } from '../../ui/facts.tsx'
import { formatHundredths } from '../../ui/format.ts'
import { HashText } from '../../ui/hash-text.tsx'
import { IconButton } from '../../ui/icon-button.tsx'
import { ErrorNotice } from '../../ui/notice.tsx'
import { RiskBar } from '../../ui/risk-bar.tsx'
import { ScrollRegion } from '../../ui/scroll-region.tsx'
import { StatusMark, statusLabels } from '../../ui/status-mark.tsx'
import { SyncMark } from '../../ui/sync-mark.tsx'
import { PeekDetail } from './peek-detail.tsx'
import styles from './queue.module.css'

/** The batch of the active row at a glance: why it is risky first, then what stands in the way, then the facts. */
export const Peek = memo(function Peek({
  row,
  actions,
  claimable,
  onOpen,
  onDecide,
  onClaim,
  onClose,
}: {
  readonly row: BatchListRow | undefined
  /** What this person may do with the row as it is. */
  readonly actions: readonly QueueAction[]
  readonly claimable: boolean
  readonly onOpen: () => void
  readonly onDecide: (action: QueueAction) => void
  readonly onClaim: () => void
  readonly onClose: () => void
}) {
  const detail = useChannel('batch.get', { batchId: row?.id ?? '' }, { enabled: row !== undefined })
  if (row === undefined) return <EmptyState title="No batch chosen">Move to a row to see it here.</EmptyState>
  const blocked = gatesInTheWay(detail.data, actions)
  return (
    <div className={styles.peek}>
      <header className={styles.peekHead}>
        <div className={styles.peekTop}>
          <StatusMark status={row.status} look="badge" />
          <Badge>{row.standard}</Badge>
          <SyncMark mark={row.syncMark} labelled />
          {detail.data?.pinned === true ? <Badge>Pinned</Badge> : null}
          <span className={styles.footText} />
          <IconButton size="small" label="Close peek" keys="Space" icon={<X size={14} />} onClick={onClose} />
        </div>
        <h2 className={styles.peekTitle}>{row.projectName}</h2>
        <div className={styles.muted}>
          {row.recyclerName}, {row.location}
        </div>
        <HashText value={row.batchHash} label="batch number" />
      </header>
      <ScrollRegion className={styles.peekBody} label={`Summary of ${row.projectName}`}>
        <div className={styles.block}>
          <h3 className={styles.blockTitle}>Risk</h3>
          <RiskBar score={row.riskScore} wide />
          <Risks detail={detail.data} row={row} />
        </div>
        {blocked.length === 0 ? null : (
          <div className={styles.block}>
            <h3 className={styles.blockTitle}>In the way of a decision</h3>
            <ul className={styles.list}>
              {blocked.map((gate) => (
                <li key={`${gate.code}${gate.message}`} className={styles.listRow}>
                  <span className={gate.severity === 'blocks' ? styles.over : styles.soon}>
                    <CircleAlert size={14} aria-hidden="true" />
                  </span>
                  <span className={styles.listText}>
                    {gate.message}
                    <span className={styles.muted}> {gate.action}</span>
                  </span>
                </li>
              ))}
            </ul>
          </div>
        )}
        <div className={styles.block}>
          <h3 className={styles.blockTitle}>Facts</h3>
          <Facts
            rows={[
              ['Quantity', formatHundredths(row.quantity, quantityUnit[row.standard])],
              ['Submitted', row.dateSubmitted],
              ['Due', row.dueAt === null ? null : <Time key="due" instant={row.dueAt} />],
              [
                'Evidence',
                row.evidenceCount === 0 ? 'None' : `${String(row.viewedCount)} of ${String(row.evidenceCount)} viewed`,
              ],
              ['Score', row.score === null ? null : `${formatHundredths(row.score)} of 5.00`],
            ]}
          />
        </div>
        {detail.error === null ? null : <ErrorNotice error={detail.error} />}
        {detail.data === undefined ? null : <PeekDetail detail={detail.data} />}
      </ScrollRegion>
      <footer className={styles.peekFoot}>
        <Button variant="primary" icon={<ExternalLink size={14} />} keys="Enter" onClick={onOpen}>
          Open
        </Button>
        {claimable ? (
          <Button icon={<Hand size={14} />} keys="C" onClick={onClaim}>
            Claim
          </Button>
        ) : null}
        {actions.map((action) => (
          <Button key={action} keys={actionWords[action].key} onClick={() => onDecide(action)}>
            {actionWords[action].command}
          </Button>
        ))}
        {actions.length === 0 && !claimable ? (
          <span className={styles.muted}>
            <Flag size={12} aria-hidden="true" style={{ display: 'inline', marginInlineEnd: 6 }} />
            {`Nothing to decide for you: ${statusLabels[row.status].toLowerCase()}.`}
          </span>
        ) : null}
      </footer>
    </div>
  )
})

function Risks({ detail, row }: { readonly detail: BatchDetail | undefined; readonly row: BatchListRow }) {
  const reasons = detail?.batch.riskReasons ?? (row.riskReason === null ? [] : [row.riskReason])
  if (reasons.length === 0) return <p className={styles.muted}>Nothing stands out.</p>
  return (
    <ol className={styles.list}>
      {reasons.map((reason, index) => (
        <li key={reason} className={styles.listRow}>
          <span className={styles.number}>{index + 1}</span>
          <span className={styles.listText}>{reason}</span>
        </li>
      ))}
    </ol>
  )
}

const gatesInTheWay = (detail: BatchDetail | undefined, actions: readonly QueueAction[]): readonly Gate[] => {
  const offered: readonly string[] = [...actions, 'verify']
  const gates = (detail?.actions ?? []).filter(({ action }) => offered.includes(action)).flatMap((entry) => entry.gates)
  return gates.filter((gate, index) => gates.findIndex((other) => other.message === gate.message) === index)
}
