import type { OutboxItem, OutboxState } from '../../../shared/domain/sync-state.ts'

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

/** Fields that say nothing to a person who compares two versions. */
const silent = new Set(['id', 'version', 'updated_at', 'content_hash', 'batch_id', 'device_id'])

const words = (value: unknown): string =>
  value === null || value === undefined ? '–' : typeof value === 'string' ? value : JSON.stringify(value)

/** One field of a conflict: what I wrote and what the cloud has. */
export interface ConflictField {
  readonly name: string
  readonly mine: string
  readonly theirs: string
  readonly differs: boolean
}

/** The fields of a conflict that both sides have or in which they differ; what differs comes first. */
export function conflictFields({ mine, theirs }: Pick<OutboxItem, 'mine' | 'theirs'>): readonly ConflictField[] {
  if (theirs === null) return []
  const names = [...new Set([...Object.keys(mine), ...Object.keys(theirs)])].filter((name) => !silent.has(name))
  return names
    .map((name) => {
      const fields = { name: name.replaceAll('_', ' '), mine: words(mine[name]), theirs: words(theirs[name]) }
      return { ...fields, differs: fields.mine !== fields.theirs }
    })
    .sort((left, right) => Number(right.differs) - Number(left.differs))
}
