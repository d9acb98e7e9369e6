import { actionWords } from '../../../app/decision/action-words.ts'
import { ReasonStripBar } from '../../../app/decision/reason-strip-bar.tsx'
import { Button } from '../../../ui/button.tsx'
import { Dialog } from '../../../ui/dialog.tsx'
import { shortHash } from '../../../ui/format.ts'
import { useDesk } from '../desk-context.tsx'
import { GateList } from './gate-list.tsx'
import { type BatchDecision, gatesOf } from './use-batch-decision.ts'

/** What lies over the screen while a decision is taken: the reason strip, or why it is not possible. */
export function DecisionLayer({ decision }: { readonly decision: BatchDecision }) {
  const { detail } = useDesk()
  const { strip, refusal } = decision
  return (
    <>
      {strip.kind === 'closed' ? null : (
        <ReasonStripBar
          strip={strip}
          subject={`${detail.project.name}, ${shortHash(detail.batch.batchHash)}`}
          filterName="this batch"
          remarks={(gatesOf(detail, strip.action) ?? []).map(
            (gate) => `${gate.message} Deciding acknowledges that; it is recorded.`,
          )}
          last={decision.last}
          onStep={decision.step}
        />
      )}
      {refusal === null ? null : (
        <Dialog
          open
          onClose={decision.forgetRefusal}
          title={`${actionWords[refusal.action].command}: not possible now`}
          footer={<Button onClick={decision.forgetRefusal}>Close</Button>}
        >
          <GateList gates={refusal.gates} onLeave={decision.forgetRefusal} />
        </Dialog>
      )}
    </>
  )
}
