import { type RawBuilder, sql } from 'kysely'

/**
 * A list as one parameter, for `where id in`: the SQL stays the same for every length, so its statement stays prepared, and
 * SQLite's limit of 32,766 parameters is never met.
 */
export const listOf = <Value extends string | number>(values: Iterable<Value>): RawBuilder<Value> =>
  sql<Value>`(select value from json_each(${JSON.stringify([...values])}))`
