import { ArrowLeft, PanelRight, Pin, ShieldCheck } from 'lucide-react'
import { quantityUnit } from '../../../shared/domain/standard.ts'
import { actionWords } from '../../app/decision/action-words.ts'
import { useNow } from '../../app/use-now.ts'
import { Time } from '../../app/zone.tsx'
import { Button } from '../../ui/button.tsx'
import { formatDue, formatHundredths } from '../../ui/format.ts'
import { HashText } from '../../ui/hash-text.tsx'
import { IconButton } from '../../ui/icon-button.tsx'
import { RiskBar } from '../../ui/risk-bar.tsx'
import { StatusMark } from '../../ui/status-mark.tsx'
import { SyncMark } from '../../ui/sync-mark.tsx'
import { Tooltip } from '../../ui/tooltip.tsx'
import styles from './batch.module.css'
import { type BatchDecision, gatesOf, reasonedActions } from './decision/use-batch-decision.ts'
import { useDesk } from './desk-context.tsx'

/** What the batch is, where it stands, and what can be decided. */
export function BatchHeader({
  decision,
  panelShown,
  narrow,
  onTogglePanel,
  onBack,
}: {
  readonly decision: BatchDecision
  readonly panelShown: boolean
  /** Little room: keys and the lesser facts are left off. */
  readonly narrow: boolean
  readonly onTogglePanel: () => void
  readonly onBack: () => void
}) {
  const { detail, startSigning, togglePin } = useDesk()
  const { batch, project, assignments } = detail
  const now = useNow()
  const mine = assignments.find((assignment) => assignment.mine) ?? assignments[0]
  const due = formatDue(mine?.dueAt ?? null, now)
  const offered = reasonedActions.filter((action) => {
    const gates = gatesOf(detail, action)
    // What the stage rules out altogether is not offered; what something else forbids is, and says what.
    return gates !== null && !gates.some(({ code }) => code === 'transition' || code === 'role')
  })
  const claimable = gatesOf(detail, 'claim')?.length === 0
  const signing = gatesOf(detail, 'verify')
  const canSign = signing !== null && !signing.some(({ code }) => code === 'transition' || code === 'role')
  return (
    <header className={styles.header}>
      <div className={styles.headLine}>
        <IconButton label="Back to the queue" keys="Alt+Left" icon={<ArrowLeft size={16} />} onClick={onBack} />
        <h1 className={styles.title} title={project.name}>
          {project.name}
        </h1>
        <StatusMark status={detail.status} look="badge" />
        <SyncMark mark={detail.syncMark} labelled />
        <div className={styles.space} />
        <div className={styles.actions}>
          {claimable ? (
            <Button variant="primary" onClick={() => void decision.claim()}>
              Claim
            </Button>
          ) : null}
          {offered.map((action) => (
            <Button
              key={action}
              {...(narrow ? {} : { keys: actionWords[action].key })}
              onClick={() => decision.start(action)}
            >
              {actionWords[action].command}
            </Button>
          ))}
          {canSign ? (
            <Button
              variant="primary"
              icon={<ShieldCheck size={15} />}
              {...(narrow ? {} : { keys: 'Ctrl+Enter' })}
              onClick={startSigning}
            >
              Sign certificate
            </Button>
          ) : null}
          <IconButton
            label="Pin: keep all evidence on this computer"
            keys="Shift+P"
            pressed={detail.pinned}
            icon={<Pin size={16} />}
            onClick={togglePin}
          />
          <IconButton
            label={panelShown ? 'Hide the review panel' : 'Show the review panel'}
            keys="P"
            pressed={panelShown}
            icon={<PanelRight size={16} />}
            onClick={onTogglePanel}
          />
        </div>
      </div>
      <dl className={styles.facts}>
        <div>
          <dt>Batch</dt>
          <dd>
            <HashText value={batch.batchHash} label="batch hash" />
          </dd>
        </div>
        <div>
          <dt>Standard</dt>
          <dd>{batch.standard}</dd>
        </div>
        <div>
          <dt>Quantity</dt>
          <dd>{formatHundredths(batch.quantity, quantityUnit[batch.standard])}</dd>
        </div>
        {narrow ? null : (
          <>
            <div>
              <dt>Recycler</dt>
              <dd>{detail.recyclerOrganization ?? detail.recyclerName}</dd>
            </div>
            <div>
              <dt>Place</dt>
              <dd>{batch.location}</dd>
            </div>
          </>
        )}
        <div>
          <dt>Risk</dt>
          <dd>
            <Tooltip label={batch.riskReasons.length === 0 ? 'Nothing stands out' : batch.riskReasons.join('; ')}>
              {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the reasons are on the tooltip, and the keyboard must reach them */}
              <span tabIndex={0} className={styles.risk}>
                <RiskBar score={batch.riskScore} />
              </span>
            </Tooltip>
          </dd>
        </div>
        {mine?.dueAt === null || mine === undefined ? null : (
          <div>
            <dt>Due</dt>
            <dd className={due.urgency === 'over' ? styles.overdue : undefined}>
              <Time instant={mine.dueAt} /> {due.urgency === 'over' ? `(${due.text})` : `(in ${due.text})`}
            </dd>
          </div>
        )}
      </dl>
    </header>
  )
}
