import { CircleAlert, OctagonX } from 'lucide-react'
import type { Gate } from '../../../../shared/domain/gate.ts'
import { Button } from '../../../ui/button.tsx'
import { Checkbox } from '../../../ui/checkbox.tsx'
import { useDesk } from '../desk-context.tsx'
import styles from './decision.module.css'

/** Gates that are not open, in plain words, each with the way to what it is about. */
export function GateList({
  gates,
  acknowledged = [],
  onAcknowledge,
  onLeave,
}: {
  readonly gates: readonly Gate[]
  /** Messages that the person has ticked. */
  readonly acknowledged?: readonly string[]
  /** Given where gates can be acknowledged. */
  readonly onAcknowledge?: (message: string, ticked: boolean) => void
  /** Called before the person is led to a subject. */
  readonly onLeave?: () => void
}) {
  return (
    <ul className={styles.gates}>
      {gates.map((gate) => (
        <li key={gate.message} className={styles.gate}>
          <span className={gate.severity === 'blocks' ? styles.blocks : styles.asks}>
            {gate.severity === 'blocks' ? (
              <OctagonX size={16} aria-label="Blocks" />
            ) : (
              <CircleAlert size={16} aria-label="To be acknowledged" />
            )}
          </span>
          <div className={styles.gateText}>
            <p className={styles.gateMessage}>{gate.message}</p>
            <p className={styles.gateAction}>{gate.action}</p>
            <Subjects gate={gate} {...(onLeave === undefined ? {} : { onLeave })} />
            {gate.code === 'independence' ? <Declare {...(onLeave === undefined ? {} : { onLeave })} /> : null}
            {gate.severity === 'acknowledge' && onAcknowledge !== undefined ? (
              <Checkbox
                label="I acknowledge this"
                checked={acknowledged.includes(gate.message)}
                onChange={(ticked) => onAcknowledge(gate.message, ticked)}
              />
            ) : null}
          </div>
        </li>
      ))}
    </ul>
  )
}

/** The way out of the gate that the person opens themselves. */
function Declare({ onLeave }: { readonly onLeave?: () => void }) {
  const { declareIndependence } = useDesk()
  return (
    <div className={styles.subjects}>
      <Button
        size="small"
        onClick={() => {
          onLeave?.()
          declareIndependence()
        }}
      >
        Declare independence
      </Button>
    </div>
  )
}

/** At most this many ways are offered; the message names them all. */
const mostSubjects = 8

function Subjects({ gate, onLeave }: { readonly gate: Gate; readonly onLeave?: () => void }) {
  const { detail, goToSubject } = useDesk()
  if (gate.subjects.length === 0) return null
  const nameOf = ({ kind, id }: Gate['subjects'][number]): string => {
    switch (kind) {
      case 'finding':
        return detail.findings.find((finding) => finding.id === id)?.title ?? 'Finding'
      case 'evidence_file':
        return detail.evidence.find((file) => file.id === id)?.title ?? 'Evidence file'
      case 'criterion':
        return `Criterion ${id}`
      case 'decision':
        return 'Decision in the history'
    }
  }
  return (
    <div className={styles.subjects}>
      {gate.subjects.slice(0, mostSubjects).map((subject) => (
        <Button
          key={subject.id}
          size="small"
          onClick={() => {
            onLeave?.()
            goToSubject(subject)
          }}
        >
          {nameOf(subject)}
        </Button>
      ))}
      {gate.subjects.length > mostSubjects ? <span>and {gate.subjects.length - mostSubjects} more</span> : null}
    </div>
  )
}
