import type { BatchDetail } from '../../../shared/contract/views.ts'
import { quantityUnit } from '../../../shared/domain/standard.ts'
import { Time } from '../../app/zone.tsx'
import { Badge } from '../../ui/badge.tsx'
import { formatHundredths } from '../../ui/format.ts'
import { statusLabels } from '../../ui/status-mark.tsx'
import styles from './queue.module.css'

const findingNames = { car: 'CAR', cl: 'CL', far: 'FAR', observation: 'Obs.' } as const

/** What only the whole batch knows: findings, materiality, decisions so far. */
export function PeekDetail({ detail }: { readonly detail: BatchDetail }) {
  const unit = quantityUnit[detail.batch.standard]
  const open = detail.findings.filter(({ status }) => status === 'open' || status === 'answered')
  const { materiality } = detail
  return (
    <>
      {open.length === 0 ? null : (
        <div className={styles.block}>
          <h3 className={styles.blockTitle}>Open findings</h3>
          <ul className={styles.list}>
            {open.map((finding) => (
              <li key={finding.id} className={styles.listRow}>
                <Badge tone={finding.kind === 'car' ? 'danger' : 'warning'}>{findingNames[finding.kind]}</Badge>
                <span className={styles.listText}>
                  {finding.title}
                  {finding.status === 'answered' ? <span className={styles.muted}> answered</span> : null}
                </span>
              </li>
            ))}
          </ul>
        </div>
      )}
      {materiality.overstatement === 0 && materiality.understatement === 0 ? null : (
        <div className={styles.block}>
          <h3 className={styles.blockTitle}>
            Materiality{' '}
            {materiality.exceeded ? <Badge tone="danger">Exceeded</Badge> : <Badge tone="success">Within</Badge>}
          </h3>
          <p>
            Over {formatHundredths(materiality.overstatement, unit)}, under{' '}
            {formatHundredths(materiality.understatement, unit)}; threshold {materiality.thresholdPercent} %.
          </p>
        </div>
      )}
      {detail.decisions.length === 0 ? null : (
        <div className={styles.block}>
          <h3 className={styles.blockTitle}>Decisions</h3>
          <ul className={styles.list}>
            {detail.decisions.map((decision) => (
              <li key={decision.id}>
                <div>
                  {statusLabels[decision.toStatus]} by {decision.actorName}
                </div>
                <div className={styles.muted}>
                  {decision.reason} <Time instant={decision.decidedAt} />
                </div>
              </li>
            ))}
          </ul>
        </div>
      )}
    </>
  )
}
