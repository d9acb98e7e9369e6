import { useDeferredValue } from 'react'
import type { Person } from '../../../shared/domain/person.ts'
import { LoadingRows } from '../../ui/loading-rows.tsx'
import { QueueDesk } from './queue-desk.tsx'
import { useQueueState } from './use-queue-state.ts'

/** The queue of batches: views on the left, rows in the middle, a glance at the active row on the right. */
export function QueueScreen({
  person,
  onOpenBatch,
}: {
  readonly person: Person
  readonly onOpenBatch: (batchId: string) => void
}) {
  const state = useQueueState(person)
  // Drawn in pieces, between which the window stays live: at the first sign-in it took 100 ms in one.
  const initial = useDeferredValue(state.initial, null)
  if (initial === null) return <LoadingRows count={16} label="Loading the queue" />
  return (
    <QueueDesk
      person={person}
      initial={initial}
      views={state.views}
      onSave={state.save}
      onOwnViews={state.setOwnViews}
      onOpenBatch={onOpenBatch}
    />
  )
}
