import { formatNoun } from '../../ui/format.ts'
import type { QueueAction } from './reason-strip.ts'

/** What each decision is called: as a command, as done, and its key. */
export const actionWords: Readonly<
  Record<QueueAction, { readonly command: string; readonly done: string; readonly key: string }>
> = {
  approve: { command: 'Approve', done: 'Approved', key: 'A' },
  reject: { command: 'Reject', done: 'Rejected', key: 'R' },
  request_changes: { command: 'Request changes', done: 'Requested changes for', key: 'Q' },
}

/** So many batches, in words. */
export const batches = (count: number): string => formatNoun(count, 'batch', 'batches')
