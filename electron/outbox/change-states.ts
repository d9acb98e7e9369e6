import { type OutboxState, outboxStates } from '../../shared/domain/sync-state.ts'

/** Changes that will reach the cloud by themselves: their rows are laid over the mirror. */
export const liveStates = ['held', 'queued', 'sending'] as const satisfies readonly OutboxState[]

/** Changes that wait for the person: the cloud's rows are shown, with a mark, and the change stays in the sync center. */
export const parkedStates = ['conflict', 'rejected', 'waiting'] as const satisfies readonly OutboxState[]

/** Everything whose fate is open. */
export const unsettledStates: readonly OutboxState[] = [...liveStates, ...parkedStates]

/** The same for `state in (…)` of a raw statement. */
export const listOfUnsettled = unsettledStates.map((state) => `'${state}'`).join(', ')

/** Reads a state out of the database, whose check allows no other. */
export function toOutboxState(text: string): OutboxState {
  const state = outboxStates.find((known) => known === text)
  if (state === undefined) throw new Error(`Unknown outbox state ${text}`)
  return state
}
