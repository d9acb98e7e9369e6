import { assertNever } from '../../../../shared/assert-never.ts'
import type { BatchDetail } from '../../../../shared/contract/views.ts'
import type { DecisionAction } from '../../../../shared/domain/decision.ts'
import { Time } from '../../../app/zone.tsx'
import { EmptyState } from '../../../ui/empty-state.tsx'
import { formatHundredths, formatNoun } from '../../../ui/format.ts'
import { HashText } from '../../../ui/hash-text.tsx'
import { StatusMark } from '../../../ui/status-mark.tsx'
import { CertificateCard } from '../certificate/certificate-card.tsx'
import { outboxProblem, outboxWords } from '../certificate/certificate-states.ts'
import { useDesk } from '../desk-context.tsx'
import styles from './history.module.css'

function doneWords(action: DecisionAction): string {
  switch (action) {
    case 'claim':
      return 'Claimed'
    case 'approve':
      return 'Approved'
    case 'reject':
      return 'Rejected'
    case 'request_changes':
      return 'Changes requested'
    case 'verify':
      return 'Verified and signed'
    case 'resubmit':
      return 'Submitted again'
    case 'retire':
      return 'Retired'
    default:
      return assertNever(action)
  }
}

/** Everything that was decided on the batch, newest first, with where each decision is on its way to the cloud. */
export function HistoryPanel() {
  const { detail } = useDesk()
  const decisions = detail.decisions.toSorted((left, right) => (left.decidedAt < right.decidedAt ? 1 : -1))
  if (decisions.length === 0)
    return (
      <EmptyState title="Nothing decided yet">
        Submitted on {detail.batch.dateSubmitted} by {detail.recyclerName}.
      </EmptyState>
    )
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: scrolled by keyboard
    <section className={styles.panel} aria-label="History" tabIndex={0}>
      <ol aria-label="Decisions">
        {decisions.map((decision) => (
          <DecisionEntry key={decision.id} decision={decision} detail={detail} />
        ))}
      </ol>
    </section>
  )
}

function DecisionEntry({
  decision,
  detail,
}: {
  readonly decision: BatchDetail['decisions'][number]
  readonly detail: BatchDetail
}) {
  const certificate = detail.certificates.find(({ decisionId }) => decisionId === decision.id)
  const problem = outboxProblem(decision.outboxState)
  const undone = decision.outboxState === 'undone'
  return (
    <li className={styles.entry}>
      <div className={styles.head}>
        <span className={undone ? styles.undone : styles.what}>{doneWords(decision.action)}</span>
        <StatusMark status={decision.toStatus} />
      </div>
      <p className={styles.who}>
        {decision.actorName}, <Time instant={decision.decidedAt} />
        {decision.receivedAt === null ? ' (time claimed)' : ''}
      </p>
      <p className={styles.reason}>{decision.reason}</p>
      <p className={styles.who}>
        {decision.score === null ? null : `Score ${formatHundredths(decision.score)} of 5.00. `}
        {decision.unviewedEvidenceCount === 0
          ? null
          : `${formatNoun(decision.unviewedEvidenceCount, 'file')} not opened. `}
        {outboxWords(decision.outboxState, decision.receivedAt, decision.action === 'verify')}
        {decision.receivedAt === null ? null : (
          <>
            {' '}
            <Time instant={decision.receivedAt} />
          </>
        )}
      </p>
      {problem === null ? null : <p className={styles.problem}>{problem}</p>}
      {decision.contentHash === detail.batch.contentHash ? null : (
        <p className={styles.who}>
          Made on other contents: <HashText value={decision.contentHash} label="content hash" />
        </p>
      )}
      {certificate === undefined ? null : <CertificateCard certificate={certificate} />}
    </li>
  )
}
