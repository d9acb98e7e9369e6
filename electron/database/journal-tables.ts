import type { Generated } from 'kysely'

// The journal of synchronization: figures and codes, nothing about people or content. Bounded, see `electron/sync-journal`.

/** One synchronization, one transfer of files, or a stretch of synchronizations in which nothing happened. */
export interface SyncRunTable {
  readonly run: Generated<number>
  readonly kind: string
  readonly started_at: string
  readonly ended_at: string | null
  readonly milliseconds: Generated<number>
  readonly outcome: string
  readonly error_code: string | null
  readonly attempt: number
  readonly quiet_runs: Generated<number>
  readonly clock_offset_ms: number | null
  readonly exchanges: Generated<number>
  readonly rows_in: Generated<number>
  readonly rows_out: Generated<number>
  readonly bytes_in: Generated<number>
  readonly bytes_out: Generated<number>
}

/** One exchange with the cloud in a run. `scope` is the kind of the scope alone. */
export interface SyncExchangeTable {
  readonly exchange: Generated<number>
  readonly run: number
  readonly kind: string
  readonly scope: string | null
  readonly table_name: string | null
  readonly started_at: string
  readonly milliseconds: number
  readonly http_status: number | null
  readonly rows_in: number
  readonly rows_out: number
  readonly bytes_in: number
  readonly bytes_out: number
  readonly outcome: string
  readonly error_code: string | null
}

/** A comparison of this copy with the cloud; `differences` is JSON, one entry for each table of a scope that differed. */
export interface CopyCheckTable {
  readonly id: Generated<number>
  readonly checked_at: string
  readonly outcome: string
  readonly tables: number
  readonly rows: number
  readonly milliseconds: number
  readonly differences: string
}
