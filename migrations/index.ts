import type { Kysely } from 'kysely'
import { up as createMirror } from './20261120T0900-create-mirror.ts'
import { up as createWork } from './20261120T0910-create-work.ts'
import { up as createSearch } from './20261120T0920-create-search.ts'

/** One step of the local database's history. Never edited once released; the next change is the next step. */
export interface Migration {
  /** File name without its ending; sorts by time. */
  readonly name: string
  readonly up: (database: Kysely<unknown>) => Promise<void>
}

/** Every migration in the order in which it is applied. Explicit, so that a bundler cannot lose one. */
export const migrations: readonly Migration[] = [
  { name: '20261120T0900-create-mirror', up: createMirror },
  { name: '20261120T0910-create-work', up: createWork },
  { name: '20261120T0920-create-search', up: createSearch },
]
