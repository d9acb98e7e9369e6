import { useCallback, useEffect, useMemo, useState } from 'react'
import { type Person, seesWholeRegister } from '../../../shared/domain/person.ts'
import { actionsOf } from '../../../shared/domain/transitions.ts'
import { useDraft } from '../../app/use-draft.ts'
import { builtInViews, type QueueState, type QueueView, readOwnViews, readQueueState, riskFirst } from './queue-view.ts'

/** The most selected rows that are remembered over a restart. */
const longestSelection = 20_000

/** The state that waits for this person: auditors verify what was approved, everybody else reads or decides what is in review. */
const decidesOf = (person: Person) => (actionsOf(person).includes('verify') ? 'approved' : 'under_review')

/**
 * The state that the queue opens in.
 * @param body what was remembered; null where nothing was.
 */
export function firstQueueState(person: Person, body: string | null): QueueState {
  const standing = builtInViews(decidesOf(person))
  // Whoever works on no batch would begin with an empty queue.
  const first = seesWholeRegister(person) ? standing.find(({ id }) => id === 'all') : standing[0]
  return (
    readQueueState(body) ?? {
      viewId: first?.id ?? 'mine',
      filter: first?.filter ?? { text: '', statuses: [], standards: [], assignment: 'assigned', unsentOnly: false },
      sort: riskFirst,
      activeRow: null,
      selection: [],
      peek: true,
    }
  )
}

/** The remembered state of the queue and the views; null until both are read. */
export function useQueueState(person: Person): {
  readonly initial: QueueState | null
  readonly save: (state: QueueState) => void
  readonly views: readonly QueueView[]
  readonly setOwnViews: (views: readonly QueueView[]) => void
} {
  const draft = useDraft('queue.view')
  const viewsDraft = useDraft('queue.views')
  const [own, setOwn] = useState<readonly QueueView[] | null>(() =>
    viewsDraft.body === undefined ? null : readOwnViews(viewsDraft.body),
  )
  useEffect(() => {
    if (own === null && viewsDraft.body !== undefined) setOwn(readOwnViews(viewsDraft.body))
  }, [own, viewsDraft.body])
  const standing = useMemo(() => builtInViews(decidesOf(person)), [person])
  const views = useMemo(() => [...standing, ...(own ?? [])], [standing, own])
  const [initial, setInitial] = useState<QueueState | null>(() =>
    draft.body === undefined || own === null ? null : firstQueueState(person, draft.body),
  )
  useEffect(() => {
    if (initial === null && draft.body !== undefined && own !== null) setInitial(firstQueueState(person, draft.body))
  }, [initial, draft.body, own, person])
  const { save: saveText } = draft
  const save = useCallback(
    (state: QueueState) =>
      saveText(JSON.stringify({ ...state, selection: state.selection.slice(0, longestSelection) })),
    [saveText],
  )
  return {
    initial,
    save,
    views,
    setOwnViews: (next) => {
      setOwn(next)
      viewsDraft.save(JSON.stringify(next))
    },
  }
}
