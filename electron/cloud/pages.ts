import { z } from 'zod'
import { bootstrapPage, pullPage } from '../../shared/wire/sync.ts'
import type { RowList } from './received-list.ts'

/** A row of the cloud as it arrived. */
export type ReceivedRow = Readonly<Record<string, unknown>>

/** A page of rows as it arrived: the frame is checked here, each row where it is written. */
export interface BootstrapPage {
  readonly snapshot: string
  readonly rows: RowList<ReceivedRow>
  readonly next: string | null
  readonly total: number | null
}

/** One change of the feed. */
export interface PulledChange {
  readonly table: string
  readonly id: string
  readonly op: 'U' | 'R'
  readonly version: number
  readonly row: ReceivedRow | null
}

/** Where the next page of a pull begins. */
export interface PullPosition {
  readonly xid: string
  readonly table: string
  readonly id: string
}

/** A page of changes between two snapshots. */
export interface PullPage {
  readonly upto: string
  readonly changes: RowList<PulledChange>
  readonly next: PullPosition | null
}

/** The frame of a page of rows. A row's own shape is checked where it is written, so that one bad row does not refuse the page. */
export const bootstrapFrame = bootstrapPage.extend({ rows: z.array(z.custom<Record<string, unknown>>(isRecord)) })

/** As for a page of rows: changes are checked one by one where they are written. */
export const pullFrame = pullPage.extend({
  changes: z.array(z.custom<PulledChange>(isChange)),
  next: z.object({ xid: z.string().regex(/^\d{1,20}$/), table: z.string(), id: z.guid() }).nullable(),
})

/** True for an object, which is all that is asked of a row before its table is known. */
export function isRecord(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** True for a change of the feed; its row's own shape is checked where it is written. */
export function isChange(value: unknown): boolean {
  if (!isRecord(value)) return false
  const change = value as Partial<Record<keyof PulledChange, unknown>>
  return (
    typeof change.table === 'string' &&
    typeof change.id === 'string' &&
    (change.op === 'U' || change.op === 'R') &&
    typeof change.version === 'number' &&
    (change.row === null || isRecord(change.row))
  )
}
