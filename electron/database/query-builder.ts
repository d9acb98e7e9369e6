import { type Driver, DummyDriver, Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely'
import type { Tables } from './tables.ts'

/** Refuses to run anything: queries are built here and run through a handle, inside a transaction that cannot be left. */
class RefusingDriver extends DummyDriver implements Driver {
  override acquireConnection(): Promise<never> {
    throw new Error('Queries are run through a read or write handle, not through the builder')
  }
}

/** Builds typed queries for the local database. Shared by all workspaces, because it holds no state. */
export const queryBuilder: Kysely<Tables> = new Kysely<Tables>({
  dialect: {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new RefusingDriver(),
    createIntrospector: (database) => new SqliteIntrospector(database),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  },
})
