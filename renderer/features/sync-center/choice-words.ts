import type { ChangeComparison } from '../../../shared/contract/outbox-views.ts'
import { parkedStates } from './outbox-groups.ts'

/** One way to settle a parked change: what it is called, what it does, and why it is not possible now, if it is not. */
export interface Choice {
  readonly choice: 'keep' | 'take_theirs' | 'decide_again'
  readonly keys: string
  readonly label: string
  readonly text: string
  readonly refused: string | null
  /** The one that is offered first. */
  readonly offered: boolean
}

/** The choices for a parked change; none for one that is not parked. */
export function choicesFor(comparison: ChangeComparison): readonly Choice[] {
  const { item, notKept, contentChanged } = comparison
  if (!parkedStates.some((state) => state === item.state)) return []
  const conflict = item.state === 'conflict'
  const decides = item.kind === 'decision.record'
  const noBatch =
    item.batchPlace === 'absent' ? 'The batch is not on this computer any more, so nothing can be decided on it.' : null
  return [
    {
      choice: 'keep',
      keys: 'M',
      label: conflict ? 'Keep mine' : 'Send mine again',
      text: conflict
        ? 'Sends your change again, on the cloud’s newest version. The log, and the change itself, say that it was sent over the cloud’s.'
        : 'Sends your change again as a new one, on the cloud’s newest version. The refused one stays readable.',
      refused: notKept === null ? null : `${notKept.message} ${notKept.action ?? ''}`.trim(),
      offered: false,
    },
    {
      choice: 'take_theirs',
      keys: 'T',
      label: conflict ? 'Take theirs' : 'Give mine up',
      text: 'The cloud’s row stands. Yours is not sent and stays readable under Taken back; it can be taken up again until you make a new one.',
      refused: null,
      offered: false,
    },
    {
      choice: 'decide_again',
      keys: 'D',
      label: decides ? 'Decide again' : 'Make it again',
      text: decides
        ? 'Gives this one up and opens the batch as it is now, with your reason at hand, for a new decision on it.'
        : 'Gives this one up and opens the batch as it is now, with what you said at hand, to make it anew.',
      refused: noBatch,
      offered: noBatch === null && (contentChanged || notKept !== null),
    },
  ]
}
