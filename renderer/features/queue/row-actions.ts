import type { BatchListRow } from '../../../shared/contract/views.ts'
import { bulkApprovalRiskLimit } from '../../../shared/domain/gates.ts'
import type { Person } from '../../../shared/domain/person.ts'
import { nextStatus } from '../../../shared/domain/transitions.ts'
import { batches } from '../../app/decision/action-words.ts'
import type { QueueAction } from '../../app/decision/reason-strip.ts'
import { formatNoun } from '../../ui/format.ts'

const queueActions: readonly QueueAction[] = ['approve', 'reject', 'request_changes']

/** What this person may do with a row, by the transition table alone; the program asks the other gates. */
export const actionsFor = (row: BatchListRow, person: Person): readonly QueueAction[] =>
  queueActions.filter((action) => nextStatus(row.status, action, person) !== null)

/** True when this person may take the row from the pool. */
export const isClaimable = (row: BatchListRow, person: Person): boolean =>
  nextStatus(row.status, 'claim', person) !== null

/** What is said beforehand: what the decision acknowledges, and what will be refused and why. */
export function remarksOn(action: QueueAction, rows: readonly BatchListRow[], person: Person): readonly string[] {
  const able = rows.filter((row) => nextStatus(row.status, action, person) !== null)
  const unable = rows.length - able.length
  const risky =
    action === 'approve' && rows.length > 1 ? able.filter((row) => row.riskScore >= bulkApprovalRiskLimit).length : 0
  const unviewed = able.filter((row) => row.viewedCount < row.evidenceCount)
  const files = unviewed.reduce((sum, row) => sum + row.evidenceCount - row.viewedCount, 0)
  return [
    files === 0
      ? ''
      : `You have not opened ${formatNoun(files, 'evidence file')}${rows.length === 1 ? '' : ` in ${batches(unviewed.length)}`}. Deciding acknowledges that; it is recorded.`,
    unable === 0 ? '' : `${batches(unable)} will be refused: their state does not allow this decision by you.`,
    risky === 0
      ? ''
      : `${batches(risky)} will be refused: from risk ${String(bulkApprovalRiskLimit)} on, each is approved alone.`,
  ].filter((remark) => remark !== '')
}
