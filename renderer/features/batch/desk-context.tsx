import { createContext, useContext } from 'react'
import type { BatchDetail } from '../../../shared/contract/views.ts'
import type { Gate } from '../../../shared/domain/gate.ts'
import type { Person } from '../../../shared/domain/person.ts'
import type { DeskTab, DeskView } from './desk-view.ts'

/** What every part of the batch screen works with. */
export interface Desk {
  readonly detail: BatchDetail
  readonly person: Person
  readonly view: DeskView
  /** Paints a newer answer of the program. */
  readonly putDetail: (detail: BatchDetail) => void
  readonly openFile: (fileId: string) => void
  readonly showTab: (tab: DeskTab) => void
  readonly focusCriterion: (code: string) => void
  /** Shows a finding in the findings list. */
  readonly focusFinding: (findingId: string) => void
  /** Leads to what a gate is about. */
  readonly goToSubject: (subject: Gate['subjects'][number]) => void
  readonly raiseFinding: () => void
  readonly declareIndependence: () => void
  /** Pins the batch to this computer, or lets it go. */
  readonly togglePin: () => void
  readonly startSigning: () => void
}

/** Given by the batch screen to its parts. */
export const DeskContext = createContext<Desk | null>(null)

/** The batch screen that this part is on. */
export function useDesk(): Desk {
  const desk = useContext(DeskContext)
  if (desk === null) throw new Error('This part belongs on the batch screen')
  return desk
}
