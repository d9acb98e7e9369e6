import type { CSSProperties } from 'react'
import { quantityUnit } from '../../../../shared/domain/standard.ts'
import { Badge } from '../../../ui/badge.tsx'
import { classNames } from '../../../ui/class-names.ts'
import { formatHundredths } from '../../../ui/format.ts'
import { useDesk } from '../desk-context.tsx'
import styles from './findings.module.css'
import { materialityLines, thresholdAt, thresholdQuantity } from './materiality-bars.ts'

/** Misstatements of open findings against the materiality threshold: bars, and the same figures as a table. */
export function MaterialityBar() {
  const { detail } = useDesk()
  const { batch, materiality } = detail
  const unit = quantityUnit[batch.standard]
  const lines = materialityLines(materiality, batch.quantity)
  const mark: CSSProperties & { readonly '--threshold': string } = { '--threshold': `${String(thresholdAt * 100)}%` }
  return (
    <section className={styles.materiality} aria-label="Materiality">
      <div className={styles.materialityHead}>
        <h3 className={styles.sectionTitle}>Materiality</h3>
        {materiality.exceeded ? (
          <Badge tone="danger">Over the threshold</Badge>
        ) : (
          <Badge tone="success">Below the threshold</Badge>
        )}
      </div>
      <table className={styles.materialityTable}>
        <thead>
          <tr>
            <th scope="col">Misstatement</th>
            <td />
            <th scope="col">{unit}</th>
            <th scope="col">Share</th>
          </tr>
        </thead>
        <tbody>
          {lines.map((line) => {
            const length: CSSProperties & { readonly '--length': string } = {
              '--length': `${String(line.length * 100)}%`,
            }
            return (
              <tr key={line.label}>
                <th scope="row">{line.label}</th>
                <td className={styles.barCell} aria-hidden="true">
                  <span className={styles.track} style={mark}>
                    <span className={classNames(styles.bar, line.over && styles.barOver)} style={length} />
                  </span>
                </td>
                <td>{formatHundredths(line.amount)}</td>
                <td>{line.share === null ? '–' : `${formatHundredths(line.share)} %`}</td>
              </tr>
            )
          })}
          <tr>
            <th scope="row">Threshold</th>
            <td aria-hidden="true" />
            <td>{formatHundredths(thresholdQuantity(batch.quantity, materiality.thresholdPercent))}</td>
            <td>{`${formatHundredths(materiality.thresholdPercent * 100)} %`}</td>
          </tr>
        </tbody>
      </table>
      <p className={styles.note}>Counts findings that are open or answered. Over and under do not excuse each other.</p>
    </section>
  )
}
