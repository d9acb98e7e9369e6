import type { ClientBase } from 'pg'

/** Names the database, so that files of one are never taken for leftovers of another. */
export const readDatabaseIdentity = async (client: ClientBase): Promise<string> => {
  const { rows } = await client.query<{ id: string }>(
    `select system_identifier || '-' || (select oid from pg_database where datname = current_database()) as id
     from pg_control_system()`,
  )
  const id = rows[0]?.id
  if (id === undefined) throw new Error('a database has an identifier')
  return id
}
