import type { CSSProperties } from 'react'
import { classNames } from './class-names.ts'
import styles from './risk-bar.module.css'

/** At and above this score a batch stands out as risky. */
const highRisk = 70
const middleRisk = 40

/** A risk score, 0 to 100, as a number and a bar. */
export function RiskBar({ score, wide = false }: { readonly score: number; readonly wide?: boolean }) {
  const width: CSSProperties & { readonly '--risk': number } = { '--risk': Math.max(0, Math.min(100, score)) }
  return (
    <span
      className={classNames(
        styles.risk,
        wide && styles.wide,
        score >= highRisk ? styles.high : score >= middleRisk && styles.middle,
      )}
      style={width}
    >
      <span className={styles.number}>{score}</span>
      <span className={styles.track} aria-hidden="true">
        <span className={styles.bar} style={{ display: 'block' }} />
      </span>
    </span>
  )
}
