import type { RawBuilder } from 'kysely'

/** Runs one statement of a migration inside the migration's own transaction and hands back the rows it returns. */
export type RunStatement = (statement: RawBuilder<unknown>) => readonly unknown[]

/** One step of the local database's history. Never edited once released; the next change is the next step. */
export interface Migration {
  /** File name without its ending; sorts by time. */
  readonly name: string
  /** Synchronous, so that no other work can come between two of its statements. */
  readonly up: (run: RunStatement) => void
}
