import type { OutboxItem, OutboxState, Resolution, RowSyncMark } from '../../../shared/domain/sync-state.ts'

/** The tabs of the sync center. */
export type OutboxGroup = 'conflict' | 'rejected' | 'held' | 'queued' | 'sent' | 'given_up'

/** What a tab is called, which states it shows, and what is said where it is empty. */
export const outboxGroups: readonly {
  readonly group: OutboxGroup
  readonly label: string
  readonly states: readonly OutboxState[]
  readonly emptyTitle: string
  readonly emptyText: string
}[] = [
  {
    group: 'conflict',
    label: 'Conflict',
    states: ['conflict', 'waiting'],
    emptyTitle: 'No conflicts',
    emptyText: 'When somebody else changes a batch before your decision arrives, you choose here which one stands.',
  },
  {
    group: 'rejected',
    label: 'Refused',
    states: ['rejected'],
    emptyTitle: 'Nothing was refused',
    emptyText: 'A change that the cloud does not accept is kept here with the reason. Nothing is thrown away.',
  },
  {
    group: 'held',
    label: 'Held',
    states: ['held'],
    emptyTitle: 'Nothing is held',
    emptyText: 'Decisions wait here for the time that you can undo them, then they are sent.',
  },
  {
    group: 'queued',
    label: 'Queued',
    states: ['queued', 'sending'],
    emptyTitle: 'Nothing is waiting',
    emptyText: 'Changes that go with the next connection are listed here.',
  },
  {
    group: 'sent',
    label: 'Sent',
    states: ['applied'],
    emptyTitle: 'Nothing was sent yet',
    emptyText: 'What the cloud holds of your work is listed here.',
  },
  {
    group: 'given_up',
    label: 'Taken back',
    states: ['undone', 'superseded'],
    emptyTitle: 'Nothing was taken back',
    emptyText: 'Undone changes, and those you gave up in favor of the cloud’s, stay readable here.',
  },
]

/** Changes that wait for the person. */
export const parkedStates = ['conflict', 'rejected', 'waiting'] as const satisfies readonly OutboxState[]

/** The mark of a change in each state. */
export const markOf: Readonly<Record<OutboxState, RowSyncMark>> = {
  held: 'saved_here',
  queued: 'queued',
  sending: 'queued',
  applied: 'sent',
  conflict: 'conflict',
  waiting: 'conflict',
  rejected: 'rejected',
  undone: null,
  superseded: null,
}

/** What became of a change, where its mark alone does not say it. */
export function settledWords({
  state,
  resolution,
  overrides,
}: Pick<OutboxItem, 'state' | 'resolution' | 'overrides'>): string | null {
  switch (state) {
    case 'sending':
      return 'Sending, no answer yet'
    case 'waiting':
      return 'Waits for the conflict before it'
    case 'undone':
      return 'Undone'
    case 'superseded':
      return resolution === null ? 'Given up' : resolutionWords[resolution]
    default:
      return overrides ? 'Sent over the cloud’s version' : null
  }
}

const resolutionWords: Readonly<Record<Resolution, string>> = {
  taken_theirs: 'Given up for the cloud’s version',
  decide_again: 'Given up to decide again',
  sent_again: 'Replaced by a new change',
}

/** What the person was looking at in the sync center: a list, and the change of it that is opened. */
export interface SyncCenterView {
  readonly group: OutboxGroup | null
  readonly open: string | null
}

/** Reads a remembered view; what cannot be read is the beginning. */
export function readSyncCenterView(text: string | null | undefined): SyncCenterView {
  const nothing = { group: null, open: null }
  if (text === null || text === undefined) return nothing
  try {
    const saved = JSON.parse(text) as { readonly group?: unknown; readonly open?: unknown } | null
    return {
      group: outboxGroups.find(({ group }) => group === saved?.group)?.group ?? null,
      open: typeof saved?.open === 'string' ? saved.open : null,
    }
  } catch {
    return nothing
  }
}

/** The change that is shown after one was settled: the next in the list that still waits for the person, from the start again at its end. */
export function nextToSettle(items: readonly OutboxItem[], settled: string): string | null {
  const index = items.findIndex(({ mutationId }) => mutationId === settled)
  const others = [...items.slice(index + 1), ...items.slice(0, Math.max(0, index))]
  const open = others.filter(({ state }) => parkedStates.some((parked) => parked === state))
  return (open.find(({ state }) => state !== 'waiting') ?? open[0])?.mutationId ?? null
}
