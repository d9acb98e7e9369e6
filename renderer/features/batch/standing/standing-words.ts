import { assertNever } from '../../../../shared/assert-never.ts'
import type { GrantStanding } from '../../../../shared/contract/views.ts'

/** What a gate of grants is called. */
export function standingTitle(gate: GrantStanding['gate']): string {
  switch (gate) {
    case 'conflict_of_interest':
      return 'Conflict of interest'
    case 'accreditation':
      return 'Accreditation'
    case 'independence':
      return 'Independence'
    case 'rotation':
      return 'Rotation'
    default:
      return assertNever(gate)
  }
}

/** How a standing is marked: it lets the decision through, waits for the registry, stops it, or would if it were needed. */
export function standingMark({
  state,
  required,
}: Pick<GrantStanding, 'state' | 'required'>): 'open' | 'waiting' | 'closed' | 'idle' {
  if (state === 'in_force') return 'open'
  if (state === 'unconfirmed') return 'waiting'
  return required ? 'closed' : 'idle'
}
