import type { Gate } from '../../../../shared/domain/gate.ts'
import { formatHundredths } from '../../../ui/format.ts'
import { Notice } from '../../../ui/notice.tsx'
import { GateList } from '../decision/gate-list.tsx'
import { useDesk } from '../desk-context.tsx'
import styles from './certificate.module.css'

/** What stands in the way of a certificate. Blocking gates end here; the others want a tick. */
export function CheckStep({
  gates,
  acknowledged,
  onAcknowledge,
  onLeave,
}: {
  readonly gates: readonly Gate[]
  readonly acknowledged: readonly string[]
  readonly onAcknowledge: (message: string, ticked: boolean) => void
  readonly onLeave: () => void
}) {
  const { detail } = useDesk()
  const { materiality, scoreHundredths } = detail
  return (
    <div className={styles.column}>
      <h3 className={styles.sectionTitle}>Before you sign</h3>
      {gates.length === 0 ? (
        <Notice tone="success" title="Nothing stands in the way">
          Every criterion is scored, every file was viewed, and no finding is open.
        </Notice>
      ) : (
        <GateList gates={gates} acknowledged={acknowledged} onAcknowledge={onAcknowledge} onLeave={onLeave} />
      )}
      {materiality.exceeded ? (
        <Notice tone="warning" title="Misstatements are over the materiality threshold">
          An unmodified opinion will hardly be right. Choose the opinion accordingly.
        </Notice>
      ) : null}
      <p className={styles.note}>
        Your score: {scoreHundredths === null ? 'none yet' : `${formatHundredths(scoreHundredths)} of 5.00`}
      </p>
    </div>
  )
}
