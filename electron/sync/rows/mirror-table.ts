import type { MirroredTable } from '../../../shared/wire/rows.ts'
import type { Tables } from '../../database/tables.ts'
import type { ColumnReader } from './column-readers.ts'

/** A mirrored table, by its name here. */
export type MirrorTableName = Exclude<
  {
    readonly [Name in keyof Tables]: 'scopes' extends keyof Tables[Name] ? Name : never
  }[keyof Tables],
  never
>

/** What SQLite stores in a column of the mirror. */
export type SqliteValue = string | number | null

/** A column of the mirror: its name here, its name in the cloud, and how it is read. */
export interface MirrorColumn {
  readonly local: string
  readonly wire: string
  readonly read: ColumnReader
}

/** A mirrored table: its two names and how a row of the cloud becomes a row here. `version` and `scopes` are not among the columns. */
export interface MirrorTable {
  readonly wire: MirroredTable
  readonly local: MirrorTableName
  readonly columns: readonly MirrorColumn[]
  /** Column with the batch that the row belongs to; null for rows that belong to none, `id` for the batch itself. */
  readonly batchColumn: 'id' | 'batch_id' | null
}
