import SqliteDatabase from 'better-sqlite3'
import type { RunStatement } from '../../migrations/index.ts'
import { queryBuilder } from './query-builder.ts'

/** A database in memory at some point of its history. */
export interface HistoricDatabase {
  readonly run: RunStatement
  /** Runs one statement with values and hands back its rows. */
  readonly query: (sql: string, ...values: readonly unknown[]) => readonly unknown[]
}

/** An empty database, to be brought to the schema that a migration starts from. */
export function openHistoricDatabase(): HistoricDatabase {
  const connection = new SqliteDatabase(':memory:')
  const query = (sql: string, ...values: readonly unknown[]): readonly unknown[] => {
    const statement = connection.prepare(sql)
    if (statement.reader) return statement.all(...values)
    statement.run(...values)
    return []
  }
  return {
    query,
    run: (statement) => {
      const { sql, parameters } = statement.compile(queryBuilder)
      return query(sql, ...parameters)
    },
  }
}

/** Inserts a row given by its columns. */
export function insertRow(database: HistoricDatabase, table: string, row: Readonly<Record<string, unknown>>): void {
  const columns = Object.keys(row)
  database.query(
    `insert into ${table} (${columns.join(', ')}) values (${columns.map(() => '?').join(', ')})`,
    ...Object.values(row),
  )
}

/** A batch as the first migration has it. */
export const historicBatch = (number: number, more: Readonly<Record<string, unknown>> = {}) => ({
  id: `batch-${number}`,
  batch_hash: `BATCH-${number}`,
  user_id: 'recycler',
  project_id: 'project',
  standard: 'APRS',
  quantity: 2550,
  location: 'Surabaya',
  date_submitted: '2026-11-01',
  status: 'pending',
  plastic_credits: 2550,
  carbon_credits: 100,
  risk_score: number,
  risk_reasons: '[]',
  content_hash: 'hash',
  updated_at: '2026-11-01T00:00:00.000Z',
  version: 1,
  scopes: 1,
  ...more,
})
