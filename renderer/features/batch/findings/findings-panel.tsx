import { Plus } from 'lucide-react'
import { blocksPositiveDecision } from '../../../../shared/domain/finding.ts'
import { Button } from '../../../ui/button.tsx'
import { EmptyState } from '../../../ui/empty-state.tsx'
import { formatNoun } from '../../../ui/format.ts'
import { useDesk } from '../desk-context.tsx'
import { FindingCard } from './finding-card.tsx'
import styles from './findings.module.css'
import { MaterialityBar } from './materiality-bar.tsx'

/** The findings of the batch, those that wait first, and what they come to. */
export function FindingsPanel({
  openFinding,
  onOpenFinding,
}: {
  readonly openFinding: string | null
  readonly onOpenFinding: (findingId: string | null) => void
}) {
  const { detail, raiseFinding } = useDesk()
  const { findings } = detail
  const blocking = findings.filter(blocksPositiveDecision).length
  const rank = { open: 0, answered: 1, closed: 2, withdrawn: 3 } as const
  const ordered = findings.toSorted(
    (left, right) => rank[left.status] - rank[right.status] || (left.raisedAt < right.raisedAt ? 1 : -1),
  )
  return (
    <div className={styles.panel}>
      <div className={styles.head}>
        <span className={styles.note}>
          {findings.length === 0
            ? 'No findings'
            : `${formatNoun(findings.length, 'finding')}, ${blocking === 0 ? 'none blocks' : `${String(blocking)} blocking`} a positive decision`}
        </span>
        <Button size="small" icon={<Plus size={14} />} keys="F" onClick={raiseFinding}>
          Raise finding
        </Button>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: scrolled by keyboard */}
      <section className={styles.scroll} aria-label="Findings and materiality" tabIndex={0}>
        {findings.length === 0 ? (
          <EmptyState title="Nothing found so far">
            Press F to raise a corrective action request, a clarification, a forward action request or an observation.
          </EmptyState>
        ) : (
          <ul aria-label="Findings">
            {ordered.map((finding) => (
              <FindingCard
                key={finding.id}
                finding={finding}
                open={finding.id === openFinding}
                onToggle={() => onOpenFinding(finding.id === openFinding ? null : finding.id)}
              />
            ))}
          </ul>
        )}
        <MaterialityBar />
      </section>
    </div>
  )
}
